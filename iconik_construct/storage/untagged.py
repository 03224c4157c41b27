"""Statements for iconik beside ours, in a policy of this app: above all those that people wrote by hand before.

While one without the tag stands, the condition in ours keeps nobody out; while another stands, iconik may what it says,
whatever the props of a storage say. What names iconik is looked for here, in the policies that ours went into; the
guardrail reads all of an app, and everyone too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..access.trust import ICONIK_ACCOUNT_ID, PRINCIPAL_TAG

__all__ = ["leftover_statements", "untagged_statements"]


def untagged_statements(document: Mapping[str, Any]) -> list[str]:
    """Return the names of the statements that let iconik's role in without the plain condition on its tag.

    Args:
        document: a policy, resolved.
    """
    return [name for name, one in _for_iconik(document) if not _asks_for_the_tag(one)]


def leftover_statements(document: Mapping[str, Any], ours: Collection[str]) -> list[str]:
    """Return the names of the statements that let iconik's role in with the tag, and were not written by a construct.

    Args:
        document: a policy, resolved.
        ours: the Sids of what constructs wrote.
    """
    found: list[str] = []
    met: set[str] = set()
    for name, one in _for_iconik(document):
        sid = str(one.get("Sid", ""))
        # Constructs add theirs first; a second one of the same Sid is somebody's.
        if _asks_for_the_tag(one) and (sid not in ours or sid in met):
            found.append(name)
        met.add(sid)
    return found


def _for_iconik(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    statements = document.get("Statement", ())
    found = [statements] if isinstance(statements, Mapping) else statements
    for number, statement in enumerate(found, 1):
        if isinstance(statement, Mapping) and _lets_iconik_in(statement):
            yield f"'{statement['Sid']}'" if statement.get("Sid") else f"number {number} without a Sid", statement


def _lets_iconik_in(statement: Mapping[str, Any]) -> bool:
    return statement.get("Effect") == "Allow" and ICONIK_ACCOUNT_ID in str(statement.get("Principal"))


def _asks_for_the_tag(statement: Mapping[str, Any]) -> bool:
    condition = statement.get("Condition")
    equals = condition.get("StringEquals") if isinstance(condition, Mapping) else None
    return isinstance(equals, Mapping) and PRINCIPAL_TAG.lower() in map(str.lower, equals)
