"""Finds calls of the AWS API in custom resources, state machines, schedules and documents.

Some calls give iconik access. Others replace the policy of a bucket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..assessment.fact import Fact, Unknown, Why
from ..assessment.names import Iconik
from ..judge.text import AnyText, MarkedText, in_document, joined
from ..judge.wildcards import STAR
from .documents import parsed
from .intrinsics import Scope, intrinsic, possible_values
from .template import App, properties_of

__all__ = ["LIKE_A_POLICY", "bucket_policy_writers", "calls_in"]

LIKE_A_POLICY: Final = re.compile(r'"(?:Effect|Statement)"\s*:')
_WRITES_POLICIES: Final = re.compile(
    r"put\w*policy|creategrant|createaccessgrant|add\w*permission|create\w*share|put\w*acl", re.IGNORECASE
)
_ACTIONS: Final = ("action", "Action", "Api", "Arn", "Resource")
"""Where a call is named: by the CDK, by Systems Manager, by a schedule, by a task of a state machine."""
_CALLERS: Final = ("Custom::", "AWS::CloudFormation::CustomResource", "AWS::StepFunctions::", "AWS::Scheduler::")
_WRITES_BUCKET_POLICY: Final = re.compile("putbucketpolicy", re.IGNORECASE)
_LONGEST_NAME: Final = 200
"""The maximum length of an action's name. No action of AWS has a longer name."""


def calls_in(node: Any, scope: Scope, iconik: Iconik) -> Iterator[MarkedText]:
    """Yield each call in a node, or in JSON text in a node, that names iconik as a grantee."""
    for name, call in _calls(node, scope, _WRITES_POLICIES):
        grantee = _grantee(call, scope, iconik)
        if grantee:
            yield joined("the call of ", name, " names ", grantee)


def bucket_policy_writers(app: App) -> dict[MarkedText, Fact]:
    """Return each bucket whose whole policy a call replaces at deployment, with the fact that the policy is unknown."""
    facts: dict[MarkedText, Fact] = {}
    for template in app.templates:
        scope = Scope(app, template)
        for logical_id, resource in template.resources.items():
            if not str(resource.get("Type", "")).startswith(_CALLERS):
                continue
            for name, call in _calls(properties_of(resource), scope, _WRITES_BUCKET_POLICY):
                why = Unknown("", Why.UNREADABLE, f"{logical_id} writes the whole policy by a call of {name}")
                facts |= dict.fromkeys(_buckets_of(call, scope), why)
    return facts


def _buckets_of(call: Mapping[str, Any], scope: Scope) -> Iterator[MarkedText]:
    """Yield the values of `Bucket` in the parameters of a call."""
    waiting: list[Any] = [call]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            yield from possible_values(part.get("Bucket"), scope)
            waiting += [value for key, value in part.items() if key != "Policy"]
        elif isinstance(part, str) and (document := _opened(part)) is not None:
            waiting.append(document)


def _calls(node: Any, scope: Scope, wanted: re.Pattern[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name of each call in a node, or in JSON text in a node, and its mapping."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict) and intrinsic(part) is not None:
            waiting += [document for text in possible_values(part, scope) if (document := _opened(text)) is not None]
        elif isinstance(part, dict):
            waiting += part.values()
            name = None if "Effect" in part else _name_of(part, wanted)
            if name is not None:
                yield name, part
        elif isinstance(part, str) and (document := _opened(part)) is not None:
            waiting.append(document)


def _name_of(call: Mapping[str, Any], wanted: re.Pattern[str]) -> str | None:
    names = (str(call[key])[-_LONGEST_NAME:] for key in _ACTIONS if isinstance(call.get(key), str))
    return next((name for name in names if wanted.search(name)), None)


def _grantee(call: Mapping[str, Any], scope: Scope, iconik: Iconik) -> MarkedText | None:
    """Return iconik's principal in a call, outside of a policy."""
    waiting: list[Any] = [value for key, value in call.items() if key not in _ACTIONS]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict) and intrinsic(part) is not None:
            waiting += possible_values(part, scope)
        elif isinstance(part, dict):
            if "Statement" not in part and "Effect" not in part:
                waiting += part.values()
        elif isinstance(part, MarkedText) and part != STAR:
            if (document := _opened(part)) is not None:
                waiting.append(document)
            elif not LIKE_A_POLICY.search(in_document(part)) and iconik.is_named_by(part):
                return part
    return None


def _opened(text: AnyText) -> Any:
    """Return the object or list in a JSON text, or None for any other text."""
    document = parsed(text) if in_document(text).lstrip()[:1] in {"{", "["} else None
    return document if isinstance(document, (dict, list)) else None
