"""What a Deny of somebody else's leaves of what our statements grant, asked before they are written.

Apart from the merging, which never looks at what a foreign statement means. The judge is imported when it is asked, so
that a Delete does not wait for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ...judge.questions import Asked, Obstacle

__all__ = ["Effect", "effect_of", "grants", "listed_statements", "may_be_public", "refused"]

Statement = Mapping[str, Any]
Statements = Mapping[str, Statement]

_MOST_ACTIONS: Final = 6
_MOST_STATEMENTS: Final = 3


@dataclass(frozen=True)
class Effect:
    """What keeps iconik from what it is granted.

    Attributes:
        refused: what certainly does, in words to act on, one text for each statement.
        open: what may, one text for each statement.
    """

    refused: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


def effect_of(text: str | None, granted: Statements, *, arn: str, account: str) -> Effect:
    """Return which statements of a policy keep iconik from what ours in it grant.

    Args:
        text: the policy with our statements in it.
        granted: ours, by Sid.
        arn: of the bucket or key.
        account: the account that owns it.
    """
    if text is None or not granted:
        return Effect()
    from ...judge.questions import what_keeps_out  # noqa: PLC0415 - see above

    document = json.loads(text)
    # Only what denies, under the name that it has among all: the judge reads each statement for each request.
    numbered = [each for each in enumerate(listed_statements(document), start=1) if each[1].get("Effect") != "Allow"]
    if not numbered:
        return Effect()
    statements = [one for _, one in numbered]
    denials = [one if one.get("Sid") else {**one, "Sid": f"statement {number}"} for number, one in numbered]
    certain: dict[int, _Found] = {}
    perhaps: dict[int, _Found] = {}
    for role, domain, asked in grants(granted.values(), arn):
        for one in what_keeps_out(
            {**document, "Statement": denials},
            system_domain_id=domain,
            asked=asked,
            account=account,
            role_arn=role,
            context=_context(arn),
        ):
            found = (certain if one.is_certain else perhaps).setdefault(one.statement.index, _Found(one, role, {}))
            found.actions.update(dict.fromkeys(action for action, _ in one.keeps_from))
    return Effect(
        tuple(_refusal(found, statements, granted, arn, account) for found in [*certain.values()][:_MOST_STATEMENTS]),
        tuple(_opening(found) for index, found in perhaps.items() if index not in certain),
    )


def refused(
    text: str | None, ours: Statements, tolerated: Mapping[str, Any], *, arn: str, account: str
) -> tuple[str, ...]:
    """Return what certainly keeps iconik from what those of our statements grant beside which no Deny is tolerated."""
    granted = {sid: each for sid, each in ours.items() if sid not in tolerated}
    return effect_of(text, granted, arn=arn, account=account).refused


def may_be_public(text: str | None) -> bool:
    """Tell whether a statement allows everyone something, whatever its conditions: AWS then decides what is public."""
    if text is None:
        return False
    return any(
        one.get("Effect") == "Allow" and ("NotPrincipal" in one or "*" in _principals(one.get("Principal")))
        for one in listed_statements(json.loads(text))
    )


@dataclass
class _Found:
    """One Deny, and all that it keeps one role of iconik's from."""

    obstacle: Obstacle
    role: str
    actions: dict[str, None]


def listed_statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of a policy, also where there is but one."""
    found = document.get("Statement", [])
    return [found] if isinstance(found, dict) else list(found)


def _principals(principal: object) -> list[Any]:
    named = principal.get("AWS", []) if isinstance(principal, Mapping) else principal
    return named if isinstance(named, list) else [named]


def grants(granted: Iterable[Statement], arn: str) -> Iterator[tuple[str, str, list[Asked]]]:
    """Yield, for each of our statements and each domain in it, the role and what it may then do."""
    from ...access.trust import PRINCIPAL_TAG  # noqa: PLC0415 - see above

    for statement in granted:
        role = str(statement["Principal"]["AWS"])
        for domain in _listed(statement["Condition"]["StringEquals"][PRINCIPAL_TAG]):
            yield role, domain, list(_asked(statement, arn))


def _asked(statement: Statement, arn: str) -> Iterator[Asked]:
    from ...judge import unknown  # noqa: PLC0415 - see above

    for resource in _listed(statement["Resource"]):
        named = arn if resource == "*" else resource
        for action in _listed(statement["Action"]):
            for one in _single_actions(action, is_object="/" in named):
                yield one, named.replace("*", unknown("an object"))


def _single_actions(action: str, *, is_object: bool) -> Sequence[str]:
    """Return the actions behind an entry of ours; behind `s3:*` those that iconik needs."""
    from ...access import permissions  # noqa: PLC0415 - see above

    if action == permissions.ADMIN_ACTION:
        if is_object:
            return (
                *permissions.READ_OBJECT_ACTIONS,
                *permissions.WRITE_OBJECT_ACTIONS,
                *permissions.DELETE_ACTIONS,
            )
        bucket_actions = (*permissions.READ_BUCKET_ACTIONS, *permissions.WRITE_BUCKET_ACTIONS)
        return tuple(dict.fromkeys((*bucket_actions, permissions.CORS_WRITE_ACTION)))
    if action == "kms:ReEncrypt*":
        return "kms:ReEncryptFrom", "kms:ReEncryptTo"
    return (action.rstrip("*"),)


def _context(arn: str) -> dict[str, str]:
    """Return what is known of the requests: to a key they come through S3."""
    _, _, service, region, *_ = arn.split(":")
    return {"kms:ViaService": f"s3.{region}.amazonaws.com"} if service == "kms" else {}


def _refusal(found: _Found, statements: Sequence[Statement], granted: Statements, arn: str, account: str) -> str:
    from ...judge.exemption import exempted  # noqa: PLC0415 - see above

    said = f"The Deny {_name(found)} keeps iconik from {_actions(found)}."
    exempt = exempted(statements[found.obstacle.statement.index], found.role)
    if exempt is None or effect_of(json.dumps({"Statement": [exempt]}), granted, arn=arn, account=account).refused:
        return f"{said} No exemption can be written into it: ask whoever owns it to narrow it."
    written = json.dumps(exempt, ensure_ascii=False, separators=(",", ":"))
    return f"{said} To exempt iconik's role, put this statement in its place: {written}"


def _opening(found: _Found) -> str:
    reasons = "; ".join(dict.fromkeys(one.text for one in found.obstacle.depends_on))
    return f"{_name(found)} may keep iconik from {_actions(found)}: {reasons}"


def _name(found: _Found) -> str:
    return f"'{found.obstacle.statement.statement}'" if found.obstacle.statement.index >= 0 else "the policy"


def _actions(found: _Found) -> str:
    names = list(found.actions)
    more = f" and {len(names) - _MOST_ACTIONS} more" if len(names) > _MOST_ACTIONS else ""
    return ", ".join(names[:_MOST_ACTIONS]) + more


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
