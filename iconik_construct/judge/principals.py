"""Identifies the caller, the names that a policy can use for the caller, and matches `Principal` and `NotPrincipal`.

Source: AWS, IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .scalars import scalars
from .text import UNKNOWN, MarkedText, is_marked, is_own, joined, literal, split, unknown
from .truth import Truth, all_of, any_of
from .wildcards import matches

__all__ = ["ANYBODY", "NAMING", "Caller", "caller", "is_excepted", "is_named"]

ANYBODY = literal("*")
NAMING = ("aws:principalarn", "aws:userid")
"""Condition keys with facts about the caller that are not in its ARN."""

_PATH = unknown("a path")
_NAME = unknown("a name")
_USER_ID = joined("AIDA", unknown("a unique id"))
_ROLE_ID = joined("AROA", unknown("a unique id"))
_DOT = literal(".")
_EMPTY = literal("")
_ARN = literal("arn")
_ASSUMED_ROLE = literal(":assumed-role/")
_ROOT = (literal("iam"), literal("root"))
_USER = (literal("iam"), literal("user"))
_FEDERATED_USER = (literal("sts"), literal("federated-user"))
_ROLES = ((literal("iam"), literal("role")), (literal("sts"), literal("assumed-role")))


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a request, as far as its ARN identifies it.

    Attributes:
        kind: `User`, `AssumedRole`, `Role` (an unknown session of the role), `Account`, `FederatedUser`, `Service`,
            `Anonymous`, or `Other`. All but `Role`, `Service` and `Other` are values of `aws:PrincipalType`.
        account: its account, or None.
        user: the name of the user; None for all other callers.
        arn: the value of `aws:PrincipalArn`; None if it does not exist or is unknown.
        perhaps_arn: that value if the role has a path, which a session's ARN does not contain.
        by_account: the names of its account.
        by_role: the names of the role of its session.
        by_caller_alone: the names of this caller alone.
        maybe: names with an unknown part, which are names of the caller if that part is equal.
    """

    kind: str
    account: MarkedText | None = None
    user: MarkedText | None = None
    arn: MarkedText | None = None
    perhaps_arn: MarkedText | None = None
    by_account: frozenset[MarkedText] = frozenset()
    by_role: frozenset[MarkedText] = frozenset()
    by_caller_alone: frozenset[MarkedText] = frozenset()
    maybe: tuple[MarkedText, ...] = ()


def caller(principal: MarkedText | None, known: Mapping[str, MarkedText]) -> Caller:
    """Return the caller with this ARN. `known` has the given values of `NAMING`."""
    if principal is None:
        return Caller("Anonymous")
    parts = split(principal, ":", 5)
    if len(parts) == 1 and principal.isdigit():
        parts = split(joined("arn:aws:iam::", principal, ":root"), ":")
    if len(parts) != 6 or parts[0] != _ARN:  # noqa: PLR2004 - the six parts of an ARN
        return Caller("Service" if _DOT in principal else "Other", by_caller_alone=frozenset({principal}))
    _, partition, service, _, account, resource = parts
    known_as = split(known["aws:userid"], ":")[0] if "aws:userid" in known else _EMPTY
    first, *rest = split(resource, "/", 1)
    if (service, first) in _ROLES:
        return _of_role(principal, parts, known_as, known.get("aws:principalarn"))
    start = joined("arn:", partition, ":iam::", account, ":")
    by_account = frozenset({account, start + _ROOT[1]})
    by_caller = frozenset({principal})
    user: MarkedText | None = None
    maybe: tuple[MarkedText, ...] = ()
    if (service, resource) == _ROOT:
        by_caller, kind = frozenset(), "Account"
    elif (service, first) == _USER:
        kind, user = "User", _last(resource) if rest else _EMPTY
        by_caller, maybe = (by_caller | {known_as}, ()) if known_as else (by_caller, (_USER_ID,))
    elif (service, first) == _FEDERATED_USER:
        # A statement for a user also applies to the user's federated sessions. Their ARN does not name the user.
        kind, maybe = "FederatedUser", (joined(start, "user/", _NAME), _USER_ID)
    else:
        kind = "Other"
    return Caller(kind, account, user, principal, None, by_account, frozenset(), by_caller, maybe)


