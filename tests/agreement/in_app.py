"""What the tools that read an app say: synthesis, the guardrail's plugin and `report --assembly`, in one synthesis."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from iconik_construct import IconikGuardrail, IconikStorage, StorageEncryption
from tests.agreement.cases import ACCOUNT, ARN, DOMAIN, OUR_KEY, OURS, PERMISSIONS, REGION, ROOT, TLS, Case, Statement
from tests.agreement.forms import verdict_of_ids
from tests.agreement.in_templates import command

__all__ = ["Synthesized", "is_owned"]

_CASES_A_STACK: Final = 120
"""A stack has 500 resources, and a case three."""
_CASE: Final = re.compile(r"Case(\d{3})")


def is_owned(case: Case) -> bool:
    """Tell whether a storage of this library can be the case: it writes its own statements, and denies plain HTTP."""
    whole = all(each in case.bucket for each in (TLS, *OURS)) and not case.settings and not case.is_lacking
    return whole and (case.key is None or (ROOT in case.key and OUR_KEY in case.key))


class Synthesized:
    """One app with a storage for each case."""

    def __init__(self, cases: Sequence[Case], folder: Path) -> None:
        self._cases = [case for case in cases if is_owned(case)]
        self._folder = folder
        app = cdk.App(outdir=str(folder), analytics_reporting=False)
        cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=DOMAIN))
        env = cdk.Environment(account=ACCOUNT, region=REGION)
        count = -(-len(self._cases) // _CASES_A_STACK)
        stacks = [cdk.Stack(app, f"Stack{number}", env=env) for number in range(count)]
        for number, case in enumerate(self._cases):
            _storage(stacks[number // _CASES_A_STACK], f"Case{number:03}", case)
        # Refused, as some cases must be: the assembly and the report of its validation are there all the same.
        with contextlib.suppress(RuntimeError):
            app.synth()
        report = json.loads((folder / "validation-report.json").read_text(encoding="utf-8"))
        self._plugins = {each["pluginName"]: each for each in report["pluginReports"]}

    def by_guardrail(self) -> dict[str, str]:
        """Return the verdict of the guardrail's plugin on each case."""
        return self._verdicts(self._ids("iconik-guardrail"))

    def by_synthesis(self) -> dict[str, str]:
        """Return the verdict of the storages' own check at synthesis, and of their warnings."""
        ids = self._ids("iconik-construct")
        manifest = (each.read_text(encoding="utf-8") for each in self._folder.glob("*.metadata.json"))
        for entries in (*manifest, (self._folder / "manifest.json").read_text(encoding="utf-8")):
            for path, each in _metadata(json.loads(entries)):
                if "iconik-construct:UntaggedStatement" in json.dumps(each):
                    ids.setdefault(path, []).append("ICONIK001")
        return self._verdicts(ids)

    def by_report(self, folder: Path) -> dict[str, str]:
        """Return the verdict of `report --assembly` on each storage, all on one page."""
        file = folder / "assembly.json"
        arguments = ("--assembly", str(self._folder), "--permissions", "read_write", "--json", str(file))
        code, _ = command("report", *arguments, "--output", str(folder / "assembly.html"))
        answer = json.loads(file.read_text(encoding="utf-8"))
        assert (code == 0) == (answer["verdict"] == "good")
        found = {_CASE.findall(each["name"])[0]: each["verdict"] for each in answer["storages"]}
        return {case.name: found[f"{number:03}"] for number, case in enumerate(self._cases)}

    def _ids(self, plugin: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for violation in self._plugins.get(plugin, {}).get("violations", ()):
            for construct in violation["violatingConstructs"]:
                found.setdefault(construct["constructPath"], []).append(violation["ruleName"])
        return found

    def _verdicts(self, ids: Mapping[str, Sequence[str]]) -> dict[str, str]:
        by_number: dict[str, list[str]] = {}
        for path, listed in ids.items():
            by_number.setdefault(_CASE.findall(path)[0], []).extend(listed)
        return {case.name: verdict_of_ids(by_number.get(f"{n:03}", ())) for n, case in enumerate(self._cases)}


def _metadata(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    artifacts = document.get("artifacts", {})
    for metadata in (document, *(each.get("metadata", {}) for each in artifacts.values())):
        yield from ((path, each) for path, each in metadata.items() if _CASE.search(path))


def _storage(stack: cdk.Stack, name: str, case: Case) -> None:
    """Make the storage, and add the statements that others wrote."""
    storage = IconikStorage(
        stack,
        name,
        system_domain_id=DOMAIN,
        permissions=PERMISSIONS,
        encryption=StorageEncryption.S3_MANAGED if case.key is None else StorageEncryption.KMS,
    )
    arn = storage.bucket.bucket_arn
    _add(storage.bucket.add_to_resource_policy, case.bucket, (TLS, *OURS), arn)
    if case.key is not None and storage.encryption_key is not None:
        _add(storage.encryption_key.add_to_resource_policy, case.key, (ROOT, OUR_KEY), arn)
        key = storage.encryption_key.node.default_child
        if not case.is_key_enabled and isinstance(key, kms.CfnKey):
            key.enabled = False


def _add(
    add: Callable[[iam.PolicyStatement], object], statements: Sequence[Statement], ours: Sequence[Statement], arn: str
) -> None:
    for each in statements:
        if each not in ours:
            foreign = json.loads(json.dumps(each).replace(ARN, arn))
            add(iam.PolicyStatement.from_json(foreign))
