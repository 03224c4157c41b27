"""Keep what one custom resource wants of a policy, in a parameter that lives as long as the custom resource.

A watch repairs only what the record wants: after a Delete there is no record, and after an Update it has the new
statements. So a watch that comes late, or again, restores nothing that is no longer wanted. A copy of an old event of
CloudFormation is known by its id. The caller holds the lock of the policy.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .writer import backoff, parameters
from .writer.merge import MergeError, Statements

__all__ = ["MOST_REPAIRS", "PERIOD", "ClaimRecord", "read_record", "read_records"]

MOST_REPAIRS: Final = 3
PERIOD: Final = 24 * 60 * 60
"""Seconds in which a watch makes so many repairs, for each policy."""

_RECENT: Final = 20.0
"""Seconds in which a read may still show what was there before a write."""
_MOST_REQUESTS: Final = 20
_ID_LENGTH: Final = 8
_LIMIT: Final = 8_192
"""Characters of an advanced parameter. A standard one has 4,096: Parameter Store chooses by the length."""


@dataclass
class ClaimRecord:
    """The record of one custom resource.

    Attributes:
        claim: of the custom resource.
        policy: the ARN of the bucket or key.
        wanted: its statements, by Sid.
        tolerated: the Sids of those that are written although a Deny blocks them.
        requests: which events of CloudFormation were answered, the last one at the end.
        written: when the policy was last written for it.
        repairs: when a watch repaired the policy.
        wrong: how much a watch found wrong when it last looked.
        looked: when that was.
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
        """Return the record, empty but for its events if the custom resource comes from another policy."""
        if self.policy == policy:
            return self
        return ClaimRecord(claim=self.claim, policy=policy, requests=self.requests)

    def is_late(self, request: str) -> bool:
        """Tell whether a request was answered before the last one: it is a copy, and was overtaken."""
        return bool(request) and _short(request) in self.requests[:-1]

    @property
    def is_recent(self) -> bool:
        """Whether the policy was written so lately that a read may show what was there before."""
        return backoff.now() - self.written < _RECENT

    def answer(self, request: str, wanted: Statements, tolerated: Mapping[str, Any], *, written: bool) -> None:
        """Note that a Create or an Update was answered."""
        self.wanted, self.tolerated = wanted, tolerated
        self.requests = [*(each for each in self.requests if each != _short(request)), _short(request)][
            -_MOST_REQUESTS:
        ]
        self.looked = backoff.now()
        self.wrong = 0
        if written:
            self.written = backoff.now()
        self.save()

    def may_repair(self) -> bool:
        """Note one more repair, unless there were too many within a day."""
        self.repairs = [each for each in self.repairs if each > backoff.now() - PERIOD]
        if len(self.repairs) >= MOST_REPAIRS:
            return False
        self.repairs.append(backoff.now())
        self.written = backoff.now()
        self.save()
        return True

    def note(self, wrong: int) -> None:
        """Note what a watch found wrong."""
        self.wrong, self.looked = wrong, backoff.now()
        self.save()

    def save(self) -> None:
        """Write the record.

        Raises:
            MergeError: the statements are too long, or the permission is missing.
        """
        held = {
            "policy": self.policy,
            "requests": self.requests,
            "written": int(self.written),
            "repairs": [int(each) for each in self.repairs],
            "wrong": self.wrong,
            "looked": int(self.looked),
            "wanted": _packed([self.wanted, self.tolerated]),
        }
        text = json.dumps(held, separators=(",", ":"))
        if len(text) > _LIMIT:
            raise MergeError(
                f"The statements take {len(text):,} characters of a parameter when they are compressed, and Parameter "
                f"Store accepts {_LIMIT:,}. Grant iconik fewer or shorter prefixes."
            )
        parameters.overwrite(_name(self.claim), text)

    def delete(self) -> None:
        """Delete the record, if there is one."""
        parameters.delete(_name(self.claim))


def read_record(claim: str) -> ClaimRecord | None:
    """Return the record of a custom resource, or None if there is none."""
    found = parameters.read(_name(claim))
    return None if found is None else _parse(claim, found.value)


def read_records(claims: Iterable[str]) -> dict[str, ClaimRecord]:
    """Return the records of those custom resources that have one, by claim."""
    found = ((claim, read_record(claim)) for claim in claims)
    return {claim: record for claim, record in found if record is not None}


def _parse(claim: str, text: str) -> ClaimRecord:
    try:
        held = json.loads(text)
        wanted, tolerated = json.loads(zlib.decompress(base64.b64decode(held.pop("wanted"))))
        return ClaimRecord(claim=claim, wanted=wanted, tolerated=tolerated, **held)
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
