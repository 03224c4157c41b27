"""Evaluates a resource's policy for one request: an explicit Deny, then an Allow, then nothing.

Source: AWS, IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic".
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .conditions import Part, readable
from .document import Document, Unreadable, read
from .keys import Keys
from .request import Request
from .statement import effects, parts
from .truth import Truth
from .verdict import Decision, Reason, Verdict
from .wildcards import matches

__all__ = ["Outcome", "decide", "judge", "outcomes", "unreadable"]

_ALONE: Final = ("kms:", "sts:")
"""Services where the policies of the resource's own account allow nothing that the resource's policy does not."""

_OWN_POLICIES: Final = Reason(
    "the policy", -1, "Allow", "", "the policies of the caller allow it: the resource is in the account of the caller"
)
_PERHAPS_OWN: Final = Reason(
    "the policy", -1, "Allow", "", "it is not known whether the resource is in the account of the caller"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one statement does with the request.

    Attributes:
        index: its place in the document, from 0; -1 for what is no statement.
        statement: what it is called.
        effects: `Allow`, `Deny`, or both where that is not known.
        applies: whether it applies to the request.
        open: the parts that decide and are not known.
    """

    index: int
    statement: str
    effects: frozenset[str]
    applies: Truth
    open: tuple[Part, ...] = ()

    @property
    def effect(self) -> str:
        return "".join(self.effects) if len(self.effects) == 1 else ""

    def whole(self) -> Reason:
        """Return the statement as a reason."""
        word = {"Allow": "allows it", "Deny": "denies it", "": "may allow or deny it"}[self.effect]
        return Reason(self.statement, self.index, self.effect, "", f"{self.statement} {word}")

    def not_known(self) -> tuple[Reason, ...]:
        """Return what decides and is not known."""
        return tuple(
            Reason(self.statement, self.index, self.effect, part.name, f"{self.statement}: {_clause(part)}")
            for part in self.open
        )


def _clause(part: Part) -> str:
    return f"it is not known whether its {part.name} ({part.text}) matches" if part.name else part.text


def judge(document: Mapping[str, Any] | str, request: Request) -> Decision:
    """Return what a resource's policy says to a request, as if the caller's own policies allow everything.

    A caller of another account, or of none, needs an Allow here. A caller of the resource's own account is let in by
    his own policies unless a Deny hits him here; but where the resource is a KMS key, or a role to be assumed, its
    policy must allow him too.

    Args:
        document: the policy, as JSON text or as what JSON becomes. Anything that cannot be read makes the answer
            `DEPENDS` where it could decide.
        request: who does what to which resource.
    """
    try:
        policy = read(document)
    except Unreadable as error:
        return Decision(Verdict.DEPENDS, unless=(unreadable(error),))
    return decide(policy, request)


def unreadable(error: Unreadable) -> Reason:
    """Return why nothing can be decided."""
    return Reason("the policy", -1, "", "", f"the policy cannot be read: {error}")


def decide(
    policy: Document, request: Request, *, variant: Request | None = None, variant_at: Container[int] = ()
) -> Decision:
    """Return what a policy that was read says to a request.

    Args:
        policy: the policy.
        request: the request.
        variant: the same request with less known of it, for the statements at `variant_at`.
        variant_at: the places of statements, from 0.
    """
    keys = Keys(request)
    found = _outcomes(policy, request, keys, variant, variant_at)
    denials = [one for one in found if "Deny" in one.effects and one.applies is not False]
    allows = [one for one in found if "Allow" in one.effects and one.applies is not False]
    certain = [one for one in denials if one.applies and one.effect]
    if certain:
        return Decision(Verdict.DENIED, tuple(one.whole() for one in certain))
    let_in = [one.whole() for one in allows if one.applies and one.effect]
    is_own = _is_of_own_account(request, keys)
    if not allows and is_own is False:
        return Decision(Verdict.DENIED)
    because = tuple(let_in) or ((_OWN_POLICIES,) if is_own else ())
    if because and not denials:
        return Decision(Verdict.ALLOWED, because)
    deciding = denials if because else [one for one in found if one.applies is not False]
    unless = [reason for one in deciding for reason in one.not_known()]
    if not because and is_own is None:
        unless.append(_PERHAPS_OWN)
    return Decision(Verdict.DEPENDS, because, tuple(unless))


def outcomes(
    policy: Document, request: Request, *, variant: Request | None = None, variant_at: Container[int] = ()
) -> list[Outcome]:
    """Return what each statement does with the request; the arguments are those of `decide`."""
    return _outcomes(policy, request, Keys(request), variant, variant_at)


def _outcomes(
    policy: Document, request: Request, keys: Keys, variant: Request | None, variant_at: Container[int]
) -> list[Outcome]:
    known = (request, keys)
    less_known = known if variant is None else (variant, Keys(variant))
    found = [
        _outcome(index, statement, *(less_known if index in variant_at else known), policy.variables)
        for index, statement in enumerate(policy.statements)
    ]
    for name in policy.more:
        part = Part(readable(name), None, "AWS describes no such part of a policy")
        found.append(Outcome(-1, "the policy", frozenset({"Allow", "Deny"}), None, (part,)))
    return found


def _outcome(index: int, statement: Any, request: Request, keys: Keys, variables: bool | None) -> Outcome:
    name = f"statement {index + 1}"
    if isinstance(statement, Mapping) and isinstance(sid := statement.get("Sid"), str) and sid:
        name = readable(sid)
    unknown: list[Part] = []
    for part in parts(statement, request, keys, variables=variables):
        if part.truth is False:
            return Outcome(index, name, effects(statement), False)
        if part.truth is None:
            unknown.append(part)
    return Outcome(index, name, effects(statement), None if unknown else True, tuple(unknown))


def _is_of_own_account(request: Request, keys: Keys) -> Truth:
    """Tell whether the caller's own policies let him in, without an Allow here."""
    account = keys.caller.account
    if account is None or request.action.lower().startswith(_ALONE):
        return False
    return matches(account, request.account, wildcards=False)
