"""What the report says: assessed storages, from templates or from live buckets, and what surrounds them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Final

from ..access.trust import ICONIK_ROLE_ARN
from ..assessment import Assessment, Finding, Verdict, verdict_of
from ..assessment.matrix import ICONIK, Answer, Row
from ..assessment.signed import digests_of
from ..assessment.subject import Subject
from ..judge.text import shown, shown_within

__all__ = ["Acknowledged", "Function", "Policy", "Report", "Right", "Storage", "sha256_of"]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it was assessed; `is_whole`: whether all its statements were read.

    `digests`: the SHA-256 of each statement's canonical form, with its name; None where a value is not known.
    """

    title: str
    arn: str
    statements: tuple[Mapping[str, Any], ...]
    is_whole: bool = True
    digests: tuple[tuple[str, str], ...] | None = None

    @property
    def sha256(self) -> str:
        """SHA-256 of the statements as JSON with sorted keys and without blanks."""
        return sha256_of(list(self.statements))


@dataclass(frozen=True)
class Storage:
    """A bucket for iconik with its key.

    Attributes:
        name: its construct path, or the name of a live bucket.
        account: the account that owns it; empty where that is not known.
        region: its region; empty where that is not known.
        assessments: the assessment; several where the answer hangs on conditions of a template.
        settings: what else was read of it, such as `("Encryption", "aws:kms")`.
        differs: the settings that differ from the defaults of this library, in words.
    """

    name: str
    account: str
    region: str
    assessments: tuple[Assessment, ...]
    settings: tuple[tuple[str, str], ...] = ()
    differs: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of every assessment, each once."""
        found = {(each.id, each.where, each.text): each for one in self.assessments for each in one.findings}
        return tuple(found.values())

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The access matrix. Where the answer hangs on conditions, each cell is the worst one."""
        first, *more = (each.rows for each in self.assessments)
        found: dict[tuple[str, str], Row] = {(row.use.name, row.subject): row for row in first}
        for rows in more:
            for row in rows:
                key = (row.use.name, row.subject)
                found[key] = _worst(found[key], row) if key in found else row
        return tuple(found.values())

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The policies that decide, each once."""
        found: dict[tuple[str, str], Policy] = {}
        for assessment in self.assessments:
            facts = assessment.facts
            for subject in assessment.subjects:
                of_key = subject.key is not None
                arn = subject.key.arn if subject.key is not None else facts.arn
                policy = Policy(
                    title="Key policy" if of_key else "Bucket policy",
                    arn=arn,
                    statements=tuple(subject.policy.statements),
                    is_whole=of_key or not _is_unknown(facts.rest_of_policy),
                    digests=_digests(subject),
                )
                if subject.unread is None and policy.statements:
                    found.setdefault((policy.title, policy.sha256), policy)
        return tuple(found.values())

    def as_json(self) -> dict[str, Any]:
        """Return the storage in the record that is signed."""
        policies = [
            {
                "title": policy.title,
                "arn": shown(policy.arn),
                "sha256": policy.sha256,
                "statements": None
                if policy.digests is None or not policy.is_whole
                else [{"name": name, "sha256": digest} for name, digest in policy.digests],
            }
            for policy in self.policies
        ]
        return {"name": self.name, "verdict": verdict_of(self.findings).value, "policies": policies}


def _digests(subject: Subject) -> tuple[tuple[str, str], ...] | None:
    found = digests_of(subject)
    return None if found is None else tuple(sorted((name, digest) for digest, name in found.items()))


def _is_unknown(fact: object) -> bool:
    return type(fact).__name__ == "Unknown"


_BEST_FIRST: Final = (Answer.YES, Answer.PARTLY, Answer.DEPENDS, Answer.NO)


def _worst(one: Row, other: Row) -> Row:
    cells = {
        column: max(
            (one.cells[column], other.cells[column]),
            key=lambda cell, column=column: (  # type: ignore[misc]
                _BEST_FIRST.index(cell.answer) * (1 if column == ICONIK else -1)
            ),
        )
        for column in one.cells
    }
    return Row(one.use, one.subject, one.is_wanted or other.is_wanted, cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Actions on resources that a role can do."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """Code that runs in the account, with all that its role can do; `facts` are its other properties, in words."""

    name: str
    runtime: str
    role: str
    rights: tuple[Right, ...]
    managed_policies: tuple[str, ...] = ()
    code: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A finding that somebody accepted, with the reason given."""

    id: str
    where: str
    finding: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole report.

    Args:
        system_domain_ids: the System Domain IDs that iconik may act for.
        storages: the storages.
        findings: findings about other resources.
        functions: the code that runs for them.
        acknowledged: accepted findings.
        differs: settings of other resources that differ from the defaults of this library, in words.
        templates_sha256: of all templates, as JSON with sorted keys; empty where none was read.
        not_judged: what was not read, each with how to check it.
        obtained: where the facts come from, in one sentence.
        command: how to make the same file again.
        date: the date; the only thing that differs from one run to the next.
        versions: names and versions of what made it.
        role_arn: the role that iconik assumes.
        is_live: whether it was read from an account rather than from templates.
    """

    system_domain_ids: tuple[str, ...]
    storages: tuple[Storage, ...]
    findings: tuple[Finding, ...] = ()
    functions: tuple[Function, ...] = ()
    acknowledged: tuple[Acknowledged, ...] = ()
    differs: tuple[str, ...] = ()
    templates_sha256: str = ""
    not_judged: tuple[tuple[str, str], ...] = ()
    obtained: str
    command: str
    date: str
    versions: tuple[tuple[str, str], ...] = ()
    role_arn: str = ICONIK_ROLE_ARN
    is_live: bool = False

    @cached_property
    def all_findings(self) -> tuple[Finding, ...]:
        """Every finding, of the storages and of other resources."""
        return (*(each for storage in self.storages for each in storage.findings), *self.findings)

    @property
    def verdict(self) -> Verdict:
        """The verdict. Without a storage nothing allows iconik, which is not good."""
        return verdict_of(self.all_findings) if self.storages or self.all_findings else Verdict.NOT_GOOD

    @property
    def other_accounts(self) -> Iterator[tuple[str, str]]:
        """The other accounts that policies name, each with the statement and the storage."""
        found = {
            (each.account, f"{each.where}, {each.statement}, of {storage.name}: {each.actions}"): None
            for storage in self.storages
            for assessment in storage.assessments
            for each in assessment.other_accounts
        }
        return iter(found)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The assumptions on which the verdict rests."""
        return tuple(
            dict.fromkeys(text for one in self.storages for each in one.assessments for text in each.assumptions)
        )

    @cached_property
    def policies_sha256(self) -> str:
        """SHA-256 of the hashes of all policies: it changes when one of them does."""
        hashes = [policy.sha256 for storage in self.storages for policy in storage.policies]
        return hashlib.sha256("\n".join(hashes).encode()).hexdigest()

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of all that is signed: of everything but how, when and by which versions the page was made."""
        signed = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in _NOT_SIGNED}
        return sha256_of({name: _plain(value) for name, value in signed.items()})

    def as_json(self) -> dict[str, Any]:
        """Return the record that is signed."""
        return {
            "version": 1,
            "verdict": self.verdict.value,
            "findings": [each.as_json() for each in self.all_findings],
            "system_domain_ids": list(self.system_domain_ids),
            "storages": [storage.as_json() for storage in self.storages],
            "acknowledged": [_plain(each) for each in self.acknowledged],
            "templates_sha256": self.templates_sha256,
            "policies_sha256": self.policies_sha256,
            "sha256": self.sha256,
            "date": self.date,
        }


_NOT_SIGNED: Final = ("command", "date", "obtained", "versions")


def _plain(value: Any) -> Any:
    if isinstance(value, Storage):
        return {
            "name": value.name,
            "account": value.account,
            "region": value.region,
            "findings": [each.as_json() for each in value.findings],
            "policies": [each.sha256 for each in value.policies],
            "settings": [list(each) for each in value.settings],
            "differs": list(value.differs),
        }
    if isinstance(value, Finding):
        return value.as_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Enum):
        return value.value
    return [_plain(one) for one in value] if isinstance(value, (tuple, list)) else value


def sha256_of(value: Any) -> str:
    """Return the SHA-256 of a value as JSON with sorted keys and without blanks."""
    text = json.dumps(shown_within(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
