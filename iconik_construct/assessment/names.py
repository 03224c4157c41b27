"""Recognises iconik in a policy: its role, its account, and the right System Domain IDs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..access.trust import ICONIK_ACCOUNT_ID, ICONIK_ROLE_ARN
from ..judge.text import (
    AnyText,
    MarkedText,
    has_unknown,
    in_document,
    joined,
    known_end,
    literal,
    split,
    unknown,
    without_marks,
)
from ..judge.wildcards import STAR, has_wildcard, matches
from .public import condition_entries, principals_of

__all__ = ["Iconik"]

_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_ACCOUNT_OF_ARN = 4
"""The place of the account among the parts of an ARN."""
_ANY_NAME = literal("iconik")


@dataclass(frozen=True)
class Iconik:
    """iconik, as a policy can name it.

    Args:
        system_domain_ids: the domains to allow.
        role_arn: the role that iconik assumes.
        own_account: the account of the template if known. Its principals are not iconik's.
    """

    system_domain_ids: frozenset[str]
    role_arn: str = ICONIK_ROLE_ARN
    own_account: AnyText | None = None

    @cached_property
    def roles(self) -> tuple[MarkedText, ...]:
        """The roles that iconik assumes: the given role, in any account, and iconik's own."""
        own_role = {ICONIK_ROLE_ARN} - {self.role_arn} if ICONIK_ACCOUNT_ID in self.accounts else ()
        return tuple(map(literal, (self.role_arn, *own_role)))

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts whose principals are iconik's."""
        return frozenset({ICONIK_ACCOUNT_ID, self.role_arn.split(":")[_ACCOUNT_OF_ARN]} - {self.own_account})

    @cached_property
    def _numbers(self) -> re.Pattern[str]:
        return re.compile("|".join(sorted(self.accounts)))

    def is_written_in(self, text: MarkedText) -> bool:
        """Return whether an account id, or the account in an ARN, is iconik's, also if other parts are unknown.

        Twelve digits in the name of a role or a user are not an account.
        """
        known = without_marks(text)
        if self._numbers.search(known) is None:
            # Nearly every text of a large policy.
            return False
        parts = known.split(":")
        # A federated user's `aws:userid` begins with the account.
        accounts = parts[_ACCOUNT_OF_ARN : _ACCOUNT_OF_ARN + 1] or parts[:1]
        return any(self.accounts.intersection(_ACCOUNT.findall(part)) for part in accounts)

    def is_named_by(self, text: MarkedText) -> bool:
        """Return whether a principal's ARN or account id is iconik's, or matches it by wildcards."""
        if text in self.roles or self.is_written_in(text):
            return True
        return has_wildcard(text) and any(matches(text, name, wildcards=True) for name in self._written)

    def is_named_in(self, statement: Mapping[str, Any]) -> bool:
        """Return whether a statement names iconik: in its principal, or by the account number in a condition."""
        principals = statement.get("Principal", statement.get("NotPrincipal"))
        return any(
            text is not None and text != STAR and self.is_named_by(text) for _, text in principals_of(principals)
        ) or any(
            text is not None and self.is_written_in(text)
            for _, _, values in condition_entries(statement.get("Condition"))
            for text in values
        )

    def is_mentioned_by(self, text: AnyText) -> bool:
        """Return whether the text contains iconik's account."""
        written: str = in_document(text)
        return any(account in written for account in self.accounts)

    def could_be_named_by(self, text: MarkedText) -> bool:
        """Return whether the unknown parts of a text could make it name iconik."""
        return has_unknown(text) and any(
            _ends_alike(text, candidate) and matches(text, candidate, wildcards=True) is not False
            for candidate in self._candidates
        )

    @cached_property
    def _written(self) -> tuple[MarkedText, ...]:
        return tuple(self._names(_ANY_NAME, _ANY_NAME))

    @cached_property
    def _candidates(self) -> tuple[MarkedText, ...]:
        return (*self._written, *self._names(unknown("a name"), unknown("a session name")))

    def _names(self, name: MarkedText, session: MarkedText) -> Iterator[MarkedText]:
        yield from self.roles
        for role in self.roles:
            of_sessions = role.replace(literal(":iam:"), literal(":sts:"))
            yield joined(of_sessions.replace(literal(":role/"), literal(":assumed-role/")), "/", session)
        for account in sorted(self.accounts):
            yield literal(account)
            yield joined("arn:aws:iam::", account, ":root")
            if name != session:
                for kind in ("iam", "role"), ("iam", "user"), ("sts", "federated-user"):
                    yield joined("arn:aws:", kind[0], "::", account, ":", kind[1], "/", name)
                yield joined("arn:aws:sts::", account, ":assumed-role/", name, "/", session)


def _ends_alike(text: MarkedText, name: MarkedText) -> bool:
    """Return whether the known end of a text matches. No name of a role or a session contains a colon."""
    known = split(known_end(text), ":")[1:]
    parts = split(name, ":")
    return len(known) <= len(parts) and all(
        matches(known_part, part, wildcards=True) is not False
        for known_part, part in zip(reversed(known), reversed(parts), strict=False)
    )
