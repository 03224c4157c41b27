"""The three questions that are asked of every policy, so that all who ask them get the same answer.

May iconik for this domain do what it is meant to do? May anybody else of iconik? Which Deny keeps iconik out?
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .document import Unreadable, read
from .evaluation import decide, outcomes, unreadable
from .iconik import DEFAULT_ROLE, Caller, iconik_session, others
from .request import Request
from .verdict import Decision, Reason, Verdict

__all__ = ["Asked", "LetIn", "Obstacle", "answerer", "may_anybody_else", "may_iconik", "what_keeps_out"]

Asked = tuple[str, str]
"""An action and the ARN of the resource acted upon."""


@dataclass(frozen=True, slots=True)
class LetIn:
    """Somebody who gets in, or of whom it cannot be told that he does not."""

    caller: Caller
    action: str
    resource: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A Deny that keeps iconik out of something.

    Attributes:
        statement: the statement.
        is_certain: whether it does whatever is not known.
        keeps_from: the actions and resources.
        depends_on: what decides, where it is not certain.
    """

    statement: Reason
    is_certain: bool
    keeps_from: tuple[Asked, ...]
    depends_on: tuple[Reason, ...] = ()


def may_iconik(
    document: Mapping[str, Any] | str,
    *,
    system_domain_id: str,
    asked: Iterable[Asked],
    account: str,
    role_arn: str = DEFAULT_ROLE,
    context: Mapping[str, Any] | None = None,
    absent: Iterable[str] = (),
) -> dict[Asked, Decision]:
    """Return, for each action on a resource, whether iconik for this domain may do it.

    Args:
        document: the policy of a bucket, a key or an access point.
        system_domain_id: whose iconik.
        asked: the actions with the ARNs of their resources.
        account: the account that owns the resource.
        role_arn: the role that iconik comes as.
        context: what is known of the request besides, such as `s3:prefix` or `kms:ViaService`.
        absent: the condition keys known not to be in the request.
    """
    answer = answerer(document)
    who = iconik_session(system_domain_id, role_arn)
    return {
        (action, resource): answer(who.asks(action, resource, account, context or {}, absent))
        for action, resource in asked
    }


def answerer(document: Mapping[str, Any] | str) -> Callable[[Request], Decision]:
    """Return what answers for a policy, which is read once for all that is asked of it."""
    try:
        policy = read(document)
    except Unreadable as error:
        decision = Decision(Verdict.DEPENDS, unless=(unreadable(error),))
        return lambda _: decision
    return lambda request: decide(policy, request)


def may_anybody_else(
    document: Mapping[str, Any] | str,
    *,
    system_domain_ids: Sequence[str],
    asked: Iterable[Asked],
    account: str,
    role_arn: str = DEFAULT_ROLE,
    callers: Iterable[Caller] | None = None,
    context: Mapping[str, Any] | None = None,
    absent: Iterable[str] = (),
) -> list[LetIn]:
    """Return who else gets in, or of whom it cannot be told that he does not.

    Beside the arguments of `may_iconik` there are `system_domain_ids`, whose iconik is meant to get in, and `callers`,
    whom to ask about; by default everybody else of iconik's account.
    """
    answer = answerer(document)
    pairs = tuple(asked)
    found = []
    for who in others(system_domain_ids, role_arn) if callers is None else callers:
        for action, resource in pairs:
            decision = answer(who.asks(action, resource, account, context or {}, absent))
            if decision.verdict is not Verdict.DENIED:
                found.append(LetIn(who, action, resource, decision))
    return found


@dataclass(slots=True)
class _Denials:
    """What one Deny keeps iconik from."""

    statement: Reason
    certain: list[Asked] = field(default_factory=list)
    perhaps: list[Asked] = field(default_factory=list)
    depends_on: dict[Reason, None] = field(default_factory=dict)


def what_keeps_out(
    document: Mapping[str, Any] | str,
    *,
    system_domain_id: str,
    asked: Iterable[Asked],
    account: str,
    role_arn: str = DEFAULT_ROLE,
    context: Mapping[str, Any] | None = None,
    absent: Iterable[str] = (),
) -> list[Obstacle]:
    """Return the Deny statements that keep iconik from what it is meant to do, those that certainly do first.

    iconik uses TLS, so a Deny of plain HTTP is none of them. A document that cannot be read is one obstacle, not
    certain, before everything that is asked.
    """
    pairs = tuple(asked)
    who = iconik_session(system_domain_id, role_arn)
    try:
        policy = read(document)
    except Unreadable as error:
        reason = unreadable(error)
        return [Obstacle(reason, is_certain=False, keeps_from=pairs, depends_on=(reason,))]
    found: dict[int, _Denials] = {}
    for action, resource in pairs:
        denials = outcomes(policy, who.asks(action, resource, account, context or {}, absent))
        for one in denials:
            if "Deny" not in one.effects or one.applies is False:
                continue
            entry = found.setdefault(one.index, _Denials(one.whole()))
            (entry.certain if one.applies and one.effect else entry.perhaps).append((action, resource))
            entry.depends_on.update(dict.fromkeys(one.not_known()))
    certain = [Obstacle(one.statement, True, tuple(one.certain)) for one in found.values() if one.certain]
    perhaps = [
        Obstacle(one.statement, False, tuple(one.perhaps), tuple(one.depends_on))
        for one in found.values()
        if one.perhaps
    ]
    return [*certain, *perhaps]
