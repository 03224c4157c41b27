"""Defines whose access is compared: iconik in each form, everyone, and each principal in a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...access.trust import PRINCIPAL_TAG
from ...judge.scalars import scalars
from ...judge.text import (
    AnyText,
    MarkedText,
    has_unknown,
    if_plain,
    is_plain,
    joined,
    literal,
    own,
    shown,
    split,
    unknown,
)
from ...judge.wildcards import ONE_CHARACTER, STAR
from ..assumptions import ASSUMPTIONS
from ..callers import OF_SIGNED_CALLERS, Caller, another_domain, everyone, iconik_session, strangers
from ..callers import without_tag as iconik_without_tag
from ..canonical import canonical_statement
from ..expected import Question
from ..public import condition_entries
from ..reach import SOMEWHERE
from ..requests import domains_in

__all__ = ["OTHERS", "Party", "parties"]

OTHERS: Final = "others"
"""The name of callers that no policy names."""

_PRINCIPAL_KEYS: Final = frozenset({"aws:principalarn", "aws:principalaccount", "kms:calleraccount"})
_KEPT: Final = frozenset({PRINCIPAL_TAG, "aws:PrincipalArn"})
_ANY_ROLE: Final = own("a role that no policy names")
_ANY_SERVICE: Final = literal("*.amazonaws.com")
_SESSION: Final = own("a session that no policy names")
_ASSUMED: Final = frozenset(each.key for each in ASSUMPTIONS)


@dataclass(frozen=True, slots=True)
class Party:
    """Callers that a reader sees as one.

    Attributes:
        name: the name for a reader.
        callers: the callers, with the known facts about their usual requests.
        any: the callers, with unknown request facts except the tag.
    """

    name: str
    callers: tuple[Caller, ...]

    @property
    def any(self) -> tuple[Caller, ...]:
        return tuple(
            replace(
                each,
                context={key: value for key, value in each.context.items() if key in _KEPT},
                absent=each.absent & {PRINCIPAL_TAG},
            )
            for each in self.callers
        )


def parties(question: Question, statements: Sequence[Mapping[str, Any]], account: MarkedText) -> list[Party]:
    """Return the parties to compare.

    Args:
        question: the System Domain IDs and iconik's role.
        statements: the statements of both policies.
        account: the account that owns the resource.
    """
    ids, role = question.system_domain_ids, question.role_arn
    foreign = [each for each in domains_in({"Statement": list(statements)}) if each not in ids]
    own_name = "iconik for your domain" if len(ids) == 1 else "iconik for your domain {}"
    without = iconik_without_tag(role)
    iconik_account = role.split(":")[4]
    domains = [*ids, *foreign]
    tags = list(dict.fromkeys([*map(literal, domains), *_values_of_tag(statements)]))
    other_role = replace(
        without,
        principal=joined("arn:aws:sts::", iconik_account, ":assumed-role/", _ANY_ROLE, "/", _SESSION),
        context={key: value for key, value in without.context.items() if key != "aws:PrincipalArn"},
    )
    known_parties = [
        *(Party(own_name.format(each), (iconik_session(each, role),)) for each in ids),
        *(Party(f"iconik for the domain {each}", (iconik_session(each, role),)) for each in foreign),
        Party("iconik for another domain", (another_domain(domains, role),)),
        Party("iconik without a domain", (without,)),
        Party("another role of iconik's account", tuple(_tagged(other_role, tags))),
        Party("an anonymous caller", tuple(_somewhere(everyone()))),
        Party(
            "any other AWS account",
            tuple(caller for each in strangers() for tagged in _tagged(each, tags) for caller in _somewhere(tagged)),
        ),
        Party("the account of the resource", tuple(_of_account(account, tags))),
    ]
    return [*known_parties, *(Party(name, callers) for name, callers in _named(statements, question, tags, account))]


def unnamed() -> Party:
    """Return callers about whom nothing is known."""
    account, name = unknown("an account"), unknown("a name")
    arns = (
        joined("arn:aws:sts::", account, ":assumed-role/", name, "/", unknown("a session")),
        joined("arn:aws:iam::", account, ":user/", name),
        joined("arn:aws:iam::", account, ":root"),
        joined("arn:aws:sts::", account, ":federated-user/", name),
        None,
    )
    return Party(OTHERS, tuple(Caller(name=OTHERS, principal=arn) for arn in arns))


def _somewhere(who: Caller) -> Iterator[Caller]:
    for place in SOMEWHERE:
        yield replace(who, context={**who.context, **place})


def _values_of_tag(statements: Iterable[Mapping[str, Any]]) -> Iterator[MarkedText]:
    """Yield every value of the tag in a condition, and an example for each pattern."""
    for statement in statements:
        for _, key, values in condition_entries(statement.get("Condition")):
            for text in values if key == PRINCIPAL_TAG.lower() else ():
                if text is not None and not has_unknown(text):
                    yield text.replace(STAR, own("the rest of a tag")).replace(ONE_CHARACTER, "x")


def _tagged(who: Caller, tags: Iterable[AnyText]) -> Iterator[Caller]:
    """Yield a caller without the tag, and with each value that a policy can require."""
    context = {key: value for key, value in who.context.items() if key != PRINCIPAL_TAG}
    yield replace(who, context=context, absent=who.absent | {PRINCIPAL_TAG})
    for each in (*tags, own("a tag that no policy names")):
        yield replace(who, context={**context, PRINCIPAL_TAG: each}, absent=who.absent - {PRINCIPAL_TAG})


def _of_account(account: MarkedText, tags: Sequence[AnyText]) -> Iterator[Caller]:
    start = joined("arn:aws:iam::", account)
    session = joined("arn:aws:sts::", account, ":assumed-role/", _ANY_ROLE, "/", _SESSION)
    for arn in (session, joined(start, ":user/", own("a user that no policy names")), joined(start, ":root")):
        yield from _by_arn(arn, tags)


def _by_arn(arn: MarkedText, tags: Sequence[AnyText], known: Mapping[str, Any] | None = None) -> Iterator[Caller]:
    # A named principal can be in the organisation or the network of a condition.
    usual = everyone()
    context = {key: value for key, value in usual.context.items() if key not in _ASSUMED}
    who = Caller(
        name=shown(arn), principal=arn, context={**context, **(known or {})}, absent=usual.absent - OF_SIGNED_CALLERS
    )
    yield who
    yield from _tagged(who, tags)


def _named(
    statements: Sequence[Mapping[str, Any]], question: Question, tags: Sequence[AnyText], owner: MarkedText
) -> Iterator[tuple[str, tuple[Caller, ...]]]:
    for text in dict.fromkeys(text for each in statements for text in _principals(each)):
        parts = split(text, ":", 5)
        if text == STAR or has_unknown(text) or text in question.iconik.roles:
            continue
        if len(parts) < 6:  # noqa: PLR2004 - the parts of an ARN
            if is_plain(text):
                # A service, which calls for anybody.
                yield text, (Caller(name=text, principal=text),)
            continue
        account, resource = parts[4], parts[5]
        if resource == literal("root"):
            if account != owner and if_plain(account) not in question.iconik.accounts:
                yield f"the account {shown(account)}", tuple(_of_account(account, tags))
        elif resource.startswith("role/"):
            # In a condition a name can have wildcards.
            role = text.replace(STAR, _ANY_ROLE).replace(ONE_CHARACTER, "x")
            session = joined("arn:aws:sts::", account, ":assumed-role/", split(role, "/")[-1], "/", _SESSION)
            yield shown(text), tuple(_by_arn(session, tags, {"aws:PrincipalArn": role}))
        else:
            yield shown(text), tuple(_by_arn(text.replace(STAR, _SESSION).replace(ONE_CHARACTER, "x"), tags))


def _principals(statement: Mapping[str, Any]) -> Iterator[MarkedText]:
    canonical = canonical_statement(statement)
    for name in ("Principal", "NotPrincipal"):
        principal = canonical.get(name)
        for kind, named in principal.items() if isinstance(principal, Mapping) else ():
            if kind in ("AWS", "Service") and isinstance(named, list):
                any_of_kind = _ANY_SERVICE if kind == "Service" else STAR
                yield from (any_of_kind if each == STAR else each for each in named if isinstance(each, MarkedText))
    for _, key, values in condition_entries(statement.get("Condition")):
        if key in _PRINCIPAL_KEYS:
            for text in scalars(values):
                if text is not None and text.isdigit():
                    yield joined("arn:aws:iam::", text, ":root")
                elif text is not None and text.startswith("arn:"):
                    yield text
