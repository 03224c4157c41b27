"""Find each Deny in a policy that takes from iconik what our statements grant.

The evaluator is imported when it is needed, so that a Delete does not wait for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .settings import listed_statements

if TYPE_CHECKING:
    from ....judge.questions import Asked, Obstacle

__all__ = ["Denial", "Denials", "check_denies", "grants"]

Statement = Mapping[str, Any]
Statements = Mapping[str, Statement]

_MOST_ACTIONS: Final = 6


@dataclass(frozen=True)
class Denial:
    """A Deny that certainly takes from iconik what it is granted.

    Attributes:
        summary: which Deny, and from which actions it keeps iconik.
        fix: what its owner can do.
    """

    summary: str
    fix: str


@dataclass(frozen=True)
class Denials:
    """The Denies that block iconik.

    Attributes:
        certain: each Deny that certainly does.
        possible: one text for each Deny that may.
    """

    certain: tuple[Denial, ...] = ()
    possible: tuple[str, ...] = ()


def check_denies(text: str | None, granted: Statements, *, arn: str, account: str) -> Denials:
    """Return which statements of a policy keep iconik from what our statements in it grant.

    Args:
        text: the policy with our statements in it.
        granted: ours, by Sid.
        arn: of the bucket or key.
        account: the account that owns it.
    """
    if text is None or not granted:
        return Denials()
    from ....judge.questions import what_keeps_out  # noqa: PLC0415 - see above

    document = json.loads(text)
    # Only what denies, under the name that it has among all: the judge reads each statement for each request.
    numbered = [each for each in enumerate(listed_statements(document), start=1) if each[1].get("Effect") != "Allow"]
    if not numbered:
        return Denials()
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
    return Denials(
        tuple(_denial(found, statements, granted, arn, account) for found in certain.values()),
        tuple(_possible(found) for index, found in perhaps.items() if index not in certain),
    )


@dataclass
class _Found:
    """One Deny, and the actions from which it keeps one role of iconik."""

    obstacle: Obstacle
    role: str
    actions: dict[str, None]


def grants(granted: Iterable[Statement], arn: str) -> Iterator[tuple[str, str, list[Asked]]]:
    """Yield the role, the domain and the granted requests, for each of our statements and each domain in it."""
    from ....access.trust import PRINCIPAL_TAG  # noqa: PLC0415 - see above

    for statement in granted:
        role = str(statement["Principal"]["AWS"])
        for domain in _listed(statement["Condition"]["StringEquals"][PRINCIPAL_TAG]):
            yield role, domain, list(_asked(statement, arn))


def _asked(statement: Statement, arn: str) -> Iterator[Asked]:
    from ....judge import unknown  # noqa: PLC0415 - see above

    for resource in _listed(statement["Resource"]):
        named = arn if resource == "*" else resource
        for action in _listed(statement["Action"]):
            for one in _single_actions(action, is_object="/" in named):
                yield one, named.replace("*", unknown("an object"))


def _single_actions(action: str, *, is_object: bool) -> Sequence[str]:
    """Return the actions behind an entry of ours; behind `s3:*` those that iconik needs."""
    from ....access import permissions  # noqa: PLC0415 - see above

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
    """Return what is known of the requests. Requests to a key come through S3."""
    _, _, service, region, *_ = arn.split(":")
    return {"kms:ViaService": f"s3.{region}.amazonaws.com"} if service == "kms" else {}


def _denial(found: _Found, statements: Sequence[Statement], granted: Statements, arn: str, account: str) -> Denial:
    from ....judge.exemption import exempted  # noqa: PLC0415 - see above

    summary = f"The Deny {_name(found)} keeps iconik from {_actions(found)}."
    exempt = exempted(statements[found.obstacle.statement.index], found.role)
    if exempt is None or check_denies(json.dumps({"Statement": [exempt]}), granted, arn=arn, account=account).certain:
        return Denial(summary, f"No exemption can be written into {_name(found)}: ask its owner to narrow it.")
    written = json.dumps(exempt, ensure_ascii=False, separators=(",", ":"))
    return Denial(summary, f"To exempt iconik's role from {_name(found)}, put this statement in its place: {written}")


def _possible(found: _Found) -> str:
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
