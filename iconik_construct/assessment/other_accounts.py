"""Lists the accounts in policies and grants that are neither the owner's nor iconik's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..judge.scalars import scalars
from ..judge.text import is_marked
from .fact import value_of
from .facts import KeyFacts
from .foreign_access import PolicyCheck, listed, name_of, written_actions
from .names import Iconik
from .reach import condition_entries

__all__ = ["OtherAccount", "accounts_by_grants", "accounts_by_policy"]

_KEYS: Final = frozenset({"aws:principalaccount", "aws:principalarn", "kms:calleraccount"})


@dataclass(frozen=True, slots=True)
class OtherAccount:
    """An account that a policy names, which is neither the owner's nor iconik's.

    Attributes:
        account: its number, or the text in its place.
        where: the policy.
        statement: the name of the statement.
        actions: the actions, for a reader.
    """

    account: str
    where: str
    statement: str
    actions: str


def accounts_by_policy(check: PolicyCheck) -> Iterator[OtherAccount]:
    """Yield the accounts in the Allow statements of a policy, in the principal or in a condition."""
    for index, statement in enumerate(check.policy.statements if check.policy.error is None else ()):
        if statement.get("Effect") != "Allow":
            continue
        for account in dict.fromkeys(_accounts(statement)):
            if _is_other(account, check.policy.account, check.policy.iconik):
                yield OtherAccount(account, check.where, name_of(statement, index), listed(written_actions(statement)))


def accounts_by_grants(key: KeyFacts, owner: str, iconik: Iconik) -> Iterator[OtherAccount]:
    """Yield the accounts in the grants of a key."""
    for grant in value_of(key.grants) or ():
        account = _account_of(str(grant.get("GranteePrincipal", "")))
        if account and _is_other(account, owner, iconik):
            actions = listed([f"kms:{operation}" for operation in grant.get("Operations") or ()])
            yield OtherAccount(account, f"the grants of {key.arn}", f"grant {grant.get('GrantId')}", actions)


def _accounts(statement: Mapping[str, Any]) -> Iterator[str]:
    principal = statement.get("Principal")
    for text in scalars(principal.get("AWS")) if isinstance(principal, Mapping) else ():
        if text is not None and text != "*" and not is_marked(text):
            yield _account_of(text) or text
    for operator, key, values in condition_entries(statement.get("Condition")):
        if key in _KEYS and "not" not in operator.lower():
            for value in values:
                if value is not None and (account := _account_of(value)).isdigit():
                    yield account


def _account_of(text: str) -> str:
    """Return the account of an ARN, or a text that is not an ARN; empty if there is none, as for a service."""
    parts = text.split(":")
    if len(parts) > 4:  # noqa: PLR2004 - the place of the account in an ARN
        return parts[4]
    return "" if text.endswith(".amazonaws.com") else text


def _is_other(account: str, owner: str, iconik: Iconik) -> bool:
    return account != owner and account not in iconik.accounts and not iconik.is_named_by(account)
