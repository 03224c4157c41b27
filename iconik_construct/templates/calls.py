"""Finds calls of AWS's API that give iconik access: in custom resources, state machines, schedules and documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..assessment.names import Iconik
from .documents import parsed
from .intrinsics import Scope, intrinsic, texts

__all__ = ["LIKE_A_POLICY", "calls_in"]

LIKE_A_POLICY: Final = re.compile(r'"(?:Effect|Statement)"\s*:')
_WRITES_POLICIES: Final = re.compile(
    r"put\w*policy|creategrant|createaccessgrant|add\w*permission|create\w*share|put\w*acl", re.IGNORECASE
)
_ACTIONS: Final = ("action", "Action", "Api", "Arn", "Resource")
"""Where a call is named: by CDK, by Systems Manager, by a schedule, by a task of a state machine."""
_LONGEST_NAME: Final = 200
"""Characters of the name of an action; no action of AWS has a longer name."""


def calls_in(node: Any, scope: Scope, iconik: Iconik) -> Iterator[str]:
    """Yield each call in a node, or in JSON text in a node, that names iconik as a grantee."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict) and intrinsic(part) is not None:
            waiting += [document for text in texts(part, scope) if (document := _opened(text)) is not None]
        elif isinstance(part, dict):
            waiting += part.values()
            name = _call(part)
            grantee = _grantee(part, scope, iconik) if name else None
            if grantee:
                yield f"the call of {name} names {grantee}"
        elif isinstance(part, str) and (document := _opened(part)) is not None:
            waiting.append(document)


def _call(part: Mapping[str, Any]) -> str | None:
    """Return the name of the call that a mapping makes, if the call can give access."""
    if "Effect" in part:
        return None
    names = (str(part[key])[-_LONGEST_NAME:] for key in _ACTIONS if isinstance(part.get(key), str))
    return next((name for name in names if _WRITES_POLICIES.search(name)), None)


def _grantee(call: Mapping[str, Any], scope: Scope, iconik: Iconik) -> str | None:
    """Return the principal of iconik that a call names outside of a policy."""
    waiting: list[Any] = [value for key, value in call.items() if key not in _ACTIONS]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict) and intrinsic(part) is not None:
            waiting += texts(part, scope)
        elif isinstance(part, dict):
            if "Statement" not in part and "Effect" not in part:
                waiting += part.values()
        elif isinstance(part, str) and part != "*":
            if (document := _opened(part)) is not None:
                waiting.append(document)
            elif not LIKE_A_POLICY.search(part) and iconik.is_named_by(part):
                return part
    return None


def _opened(text: str) -> Any:
    """Return the object or list in a JSON text; None for any other text."""
    document = parsed(text) if text.lstrip()[:1] in {"{", "["} else None
    return document if isinstance(document, (dict, list)) else None
