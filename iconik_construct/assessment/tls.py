"""Checks whether the bucket policy denies iconik's requests without TLS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from ..judge import Request, own
from ..judge.conditions import holds
from ..judge.keys import Keys
from ..judge.scalars import scalars
from ..judge.text import MarkedText, joined, literal, shown
from ..judge.truth import Truth, all_of
from ..judge.wildcards import matches
from . import rules
from .callers import iconik_session
from .expected import Question
from .fact import Unknown
from .finding import Finding
from .foreign_access import name_of
from .public import condition_entries, is_for_everyone
from .subject import Subject

__all__ = ["tls_findings"]

_ALL_ACTIONS: Final = frozenset({literal("s3:*"), literal("*")})
_SECURE: Final = "aws:SecureTransport"
_VERSION: Final = "s3:TlsVersion"
_TLS: Final = frozenset({_SECURE.lower(), _VERSION.lower()})


def tls_findings(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for the first statement for iconik that no Deny of plain HTTP covers."""
    if subject.unread is not None or isinstance(subject.bucket.rest_of_policy, Unknown):
        return
    question = subject.question
    denies = [statement for statement in subject.policy.statements if _denies_plain_http(statement, question)]
    for index, statement in enumerate(subject.policy.statements):
        if statement.get("Effect") != "Allow" or not question.iconik.is_named_in(statement):
            continue
        if _requires_tls(statement, question):
            continue
        wanted = [
            text for text in scalars(statement.get("Resource")) if text is not None and _is_of(subject.bucket.arn, text)
        ]
        covering = [each for each in denies if _covers_actions(each, statement)]
        denied = [text for each in covering for text in scalars(each.get("Resource")) if text is not None]
        if not all(_is_covered(text, denied) for text in wanted):
            name = name_of(statement, index)
            yield Finding(
                rule=rules.NO_TLS,
                where=subject.name,
                text=f"no Deny of requests without TLS covers {', '.join(map(shown, wanted))}",
                statement=name,
                index=index,
            )
            return


def _requires_tls(statement: Mapping[str, Any], question: Question) -> bool:
    """Return whether an Allow does not apply to a request without TLS."""
    return any(
        _applies({operator: {key: values}}, question) is False
        for operator, key, values in condition_entries(statement.get("Condition"))
        if key in _TLS
    )


def _denies_plain_http(statement: Mapping[str, Any], question: Question) -> bool:
    """Return whether a Deny for everyone certainly applies to each of iconik's requests without TLS."""
    if statement.get("Effect") != "Deny":
        return False
    if not is_for_everyone(statement.get("Principal")):
        return False
    condition = statement.get("Condition")
    keys = {key for _, key, _ in condition_entries(condition)}
    return not keys.isdisjoint(_TLS) and _applies(condition, question) is True


def _applies(condition: Any, question: Question) -> Truth:
    """Return whether a condition applies to a request of iconik without TLS. Such a request has no TLS version."""
    request = _request(question.system_domain_ids[0], question.role_arn)
    return all_of(part.truth for part in holds(condition, Keys(request), variables=True))


@lru_cache(maxsize=16)
def _request(domain: str, role_arn: str) -> Request:
    """Return a request of iconik without TLS."""
    who = iconik_session(domain, role_arn)
    known = {key: value for key, value in who.context.items() if key.lower() not in _TLS}
    caller = replace(who, context={**known, _SECURE: "false"})
    return caller.asks(literal("s3:GetObject"), "arn:aws:s3:::a-bucket/an-object", own("our account"), {}, (_VERSION,))


def _covers_actions(deny: Mapping[str, Any], allow: Mapping[str, Any]) -> bool:
    """Return whether a Deny contains each action of an Allow. The case of names does not count."""
    denied, allowed = (
        [text.lower() for text in scalars(statement.get("Action")) if text is not None] for statement in (deny, allow)
    )
    return not _ALL_ACTIONS.isdisjoint(denied) or (
        bool(allowed) and all(_is_covered(action, denied) for action in allowed)
    )


def _is_covered(resource: MarkedText, patterns: Sequence[MarkedText]) -> bool:
    return resource in patterns or any(matches(each, resource, wildcards=True) is True for each in patterns)


def _is_of(arn: MarkedText, resource: MarkedText) -> bool:
    """Return whether a resource of a statement can be the bucket or its objects."""
    return resource.startswith(joined(arn, "/")) or matches(resource, arn, wildcards=True) is not False
