"""Defines the content of the report: assessed storages, from templates or from live buckets, and their surroundings."""

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
from ..assessment.fact import Unknown
from ..assessment.matrix import ICONIK, Answer, Row
from ..assessment.signed import digests_of
from ..assessment.subject import Subject
from ..judge.text import AnyText, shown, shown_within

__all__ = ["BEST_FIRST", "Acknowledged", "Function", "Policy", "Report", "Right", "Storage", "sha256_of"]


@dataclass(frozen=True, slots=True)
class Policy:
    """An assessed policy. `is_whole`: whether all its statements were read.

    `digests`: the SHA-256 of each statement's canonical form, with its name; None if a value is unknown.
    """

    title: str
    arn: AnyText
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
        account: the account that owns it; empty if unknown.
        region: its region; empty if unknown.
        assessments: the assessment; several if the answer depends on conditions of a template.
        settings: further values, such as `("Encryption", "aws:kms")`.
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
        """The findings of every assessment, without duplicates."""
        unique = {(each.id, each.where, each.text): each for item in self.assessments for each in item.findings}
        return tuple(unique.values())

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The access matrix. If the answer depends on conditions, each cell is the worst one."""
        first, *more = (each.rows for each in self.assessments)
        by_use: dict[tuple[str, AnyText], Row] = {(row.use.name, row.subject): row for row in first}
        for rows in more:
            for row in rows:
                key = (row.use.name, row.subject)
                by_use[key] = _worst(by_use[key], row) if key in by_use else row
        return tuple(by_use.values())

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The policies that decide, without duplicates."""
        by_hash: dict[tuple[str, str], Policy] = {}
        for assessment in self.assessments:
            facts = assessment.facts
            for subject in assessment.subjects:
                of_key = subject.key is not None
                policy = Policy(
                    title="Key policy" if of_key else "Bucket policy",
                    arn=subject.arn,
                    statements=tuple(subject.policy.statements),
                    is_whole=of_key or not isinstance(facts.rest_of_policy, Unknown),
                    digests=_digests(subject),
                )
                if subject.unread is None and policy.statements:
                    by_hash.setdefault((policy.title, policy.sha256), policy)
        return tuple(by_hash.values())

    def as_json(self) -> dict[str, Any]:
        """Return the storage in the signed record."""
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
    digests = digests_of(subject)
    return None if digests is None else tuple(sorted((name, digest) for digest, name in digests.items()))


BEST_FIRST: Final = (Answer.YES, Answer.PARTLY, Answer.DEPENDS, Answer.NO)
"""The answers, from all of the access to none."""


def _worst(first: Row, second: Row) -> Row:
    cells = {
        column: max(
            (first.cells[column], second.cells[column]),
            key=lambda cell, column=column: (  # type: ignore[misc]
                BEST_FIRST.index(cell.answer) * (1 if column == ICONIK else -1)
            ),
        )
        for column in first.cells
    }
    return Row(first.use, first.subject, first.is_wanted or second.is_wanted, cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Actions on resources that a role can or cannot perform. `condition` is the condition as JSON."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    effect: str = "Allow"
    condition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """Code that runs in the account, with the rights of its role. `facts` are its other properties, in words."""

    name: str
    runtime: str
    role: str
    rights: tuple[Right, ...]
    managed_policies: tuple[str, ...] = ()
    code: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """An acknowledged finding, with the reason."""

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
        acknowledged: the acknowledged findings.
        differs: settings of other resources that differ from the defaults of this library, in words.
        templates_sha256: the SHA-256 of all templates, as JSON with sorted keys; empty if none was read.
        not_judged: the unread parts, each with the way to check it.
        obtained: the source of the facts, in one sentence.
        command: the command that makes the same file again.
        date: the date, the only difference between one run and the next.
        versions: names and versions of the tools.
        role_arn: the role that iconik assumes.
        is_live: whether it was read from an account and not from templates.
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
        """The verdict. Without a storage nothing allows iconik, which is NOT_GOOD."""
        return verdict_of(self.all_findings) if self.storages or self.all_findings else Verdict.NOT_GOOD

    @property
    def other_accounts(self) -> Iterator[tuple[AnyText, str]]:
        """The other accounts in the policies, each with the statement and the storage."""
        accounts = {
            (each.account, f"{shown(each.where)}, {each.statement}, of {storage.name}: {each.actions}"): None
            for storage in self.storages
            for assessment in storage.assessments
            for each in assessment.other_accounts
        }
        return iter(accounts)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The assumptions of the verdict."""
        return tuple(
            dict.fromkeys(
                shown(text) for storage in self.storages for each in storage.assessments for text in each.assumptions
            )
        )

    @cached_property
    def policies_sha256(self) -> str:
        """SHA-256 of the hashes of all policies. It changes with every policy."""
        hashes = [policy.sha256 for storage in self.storages for policy in storage.policies]
        return hashlib.sha256("\n".join(hashes).encode()).hexdigest()

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the signed content: everything except how, when and by which versions the page was made."""
        signed = {
            attribute.name: getattr(self, attribute.name)
            for attribute in fields(self)
            if attribute.name not in _NOT_SIGNED
        }
        return sha256_of({name: _plain(value) for name, value in signed.items()})

    def as_json(self) -> dict[str, Any]:
        """Return the signed record."""
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
        return {attribute.name: _plain(getattr(value, attribute.name)) for attribute in fields(value)}
    if isinstance(value, Enum):
        return value.value
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value


def sha256_of(value: Any) -> str:
    """Return the SHA-256 of a value as JSON with sorted keys and without blanks."""
    text = json.dumps(shown_within(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
