"""Statements beside ours, in a policy of this app, that let every iconik customer in.

Above all those that people wrote by hand before: while they stand, the condition in ours keeps nobody out. What names
iconik is looked for here, in the policies that ours went into; the guardrail reads all of an app, and everyone too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..access.trust import ICONIK_ACCOUNT_ID, PRINCIPAL_TAG

__all__ = ["untagged_statements"]


def untagged_statements(document: Mapping[str, Any]) -> list[str]:
    """Return the names of the statements that let iconik's role in without the plain condition on its tag.

    Args:
        document: a policy, resolved.
    """
    statements = document.get("Statement", ())
    found = [statements] if isinstance(statements, Mapping) else statements
    return [
        f"'{statement['Sid']}'" if statement.get("Sid") else f"number {number} without a Sid"
        for number, statement in enumerate(found, 1)
        if isinstance(statement, Mapping) and _lets_iconik_in(statement) and not _asks_for_the_tag(statement)
    ]


def _lets_iconik_in(statement: Mapping[str, Any]) -> bool:
    return statement.get("Effect") == "Allow" and ICONIK_ACCOUNT_ID in str(statement.get("Principal"))


def _asks_for_the_tag(statement: Mapping[str, Any]) -> bool:
    condition = statement.get("Condition")
    equals = condition.get("StringEquals") if isinstance(condition, Mapping) else None
    return isinstance(equals, Mapping) and PRINCIPAL_TAG.lower() in map(str.lower, equals)
