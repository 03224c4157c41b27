"""Evaluates a resource policy for one request: first an explicit Deny, then an Allow, then the implicit Deny.

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
"""For these services the resource's policy must allow callers of its own account too."""

_OWN_POLICIES: Final = Reason(
    "the policy", -1, "Allow", "", "the policies of the caller allow it: the resource is in the account of the caller"
)
_PERHAPS_OWN: Final = Reason(
    "the policy", -1, "Allow", "", "it is not known whether the resource is in the account of the caller"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one statement for the request.

    Attributes:
        index: its place in the document, from 0; -1 if it is not a statement.
        statement: its name for a reader.
        effects: `Allow`, `Deny`, or both if the effect is unknown.
        applies: whether it applies to the request.
        open: the parts that decide and are unknown.
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
        """Return the unknown parts that decide."""
        return tuple(
            Reason(self.statement, self.index, self.effect, part.name, f"{self.statement}: {_clause(part)}")
            for part in self.open
        )


def _clause(part: Part) -> str:
    return f"it is not known whether its {part.name} ({part.text}) matches" if part.name else part.text


def judge(document: Mapping[str, Any] | str, request: Request) -> Decision:
    """Evaluate a resource policy for a request, as if the caller's own policies allow everything.

    A caller of another account, or an anonymous caller, needs an Allow in this policy. A caller of the resource's
    account is allowed by its own policies, unless a Deny of this policy applies. If the resource is a KMS key or a
    role to assume, this policy must allow the caller too.

    Args:
        document: the policy, as JSON text or as parsed JSON. An unreadable part that can decide makes the result
            `DEPENDS`.
        request: the action, the resource, the caller and the known condition keys.
    """
    try:
        policy = read(document)
    except Unreadable as error:
        return Decision(Verdict.DEPENDS, unless=(unreadable(error),))
    return decide(policy, request)


def unreadable(error: Unreadable) -> Reason:
    """Return the reason for a policy that cannot be read."""
    return Reason("the policy", -1, "", "", f"the policy cannot be read: {error}")


def decide(
    policy: Document, request: Request, *, variant: Request | None = None, variant_at: Container[int] = ()
) -> Decision:
    """Evaluate a parsed policy for a request.

    Args:
        policy: the policy.
        request: the request.
        variant: the same request with fewer known facts, for the statements at `variant_at`.
        variant_at: the places of statements, from 0.
    """
    keys = Keys(request)
    all_outcomes = _outcomes(policy, request, keys, variant, variant_at)
    denials = [outcome for outcome in all_outcomes if "Deny" in outcome.effects and outcome.applies is not False]
    allows = [outcome for outcome in all_outcomes if "Allow" in outcome.effects and outcome.applies is not False]
    certain = [outcome for outcome in denials if outcome.applies and outcome.effect]
    if certain:
        return Decision(Verdict.DENIED, tuple(outcome.whole() for outcome in certain))
    allowing = [outcome.whole() for outcome in allows if outcome.applies and outcome.effect]
    is_own = _is_of_own_account(request, keys)
    if not allows and is_own is False:
        return Decision(Verdict.DENIED)
    because = tuple(allowing) or ((_OWN_POLICIES,) if is_own else ())
    if because and not denials:
        return Decision(Verdict.ALLOWED, because)
    deciding = denials if because else [outcome for outcome in all_outcomes if outcome.applies is not False]
    unless = [reason for outcome in deciding for reason in outcome.not_known()]
    if not because and is_own is None:
        unless.append(_PERHAPS_OWN)
    return Decision(Verdict.DEPENDS, because, tuple(unless))


def outcomes(
    policy: Document, request: Request, *, variant: Request | None = None, variant_at: Container[int] = ()
) -> list[Outcome]:
    """Return the result of each statement for the request. The arguments are those of `decide`."""
    return _outcomes(policy, request, Keys(request), variant, variant_at)


def _outcomes(
    policy: Document, request: Request, keys: Keys, variant: Request | None, variant_at: Container[int]
) -> list[Outcome]:
    known = (request, keys)
    less_known = known if variant is None else (variant, Keys(variant))
    results = [
        _outcome(index, statement, *(less_known if index in variant_at else known), policy.variables)
        for index, statement in enumerate(policy.statements)
    ]
    for name in policy.more:
        part = Part(readable(name), None, "AWS describes no such part of a policy")
        results.append(Outcome(-1, "the policy", frozenset({"Allow", "Deny"}), None, (part,)))
    return results


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
    """Return whether the caller's own policies allow it, without an Allow in this policy."""
    account = keys.caller.account
    if account is None or request.action.lower().startswith(_ALONE):
        return False
    return matches(account, request.account, wildcards=False)