def _of_role(
    principal: MarkedText, parts: Sequence[MarkedText], known_as: MarkedText, known_arn: MarkedText | None
) -> Caller:
    _, partition, service, _, account, resource = parts
    is_session = service != _ROOT[0]
    _, name, *session = split(resource, "/", 2 if is_session else 1)
    start = joined("arn:", partition, ":iam::", account, ":")
    by_account = frozenset({account, start + _ROOT[1]})
    maybe: list[MarkedText] = []
    perhaps: MarkedText | None = None
    if not is_session:
        role = principal
        maybe.append(joined("arn:", partition, ":sts::", account, _ASSUMED_ROLE, _last(name), "/", _NAME))
    else:
        role = known_arn or joined(start, "role/", name)
        if known_arn is None:
            perhaps = joined(start, "role/", _PATH, "/", name)
            maybe.append(perhaps)
    by_role = {role}
    if known_as:
        by_role.add(known_as)
    else:
        maybe.append(_ROLE_ID)
    return Caller(
        kind="AssumedRole" if is_session else "Role",
        account=account,
        arn=role,
        perhaps_arn=perhaps,
        by_account=by_account,
        by_role=frozenset(by_role),
        by_caller_alone=frozenset({principal}) if session else frozenset(),
        maybe=tuple(maybe),
    )


def _last(path: MarkedText) -> MarkedText:
    return split(path, "/")[-1]


def is_named(element: Any, who: Caller) -> Truth:
    """Return whether a `Principal` names the caller."""
    if isinstance(element, MarkedText):
        # The only string that AWS allows here is "*": the element "must be a mapping".
        return True if element == ANYBODY else all_of((None, _is_meant("AWS", element, who)))
    return any_of(None if text is None else _is_meant(kind, text, who) for kind, text in _named(element))


def _named(element: Any) -> Iterator[tuple[str, MarkedText | None]]:
    if not isinstance(element, Mapping):
        yield "", None
        return
    for kind, value in element.items():
        for text in scalars(value):
            yield str(kind), text


def _is_meant(kind: str, text: MarkedText, who: Caller) -> Truth:
    truth: Truth = False
    if kind == "AWS":
        truth = text == ANYBODY or _is_one_of(text, (who.by_account, who.by_role, who.by_caller_alone), who.maybe)
        if who.kind == "Service" and text != ANYBODY:
            truth = False
    elif kind == "Service":
        if who.kind == "Service":
            truth = text == ANYBODY or _is_one_of(text, (who.by_caller_alone,), ())
    elif kind == "Federated":
        if who.kind == "Other":
            truth = _is_one_of(text, (who.by_caller_alone,), ())
    elif kind == "CanonicalUser":
        # Another name of an account, which does not show the account.
        truth = False if who.account is None or is_own(text) else None
    else:
        truth = None
    return truth


def _is_one_of(text: MarkedText, certain: Iterable[frozenset[MarkedText]], maybe: Iterable[MarkedText]) -> Truth:
    names = tuple(certain)
    if any(text in some for some in names):
        return True
    candidates = [name for some in names for name in some if is_marked(text) or is_marked(name)]
    # An unknown text could also be "*".
    everybody = (ANYBODY,) if is_marked(text) else ()
    return any_of(_equal(text, name) for name in (*candidates, *maybe, *everybody))


def _equal(text: MarkedText, name: MarkedText) -> Truth:
    if is_marked(text):
        return matches(text, name, wildcards=False)
    # Nearly all comparisons end here.
    end = name.find(UNKNOWN)
    start = name if end < 0 else name[:end]
    if not text.startswith(start):
        return False
    if _ASSUMED_ROLE not in start:
        return matches(text, name, wildcards=False)
    # The names of roles and sessions contain no slash.
    text_parts, name_parts = split(text, "/"), split(name, "/")
    return len(text_parts) == len(name_parts) and all_of(
        matches(text_part, name_part, wildcards=False)
        for text_part, name_part in zip(text_parts, name_parts, strict=True)
    )


def is_excepted(element: Any, who: Caller) -> Truth:
    """Return whether a `NotPrincipal` excepts the caller.

    "AWS might validate the account first, then the role, and then the assumed-role user": the caller is excepted for
    certain if its account, its role and its session are in the list. With only some of these it depends on the service.
    """
    if isinstance(element, MarkedText) and element == ANYBODY:
        return True
    named = list(_named(element))
    if any(kind == "AWS" and text == ANYBODY for kind, text in named):
        return True
    meant = is_named(element, who)
    if meant is not True or isinstance(element, MarkedText):
        return meant
    excepted = {text for _, text in named}
    is_session_known = who.by_caller_alone or not who.by_role
    needed = [names for names in (who.by_account, who.by_role, who.by_caller_alone) if names]
    return True if is_session_known and all(excepted & names for names in needed) else None
