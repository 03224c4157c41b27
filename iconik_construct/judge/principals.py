"""Who calls, by which names a policy can mean him, and whether a `Principal` or `NotPrincipal` does.

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
"""The condition keys that tell of the caller what his ARN leaves out."""

_PATH = unknown("a path")
_NAME = unknown("a name")
_ID = unknown("a unique id")


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a request, as far as his ARN tells.

    Attributes:
        kind: `User`, `AssumedRole`, `Role` (a session of it, not known which), `Account`, `FederatedUser`, `Service`,
            `Anonymous`, or `Other`; all but `Role`, `Service` and `Other` are values of `aws:PrincipalType`.
        account: his account; None where he has none.
        user: the name of the user; None for everybody else.
        arn: what `aws:PrincipalArn` says; None where it does not exist or is not known.
        perhaps_arn: what it says if the role of the session has a path, which the session's ARN leaves out.
        by_account: the names that mean his whole account.
        by_role: the names of the role whose session he is.
        by_himself: the names that mean him alone.
        maybe: names with an unknown part, which mean him if that part is right.
    """

    kind: str
    account: str | None = None
    user: str | None = None
    arn: str | None = None
    perhaps_arn: str | None = None
    by_account: frozenset[str] = frozenset()
    by_role: frozenset[str] = frozenset()
    by_himself: frozenset[str] = frozenset()
    maybe: tuple[str, ...] = ()


def caller(principal: str | None, known: Mapping[str, str]) -> Caller:
    """Return the caller with this ARN; `known` are the values of `NAMING` that are given."""
    if principal is None:
        return Caller("Anonymous")
    parts = split(principal, ":", 5)
    if len(parts) == 1 and principal.isdigit():
        parts = ["arn", "aws", "iam", "", principal, "root"]
    if len(parts) != 6 or parts[0] != "arn":  # noqa: PLR2004 - the six parts of an ARN
        return Caller("Service" if "." in principal else "Other", by_himself=frozenset({principal}))
    _, partition, service, _, account, resource = parts
    known_as = known.get("aws:userid", "").partition(":")[0]
    kind, _, rest = resource.partition("/")
    if (service, kind) in {("iam", "role"), ("sts", "assumed-role")}:
        return _of_role(principal, parts, known_as, known.get("aws:principalarn"))
    start = f"arn:{partition}:iam::{account}:"
    by_account = frozenset({account, f"{start}root"})
    himself = frozenset({principal})
    user: str | None = None
    maybe: tuple[str, ...] = ()
    if (service, resource) == ("iam", "root"):
        himself, kind = frozenset(), "Account"
    elif (service, kind) == ("iam", "user"):
        kind, user = "User", _last(rest)
        himself, maybe = (himself | {known_as}, ()) if known_as else (himself, (f"AIDA{_ID}",))
    elif (service, kind) == ("sts", "federated-user"):
        # What is granted to the user reaches the sessions that he starts, and their ARN does not tell who started them.
        kind, maybe = "FederatedUser", (f"{start}user/{_NAME}", f"AIDA{_ID}")
    else:
        kind = "Other"
    return Caller(kind, account, user, principal, None, by_account, frozenset(), himself, maybe)


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
        by_himself=frozenset({principal}) if session else frozenset(),
        maybe=tuple(maybe),
    )


def _last(path: str) -> str:
    return split(path, "/")[-1]


def is_named(element: Any, who: Caller) -> Truth:
    """Tell whether a `Principal` means the caller."""
    if isinstance(element, str):
        # AWS knows no other string than "*" here: "must be a mapping" is what it says.
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
    found: Truth = False
    if kind == "AWS":
        found = text == ANYBODY or _is_one_of(text, (who.by_account, who.by_role, who.by_himself), who.maybe)
        if who.kind == "Service" and text != ANYBODY:
            found = False
    elif kind == "Service":
        if who.kind == "Service":
            found = text == ANYBODY or _is_one_of(text, (who.by_himself,), ())
    elif kind == "Federated":
        if who.kind == "Other":
            found = _is_one_of(text, (who.by_himself,), ())
    elif kind == "CanonicalUser":
        # An account under another number, which says nothing about whose it is.
        found = False if who.account is None or is_own(text) else None
    else:
        found = None
    return found


def _is_one_of(text: str, certain: Iterable[frozenset[str]], maybe: Iterable[str]) -> Truth:
    names = tuple(certain)
    if any(text in some for some in names):
        return True
    candidates = [name for some in names for name in some if is_marked(text) or is_marked(name)]
    # What is not known could be "*" too.
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
    # Neither the name of a role nor that of a session holds a slash.
    texts, names = split(text, "/"), split(name, "/")
    return len(texts) == len(names) and all_of(
        matches(one, other, wildcards=False) for one, other in zip(texts, names, strict=True)
    )


def is_excepted(element: Any, who: Caller) -> Truth:
    """Tell whether a `NotPrincipal` leaves the caller out.

    "AWS might validate the account first, then the role, and then the assumed-role user": a caller is left out for
    certain if its account, its role and its session are in the list. With a part of these it depends on the service.
    """
    if isinstance(element, str) and element == ANYBODY:
        return True
    named = list(_named(element))
    if any(kind == "AWS" and text == ANYBODY for kind, text in named):
        return True
    meant = is_named(element, who)
    if meant is not True or isinstance(element, str):
        return meant
    texts = {text for _, text in named}
    is_session_known = who.by_himself or not who.by_role
    needed = [names for names in (who.by_account, who.by_role, who.by_himself) if names]
    return True if is_session_known and all(texts & names for names in needed) else None
