"""Findings about the CORS rules of the bucket: whether iconik's web application can upload and play."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..access.cors import ICONIK_ORIGINS, admits_iconik
from ..judge.text import literal
from ..judge.wildcards import matches
from . import rules
from .expected import Question
from .fact import Unknown, value_within
from .facts import BucketFacts
from .finding import Finding
from .rules import Rule

__all__ = ["cors_findings"]

_CONTENT_TYPE: Final = literal("content-type")
_METHODS: Final = {"s3:GetObject": ("GET", "HEAD"), "s3:PutObject": ("POST", "PUT")}
"""The methods of a browser that plays, and of one that uploads."""


def cors_findings(bucket: BucketFacts, question: Question) -> Iterator[Finding]:
    """Yield what the CORS rules keep iconik's web application from."""
    outcome, where = bucket.settings.cors, "the CORS rules"
    if isinstance(outcome, Unknown):
        return
    cors_rules: list[Mapping[str, Any]] = value_within(outcome, "CORSRules") or []
    if not cors_rules:
        yield Finding(rule=rules.NO_CORS, where=where, text="there are none")
        return
    # Which address the domain uses is not known: one without faults is enough.
    methods = _methods(question)
    of_addresses = [_cors_faults(cors_rules, address, methods) for address in ICONIK_ORIGINS]
    if faults := [each for each in of_addresses if each is not None]:
        for fault, text in min(faults, key=len):
            yield Finding(rule=fault, where=where, text=text)
        return
    origins = ", ".join(sorted({each for rule in cors_rules for each in (rule.get("AllowedOrigins") or ())}))
    yield Finding(rule=rules.CORS_ORIGIN, where=where, text=f"their origins are {origins}")


def _methods(question: Question) -> list[str]:
    """Return the methods that browsers need for what iconik should be able to do."""
    return [
        method
        for action, methods in _METHODS.items()
        if question.permissions is None
        or any(each.is_admin or action in each.object_actions for each in question.permissions)
        for method in methods
    ]


def _cors_faults(
    cors_rules: Sequence[Mapping[str, Any]], address: str, methods: Sequence[str]
) -> list[tuple[Rule, str]] | None:
    """Return the faults for an address of iconik's web application; None if no rule is for it.

    The first rule for the origin and the method makes the answer. Before an upload, a browser asks whether any rule for
    them also allows its headers. Source: Amazon S3 User Guide, "How does Amazon S3 evaluate the CORS configuration".
    """
    of_address = [rule for rule in cors_rules if admits_iconik(rule.get("AllowedOrigins") or (), [address])]
    if not of_address:
        return None
    of_methods = {name: [rule for rule in of_address if name in (rule.get("AllowedMethods") or ())] for name in methods}
    uploads = [listed for name, listed in of_methods.items() if listed and name in {"PUT", "POST"}]
    faults = []
    if lacking := [name for name, listed in of_methods.items() if not listed]:
        faults.append((rules.CORS_METHODS, f"the missing methods are {', '.join(lacking)}"))
    if not all({"etag", "*"} & set(_lower(listed[0].get("ExposeHeaders"))) for listed in uploads):
        faults.append((rules.CORS_ETAG, "ETag is not among the exposed headers"))
    if not all(any(_allows_content_type(rule) for rule in listed) for listed in uploads):
        faults.append((rules.CORS_HEADERS, "Content-Type is not among the allowed headers"))
    return faults


def _allows_content_type(rule: Mapping[str, Any]) -> bool:
    return any(matches(name, _CONTENT_TYPE, wildcards=True) for name in _lower(rule.get("AllowedHeaders")))


def _lower(names: Sequence[str] | None) -> list[str]:
    return [name.lower() for name in names or ()]
