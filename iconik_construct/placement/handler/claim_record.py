"""Store the wanted statements of one custom resource in a parameter, as long as the custom resource exists.

A watch repairs only what the record wants: after a Delete there is no record, and after an Update it has the new
statements. So a late or repeated check restores nothing that is no longer wanted. A copy of an old event of
CloudFormation is recognised by its id. The caller holds the lock of the policy.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from .claim import claim_in
from .writer import backoff, parameters
from .writer.merge import MergeError, Statements, same_meaning

__all__ = ["MOST_REPAIRS", "PERIOD", "ClaimRecord", "is_recorded", "read_record", "read_records"]

MOST_REPAIRS: Final = 3
PERIOD: Final = 24 * 60 * 60
"""The seconds in which a watch makes at most so many repairs, for each policy."""

_RECENT: Final = 20.0
"""The seconds in which a read can still return the state before a write."""
_MOST_REQUESTS: Final = 20
_ID_LENGTH: Final = 8
_LIMIT: Final = 8_192
"""The maximum length of an advanced parameter. A standard one has 4,096: Parameter Store chooses by the length."""


@dataclass
class ClaimRecord:
    """The record of one custom resource.

    Attributes:
        claim: the claim of the custom resource.
        policy: the ARN of the bucket or key.
        wanted: its statements, by Sid.
        tolerated: the Sids that are written although a Deny blocks them.
        requests: the events of CloudFormation, with the last one at the end.
        written: the time of the last write of the policy for it.
        repairs: the times at which a watch repaired the policy.
        wrong: the number of problems at the last check of a watch, or deployment.
        looked: the time of that check.
    """

    claim: str
    policy: str = ""
    wanted: Statements = field(default_factory=dict)
    tolerated: Mapping[str, Any] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    written: float = 0.0
    repairs: list[float] = field(default_factory=list)
    wrong: int = 0
    looked: float = 0.0

    def for_policy(self, policy: str) -> ClaimRecord:
        """Return the record. It has only the events if the custom resource comes from another policy."""
        if self.policy == policy:
            return self
        return ClaimRecord(claim=self.claim, policy=policy, requests=self.requests)

    def is_late(self, request: str) -> bool:
        """Return whether a request came before the last one: it is a late copy."""
        return bool(request) and _short(request) in self.requests[:-1]

    @property
    def is_recent(self) -> bool:
        """Whether the last write is so recent that a read can still return the state before it."""
        return backoff.now() - self.written < _RECENT

    def begin(self, request: str) -> None:
        """Record a Create or an Update before it changes a policy, so that a late copy of a failed one is known."""
        earlier = [each for each in self.requests if each != _short(request)]
        self.requests = [*earlier, _short(request)][-_MOST_REQUESTS:]
        if self.policy:
            self.save()

    def answer(self, wanted: Statements, tolerated: Mapping[str, Any], *, written: bool, wrong: int) -> None:
        """Record the answer to a Create or an Update, and the number of problems that it did not solve."""
        is_new = not self.wanted
        self.wanted, self.tolerated = wanted, tolerated
        self.wrong, self.looked = wrong, backoff.now()
        if written:
            self.written = backoff.now()
        try:
            self.save()
        except Exception:
            if is_new:
                # The write can have taken effect, and no Delete follows a failed Create.
                with contextlib.suppress(Exception):
                    self.delete()
            raise

    def refuse_too_long(self, wanted: Statements, tolerated: Mapping[str, Any]) -> None:
        """Refuse statements that the record cannot hold, before they are written to the policy.

        Raises:
            MergeError: the statements are too long.
        """
        requests, repairs = ["-" * _ID_LENGTH] * _MOST_REQUESTS, [backoff.now()] * MOST_REPAIRS
        replace(self, wanted=wanted, tolerated=tolerated, requests=requests, repairs=repairs)._text()

    def may_repair(self) -> bool:
        """Record one more repair, and return whether it is allowed: there is a limit per day."""
        self.repairs = [each for each in self.repairs if each > backoff.now() - PERIOD]
        if len(self.repairs) >= MOST_REPAIRS:
            return False
        self.repairs.append(backoff.now())
        self.written = backoff.now()
        self.save()
        return True

    def note(self, wrong: int) -> None:
        """Record the number of problems that a watch found."""
        self.wrong, self.looked = wrong, backoff.now()
        self.save()

    def save(self) -> None:
        """Write the record.

        Raises:
            MergeError: the statements are too long, or the permission is missing.
        """
        parameters.overwrite(_name(self.claim), self._text())

    def _text(self) -> str:
        fields = {
            "policy": self.policy,
            "requests": self.requests,
            "written": int(self.written),
            "repairs": [int(each) for each in self.repairs],
            "wrong": self.wrong,
            "looked": int(self.looked),
            "wanted": _packed([self.wanted, self.tolerated]),
        }
        text = json.dumps(fields, separators=(",", ":"))
        if len(text) > _LIMIT:
            raise MergeError(
                f"The statements take {len(text):,} characters of a parameter when they are compressed, and Parameter "
                f"Store accepts {_LIMIT:,}. Grant iconik fewer or shorter prefixes."
            )
        return text

    def delete(self) -> None:
        """Delete the record, if there is one."""
        parameters.delete(_name(self.claim))


def read_record(claim: str) -> ClaimRecord | None:
    """Return the record of a custom resource, or None."""
    parameter = parameters.read(_name(claim))
    return None if parameter is None else _parse(claim, parameter.value)


def is_recorded(statement: Mapping[str, Any], policy: str) -> bool:
    """Return whether a custom resource of this library wants exactly this statement in this policy."""
    record = read_record(claim_in(statement))
    wanted = None if record is None or record.policy != policy else record.wanted.get(str(statement["Sid"]))
    return wanted is not None and same_meaning(wanted, statement)


def read_records(claims: Iterable[str]) -> dict[str, ClaimRecord]:
    """Return the existing records of the custom resources, by claim."""
    records = ((claim, read_record(claim)) for claim in claims)
    return {claim: record for claim, record in records if record is not None}


def _parse(claim: str, text: str) -> ClaimRecord:
    try:
        fields = json.loads(text)
        wanted, tolerated = json.loads(zlib.decompress(base64.b64decode(fields.pop("wanted"))))
        return ClaimRecord(claim=claim, wanted=wanted, tolerated=tolerated, **fields)
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise MergeError(
            f"The parameter {_name(claim)} cannot be read: {error}. Delete it, and deploy again with another "
            "adoption_trigger."
        ) from error


def _packed(value: object) -> str:
    return base64.b64encode(zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 9)).decode()


def _short(request: str) -> str:
    return hashlib.sha256(request.encode()).hexdigest()[:_ID_LENGTH]


def _name(claim: str) -> str:
    return f"{parameters.PREFIX}claims/{claim}"
