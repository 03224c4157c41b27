"""Checks whether the bucket policy denies iconik's requests without TLS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..judge.scalars import scalars
from ..judge.text import shown
from ..judge.wildcards import matches
from . import rules
from .fact import Unknown
from .finding import Finding
from .foreign_access import name_of
from .reach import condition_entries
from .subject import Subject

__all__ = ["tls_findings"]

_TLS: Final = "aws:securetransport"
_FALSE_FOR_ICONIK: Final = ("aws:principalisawsservice", "aws:viaawsservice")
"""Keys that are false in every request of iconik."""


def tls_findings(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for the first statement for iconik that no Deny of plain HTTP covers."""
    if subject.unread is not None or isinstance(subject.bucket.rest_of_policy, Unknown):
        return
    iconik = subject.question.iconik
    denies = [statement for statement in subject.policy.statements if _denies_plain_http(statement)]
    for index, statement in enumerate(subject.policy.statements):
        if statement.get("Effect") != "Allow" or not iconik.is_named_in(statement) or _requires_tls(statement):
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
                text=f"no Deny on aws:SecureTransport covers {', '.join(map(shown, wanted))}",
                statement=name,
                index=index,
            )
            return


def _requires_tls(statement: Mapping[str, Any]) -> bool:
    return any(
        operator == "Bool" and key == _TLS and values == ["true"]
        for operator, key, values in condition_entries(statement.get("Condition"))
    )


def _denies_plain_http(statement: Mapping[str, Any]) -> bool:
    if statement.get("Effect") != "Deny":
        return False
    principal = statement.get("Principal")
    named = principal.get("AWS") if isinstance(principal, Mapping) else principal
    if "*" not in scalars(named):
        return False
    entries = list(condition_entries(statement.get("Condition")))
    # Each further condition makes the Deny narrower, unless it only exempts AWS services.
    return any(key == _TLS for _, key, _ in entries) and all(
        operator in {"Bool", "BoolIfExists"}
        and key in {_TLS, *_FALSE_FOR_ICONIK}
        and [(value or "").lower() for value in values] == ["false"]
        for operator, key, values in entries
    )


def _covers_actions(deny: Mapping[str, Any], allow: Mapping[str, Any]) -> bool:
    """Return whether a Deny contains each action of an Allow. The case of names does not count."""
    denied, allowed = (
        [text.lower() for text in scalars(statement.get("Action")) if text is not None] for statement in (deny, allow)
    )
    return not {"s3:*", "*"}.isdisjoint(denied) or (
        bool(allowed) and all(_is_covered(action, denied) for action in allowed)
    )


def _is_covered(resource: str, patterns: Sequence[str]) -> bool:
    return resource in patterns or any(matches(each, resource, wildcards=True) is True for each in patterns)


def _is_of(arn: str, resource: str) -> bool:
    """Return whether a resource of a statement can be the bucket or its objects."""
    return resource.startswith(f"{arn}/") or matches(resource, arn, wildcards=True) is not False
