"""Whom the guardrail looks out for: iconik's role and account, and whose System Domain IDs are right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from ..access.trust import ICONIK_ACCOUNT_ID, ICONIK_ROLE_ARN
from .text import bare, has_unresolved, regex

__all__ = ["Iconik"]

_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_ARN_COLONS = 5
"""Colons of an ARN before the part behind its account."""


@dataclass(frozen=True)
class Iconik:
    """iconik, as a policy can name it.

    Args:
        system_domain_ids: the domains that may be let in.
        role_arn: the role that iconik assumes.
        own_account: the account of the template where known; its principals are not iconik's.
    """

    system_domain_ids: frozenset[str]
    role_arn: str = ICONIK_ROLE_ARN
    own_account: str | None = None

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts whose principals are iconik's."""
        return frozenset({ICONIK_ACCOUNT_ID, self.role_arn.split(":")[_ARN_COLONS - 1]} - {self.own_account})

    def is_named_by(self, text: str) -> bool:
        """Tell whether an ARN or account id, of a principal or of a condition value, is or covers iconik's."""
        if text == self.role_arn or not self.accounts.isdisjoint(_ACCOUNT.findall(text)):
            return True
        return ("*" in text or "?" in text) and not has_unresolved(text) and self._is_matched_by(text)

    def is_matched_beside_others_by(self, text: str) -> bool:
        """Tell whether a text with wildcards matches iconik and, whatever the account, a stranger's role too."""
        fields = text.split(":")
        account = fields[_ARN_COLONS - 1] if len(fields) > _ARN_COLONS else text
        return self.is_named_by(text) and ("*" in account or "?" in account)

    def could_be_named_by(self, text: str) -> bool:
        """Tell whether the unresolved parts of a text could make it iconik's."""
        if not has_unresolved(text):
            return False
        known = bare(text).partition("\x00")[0]
        if known.count(":") >= _ARN_COLONS:
            return self._is_matched_by(text)
        # The unresolved part stands for the account, or brings it along.
        others = set(_ACCOUNT.findall(bare(text))) - self.accounts
        starts = [start for one in self.accounts for start in (one, f"arn:aws:iam::{one}:", f"arn:aws:sts::{one}:")]
        return not others and any(start.startswith(known) for start in starts)

    def _is_matched_by(self, text: str) -> bool:
        pattern = regex(text, wildcards=True)
        name = self.role_arn.rpartition("/")[2]
        names = [self.role_arn]
        for account in sorted(self.accounts):
            names += [account, f"arn:aws:iam::{account}:root", f"arn:aws:sts::{account}:assumed-role/{name}/iconik"]
        return any(pattern.fullmatch(one) for one in names)
