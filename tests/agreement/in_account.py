"""What the tools that read an account say: the merge function, `check`, `report --bucket` and `audit`, on moto."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from iconik_construct.placement.handler import index
from iconik_construct.placement.handler.claim import PLACE
from iconik_construct.placement.handler.writer import backoff, calls
from iconik_construct.placement.handler.writer.merge import MergeError
from tests.agreement.cases import ACCOUNT, ACLS, AWS_MANAGED, OUR_KEY, OURS, PUBLIC_ACL, REGION, Case, Statement
from tests.agreement.forms import bucket_name, named, verdict_of_ids
from tests.agreement.in_templates import command

__all__ = ["Account", "account"]

_STACK: Final = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/Media/6f0e4d57"
_READS: Final = ("Describe", "Get", "Head", "List")
_RULE: Final = re.compile(r"^(ICONIK\d{3}): ")


@contextlib.contextmanager
def account() -> Iterator[Account]:
    """Yield an account on moto, in which time does not pass for the function."""
    import boto3  # noqa: PLC0415 - the other tests do not wait for it
    from botocore.client import BaseClient  # noqa: PLC0415
    from moto import mock_aws  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setattr(backoff, "sleep", lambda _seconds: None)
        # Making a client takes a hundred times as long as a call of moto's.
        make = functools.cache(_made_by(boto3.session.Session.client))
        patch.setattr(boto3.session.Session, "client", lambda _self, service, *_args, **_more: make(service))
        patch.setattr(calls, "client", make)
        found = Account(make)
        original = BaseClient._make_api_call  # type: ignore[attr-defined]

        def called(self: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
            return found.answer(operation, parameters, lambda: original(self, operation, parameters))

        patch.setattr(BaseClient, "_make_api_call", called)
        with mock_aws():
            yield found


def _made_by(make: Any) -> Any:
    def client(service: str) -> Any:
        import boto3  # noqa: PLC0415

        return make(boto3.session.Session(), service, region_name=REGION)

    return client


class _Run:
    def get_remaining_time_in_millis(self) -> int:
        return 300_000


class Account:
    """The account with a bucket for each case, adopted where that is possible."""

    def __init__(self, make: Any) -> None:
        self._make = make
        self._names: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._answers: dict[str, Any] | None = None

    def answer(self, operation: str, parameters: Mapping[str, Any], ask: Any) -> Any:
        """Return the answer to a call. Once all is made, reads are answered once for all commands."""
        if self._answers is not None and operation.startswith(_READS):
            key = json.dumps([operation, parameters], default=str)
            if key not in self._answers:
                try:
                    self._answers[key] = ask()
                except Exception as error:  # noqa: BLE001 - an answer, too
                    self._answers[key] = error
            found = self._answers[key]
            if isinstance(found, Exception):
                raise found
        else:
            found = ask()
        if operation == "DescribeKey":
            # moto takes seconds to make a symmetric key, and none to make one of another kind.
            found["KeyMetadata"].update(KeySpec="SYMMETRIC_DEFAULT", KeyUsage="ENCRYPT_DECRYPT")
        return found

    def fill(self, cases: Sequence[Case]) -> dict[str, str]:
        """Make the bucket and the key of each case, and return the verdict of the merge function where it merges."""
        merged: dict[str, str] = {}
        for number, case in enumerate(cases):
            name = self._names[case.name] = bucket_name(number)
            said = self._bucket(case, name, number)
            said += self._key(case, name, number)
            if said:
                verdicts = set(said)
                bad = "not_good" if "not_good" in verdicts else "unknown" if "unknown" in verdicts else "good"
                merged[case.name] = bad
        self._answers = {}
        return merged

    def _bucket(self, case: Case, name: str, number: int) -> list[str]:
        s3 = self._make("s3")
        has_acls = case.settings in (PUBLIC_ACL, ACLS)
        s3.create_bucket(
            Bucket=name,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectOwnership="ObjectWriter" if has_acls else "BucketOwnerEnforced",
            **({"ACL": "public-read"} if case.settings == PUBLIC_ACL else {}),
        )
        ours = [each for each in case.bucket if each in OURS]
        foreign = named([each for each in case.bucket if each not in OURS], number)
        if case.is_lacking or not ours:
            self._put_bucket(name, named(case.bucket, number))
            return []
        if foreign:
            self._put_bucket(name, foreign)
        return [self._merge({"BucketName": name}, named(ours, number))]

    def _put_bucket(self, name: str, statements: Sequence[Statement]) -> None:
        document = {"Version": "2012-10-17", "Statement": statements}
        self._make("s3").put_bucket_policy(Bucket=name, Policy=json.dumps(document))

    def _key(self, case: Case, name: str, number: int) -> list[str]:
        if case.key is None:
            return []
        default = {"SSEAlgorithm": "aws:kms"}
        said: list[str] = []
        if case.settings != AWS_MANAGED:
            default["KMSMasterKeyID"], said = self._own_key(case, number)
            self._keys[name] = default["KMSMasterKeyID"]
        rule = {"ApplyServerSideEncryptionByDefault": default}
        self._make("s3").put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
        return said

    def _own_key(self, case: Case, number: int) -> tuple[str, list[str]]:
        kms = self._make("kms")
        statements = named(case.key or (), number)
        is_merged = OUR_KEY in statements and case.is_key_enabled
        foreign = [each for each in statements if each != OUR_KEY or not is_merged]
        policy = json.dumps({"Version": "2012-10-17", "Statement": foreign})
        made = kms.create_key(Policy=policy, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        arn = str(made["KeyMetadata"]["Arn"])
        if not case.is_key_enabled:
            # moto takes no ARN here.
            kms.disable_key(KeyId=arn.rpartition("/")[2])
        return arn, [self._merge({"KeyArn": arn}, [OUR_KEY])] if OUR_KEY in statements else []

    def _merge(self, place: Mapping[str, str], statements: Sequence[Statement]) -> str:
        """Have the function merge statements, and return the verdict that its answer makes."""
        ours = {f"{each['Sid']}{PLACE}": {**each, "Sid": f"{each['Sid']}{PLACE}"} for each in statements}
        properties = {"ServiceToken": "arn", "Account": ACCOUNT, **place, "Statements": ours}
        event = {
            "RequestType": "Create",
            "RequestId": f"request-{next(iter(place.values()))}",
            "StackId": _STACK,
            "LogicalResourceId": "Adoption",
        }
        with _logged() as texts:
            try:
                answer = index.on_event({**event, "ResourceProperties": properties}, _Run())
            except MergeError as error:
                refused = str(error)
                assert refused.startswith("Nothing was written"), refused
                with contextlib.suppress(MergeError):
                    tolerated = {**properties, "TolerateDenies": ours}
                    index.on_event({**event, "ResourceProperties": tolerated}, _Run())
                return "not_good"
        said = answer["Data"]["NotDecided"]
        assert (said == "nothing") == (not texts), (said, texts)
        ids = [found[1] for text in texts if (found := _RULE.match(text))]
        others = [text for text in texts if not _RULE.match(text)]
        return verdict_of_ids([*ids, *(["ICONIK014"] if others else [])])

    def by_check(self) -> dict[str, str]:
        """Return the verdict of `check` on each bucket."""
        found: dict[str, str] = {}
        for case, name in self._names.items():
            code, text = command("check", name, "--json")
            found[case] = json.loads(text)["verdict"]
            assert (code == 0) == (found[case] == "good"), case
        return found

    def by_report(self, folder: Path) -> dict[str, str]:
        """Return the verdict of `report --bucket` on each bucket, all on one page."""
        file = folder / "report.json"
        names = list(self._names.values())
        code, _ = command("report", "--bucket", *names, "--output", str(folder / "it.html"), "--json", str(file))
        answer = json.loads(file.read_text(encoding="utf-8"))
        assert (code == 0) == (answer["verdict"] == "good")
        verdicts = {each["name"]: each["verdict"] for each in answer["storages"]}
        return {case: verdicts[name] for case, name in self._names.items()}

    def by_audit(self) -> dict[str, str]:
        """Return the verdict of `audit` on each bucket and its key, in one run."""
        expected = [text for name in self._names.values() for text in ("--storage", name)]
        code, text = command("audit", "--json", "--regions", REGION, *expected)
        ids: dict[str, list[str]] = {}
        for line in text.splitlines():
            finding = json.loads(line)
            ids.setdefault(finding["resource"], []).append(finding["id"])
        found = {
            case: verdict_of_ids([*ids.get(f"arn:aws:s3:::{name}", ()), *ids.get(self._keys.get(name, ""), ())])
            for case, name in self._names.items()
        }
        assert (code == 0) == (set(found.values()) <= {"good"})
        return found


@contextlib.contextmanager
def _logged() -> Iterator[list[str]]:
    """Yield the texts that the function logs of what it did not decide, each whole."""
    texts: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.msg == "%s: %s" and isinstance(record.args, tuple):
                texts.append(str(record.args[1]))

    log = logging.getLogger(index.__name__)
    handler = Keeping()
    log.addHandler(handler)
    try:
        yield texts
    finally:
        log.removeHandler(handler)
