"""Identifies the caller, the names that a policy can use for the caller, and matches `Principal` and `NotPrincipal`.

Source: AWS, IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .scalars import scalars
from .text import is_marked, is_own, split, unknown
from .truth import Truth, all_of, any_of
from .wildcards import matches

__all__ = ["NAMING", "Caller", "caller", "is_excepted", "is_named"]

ANYBODY = "*"
NAMING = ("aws:principalarn", "aws:userid")
"""Condition keys with facts about the caller that are not in its ARN."""

_PATH = unknown("a path")
_NAME = unknown("a name")
_ID = unknown("a unique id")


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
        by_caller: the names of this caller alone.
        maybe: names with an unknown part, which are names of the caller if that part is equal.
    """

    kind: str
    account: str | None = None
    user: str | None = None
    arn: str | None = None
    perhaps_arn: str | None = None
    by_account: frozenset[str] = frozenset()
    by_role: frozenset[str] = frozenset()
    by_caller_alone: frozenset[str] = frozenset()
    maybe: tuple[str, ...] = ()


def caller(principal: str | None, known: Mapping[str, str]) -> Caller:
    """Return the caller with this ARN. `known` has the given values of `NAMING`."""
    if principal is None:
        return Caller("Anonymous")
    parts = split(principal, ":", 5)
    if len(parts) == 1 and principal.isdigit():
        parts = ["arn", "aws", "iam", "", principal, "root"]
    if len(parts) != 6 or parts[0] != "arn":  # noqa: PLR2004 - the six parts of an ARN
        return Caller("Service" if "." in principal else "Other", by_caller_alone=frozenset({principal}))
    _, partition, service, _, account, resource = parts
    known_as = known.get("aws:userid", "").partition(":")[0]
    kind, _, rest = resource.partition("/")
    if (service, kind) in {("iam", "role"), ("sts", "assumed-role")}:
        return _of_role(principal, parts, known_as, known.get("aws:principalarn"))
    start = f"arn:{partition}:iam::{account}:"
    by_account = frozenset({account, f"{start}root"})
    by_caller = frozenset({principal})
    user: str | None = None
    maybe: tuple[str, ...] = ()
    if (service, resource) == ("iam", "root"):
        by_caller, kind = frozenset(), "Account"
    elif (service, kind) == ("iam", "user"):
        kind, user = "User", _last(rest)
        by_caller, maybe = (by_caller | {known_as}, ()) if known_as else (by_caller, (f"AIDA{_ID}",))
    elif (service, kind) == ("sts", "federated-user"):
        # A statement for a user also applies to the user's federated sessions. Their ARN does not name the user.
        kind, maybe = "FederatedUser", (f"{start}user/{_NAME}", f"AIDA{_ID}")
    else:
        kind = "Other"
    return Caller(kind, account, user, principal, None, by_account, frozenset(), by_caller, maybe)


def _of_role(principal: str, parts: Sequence[str], known_as: str, known_arn: str | None) -> Caller:
    _, partition, service, _, account, resource = parts
    _, name, *session = split(resource, "/", 2 if service == "sts" else 1)
    start = f"arn:{partition}:iam::{account}:role/"
    by_account = frozenset({account, f"arn:{partition}:iam::{account}:root"})
    maybe: list[str] = []
    perhaps: str | None = None
    if service == "iam":
        role = principal
        maybe.append(f"arn:{partition}:sts::{account}:assumed-role/{_last(name)}/{_NAME}")
    else:
        role = known_arn or f"{start}{name}"
        if known_arn is None:
            perhaps = f"{start}{_PATH}/{name}"
            maybe.append(perhaps)
    by_role = {role}
    if known_as:
        by_role.add(known_as)
    else:
        maybe.append(f"AROA{_ID}")
    return Caller(
        kind="AssumedRole" if service == "sts" else "Role",
        account=account,
        arn=role,
        perhaps_arn=perhaps,
        by_account=by_account,
        by_role=frozenset(by_role),
        by_caller_alone=frozenset({principal}) if session else frozenset(),
        maybe=tuple(maybe),
    )


def _last(path: str) -> str:
    return split(path, "/")[-1]


def is_named(element: Any, who: Caller) -> Truth:
    """Return whether a `Principal` names the caller."""
    if isinstance(element, str):
        # The only string that AWS allows here is "*": the element "must be a mapping".
        return True if element == ANYBODY else all_of((None, _is_meant("AWS", element, who)))
    return any_of(None if text is None else _is_meant(kind, text, who) for kind, text in _named(element))


def _named(element: Any) -> Iterator[tuple[str, str | None]]:
    if not isinstance(element, Mapping):
        yield "", None
        return
    for kind, value in element.items():
        for text in scalars(value):
            yield str(kind), text


def _is_meant(kind: str, text: str, who: Caller) -> Truth:
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


def _is_one_of(text: str, certain: Iterable[frozenset[str]], maybe: Iterable[str]) -> Truth:
    names = tuple(certain)
    if any(text in some for some in names):
        return True
    candidates = [name for some in names for name in some if is_marked(text) or is_marked(name)]
    # An unknown text could also be "*".
    everybody = (ANYBODY,) if is_marked(text) else ()
    return any_of(_equal(text, name) for name in (*candidates, *maybe, *everybody))


def _equal(text: str, name: str) -> Truth:
    if is_marked(text):
        return matches(text, name, wildcards=False)
    # Nearly all comparisons end here.
    start = name[: name.index("\x00")] if "\x00" in name else name
    if not text.startswith(start):
        return False
    if ":assumed-role/" not in start:
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
    if isinstance(element, str) and element == ANYBODY:
        return True
    named = list(_named(element))
    if any(kind == "AWS" and text == ANYBODY for kind, text in named):
        return True
    meant = is_named(element, who)
    if meant is not True or isinstance(element, str):
        return meant
    excepted = {text for _, text in named}
    is_session_known = who.by_caller_alone or not who.by_role
    needed = [names for names in (who.by_account, who.by_role, who.by_caller_alone) if names]
    return True if is_session_known and all(excepted & names for names in needed) else None
