"""Lists the accounts in policies and grants that are neither the owner's nor iconik's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..judge.scalars import scalars
from ..judge.text import AnyText, MarkedText, if_plain, is_marked, joined, literal, split
from ..judge.wildcards import STAR
from .fact import value_of
from .facts import KeyFacts
from .foreign_access import PolicyCheck, listed, name_of, written_actions
from .names import Iconik
from .public import condition_entries, is_for_everyone, is_negated

__all__ = ["OtherAccount", "accounts_by_grants", "accounts_by_policy"]

_ACCOUNT: Final = frozenset(
    {
        "aws:chatbotsourcearn",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
        "aws:sourcevpcarn",
        "aws:userid",
        "aws:vpceaccount",
        "ec2:sourceinstancearn",
        "kms:calleraccount",
        "lambda:sourcefunctionarn",
        "s3:accessgrantsinstancearn",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "ssm:sourceinstancearn",
    }
)
_ORGANISATION: Final = frozenset(
    {
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
    }
)
_ORGANISATION_ID: Final = re.compile(r"o-[a-z0-9]{10,32}(/.*)?")


@dataclass(frozen=True, slots=True)
class OtherAccount:
    """An account that a policy names, which is neither the owner's nor iconik's.

    Attributes:
        account: its number, the id of its organisation, or what the policy names in its place.
        where: the policy.
        statement: the name of the statement.
        actions: the actions, for a reader.
    """

    account: AnyText
    where: AnyText
    statement: str
    actions: str


def accounts_by_policy(check: PolicyCheck, owner: MarkedText) -> Iterator[OtherAccount]:
    """Yield the accounts in the Allow statements of a policy, in the principal or in a condition.

    Args:
        check: the policy.
        owner: the account of the bucket, which is left out. The account of a key can be another one.
    """
    for index, statement in enumerate(check.policy.statements if check.policy.error is None else ()):
        if statement.get("Effect") != "Allow":
            continue
        for account in dict.fromkeys(_accounts(statement)):
            if _is_other(account, owner, check.policy.iconik):
                yield OtherAccount(account, check.where, name_of(statement, index), listed(written_actions(statement)))


def accounts_by_grants(key: KeyFacts, owner: MarkedText, iconik: Iconik) -> Iterator[OtherAccount]:
    """Yield the accounts in the grants of a key."""
    for grant in value_of(key.grants) or ():
        account = _account_of(literal(str(grant.get("GranteePrincipal", ""))))
        if account and _is_other(account, owner, iconik):
            actions = listed([f"kms:{operation}" for operation in grant.get("Operations") or ()])
            yield OtherAccount(account, joined("the grants of ", key.arn), f"grant {grant.get('GrantId')}", actions)


def _accounts(statement: Mapping[str, Any]) -> Iterator[MarkedText]:
    principal = statement.get("Principal")
    for kind in ("AWS", "Federated"):
        for text in scalars(principal.get(kind)) if isinstance(principal, Mapping) else ():
            if text is not None and text != STAR and not is_marked(text):
                account = _account_of(text)
                if kind == "AWS" or account.isdigit():
                    yield account or text
    is_open = is_for_everyone(principal)
    for operator, key, values in condition_entries(statement.get("Condition")):
        if is_negated(operator):
            continue
        for value in values:
            if value is None:
                continue
            if key in _ACCOUNT and (account := _account_of(value)).isdigit():
                yield account
            elif key in _ORGANISATION and is_open and _ORGANISATION_ID.fullmatch(if_plain(value) or ""):
                yield value


def _account_of(text: MarkedText) -> MarkedText:
    """Return the account of an ARN, or a text that is not an ARN; empty if there is none, as for a service."""
    parts = split(text, ":")
    if len(parts) > 4:  # noqa: PLR2004 - the place of the account in an ARN
        return parts[4]
    return text[:0] if text.endswith(".amazonaws.com") else text


def _is_other(account: MarkedText, owner: MarkedText, iconik: Iconik) -> bool:
    return account != owner and if_plain(account) not in iconik.accounts and not iconik.is_named_by(account)
