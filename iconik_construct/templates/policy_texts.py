"""Finds policies in the JSON texts of a resource, at any depth: objects, single statements, text within text."""

from __future__ import annotations

import binascii
import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..judge.text import AnyText, in_document, literal
from .documents import read_json
from .intrinsics import Scope, intrinsic, possible_values
from .template import holds_quote

__all__ = ["DUPLICATE", "decoded_texts", "is_policy_text", "policy_texts", "with_substitutions"]

DUPLICATE: Final = object()
"""The replacement for the policies of a text in which an object has a key twice."""

_MOST_LAYERS: Final = 6
"""The maximum depth of JSON text within JSON text."""
_MOST_TEXTS: Final = 64
_STATE_MACHINES: Final = frozenset({"AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine"})
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{24,}")
_ESCAPE: Final = "\\u"
"""In JSON text, any letter can be written as a number."""


def policy_texts(node: Any, scope: Scope) -> Iterator[tuple[str, AnyText, Any]]:
    """Yield the policies in the JSON texts of a node: the place, the text, and the policy or `DUPLICATE`."""
    waiting = [(node, "Properties")]
    while waiting:
        part, place = waiting.pop()
        if intrinsic(part) == "Fn::Base64":
            waiting.append((part["Fn::Base64"], place))
        elif isinstance(part, dict) and intrinsic(part) is None:
            waiting += [(value, f"{place}.{key}") for key, value in part.items()]
        elif isinstance(part, list):
            waiting += [(item, f"{place}.{number}") for number, item in enumerate(part)]
        elif isinstance(part, str):
            yield from ((place, part, document) for document in _unwrapped(part))
        elif isinstance(part, dict) and (holds_quote(part) or scope.template.has_policy_text):
            yield from (
                (place, text, document) for text in possible_values(part, scope) for document in _unwrapped(text)
            )


def is_policy_text(text: AnyText) -> bool:
    """Return whether a text is a policy, or contains one."""
    return any(document is not DUPLICATE for document in _unwrapped(text))


def decoded_texts(text: AnyText) -> Iterator[str]:
    """Yield the texts that are written in base64 in a text, as in user data and in commands of PowerShell."""
    for found in _BASE64.findall(in_document(text)):
        with contextlib.suppress(binascii.Error):
            # One character after the last group of four is no part of the text.
            content = binascii.a2b_base64(f"{found[:-1] if len(found) % 4 == 1 else found}==")
            # Text of two bytes a letter has a zero in each letter.
            yield content.replace(b"\0", b"").decode("utf-8", errors="replace")


def _unwrapped(text: AnyText) -> Iterator[Any]:
    waiting: list[tuple[str, int]] = [(in_document(text), 0)]
    while waiting:
        text, depth = waiting.pop()
        if not ("Effect" in text or _ESCAPE in text) or depth > _MOST_LAYERS:
            continue
        whole, has_duplicates = read_json(text)
        if has_duplicates:
            yield DUPLICATE
            continue
        inside: list[Any] = [whole]
        while inside:
            part = inside.pop()
            if isinstance(part, str):
                waiting.append((part, depth + 1))
            elif isinstance(part, list):
                inside += part
            elif isinstance(part, dict):
                if "Statement" in part:
                    yield part
                elif "Effect" in part and {"Principal", "NotPrincipal"} & set(part):
                    yield {"Statement": [part]}
                inside += [value for name, value in part.items() if name != "Statement" or isinstance(value, str)]


def with_substitutions(kind: str, properties: Mapping[str, Any], scope: Scope) -> Mapping[str, Any]:
    """Return the properties of a resource. In a state machine's definition, each `${name}` has its value."""
    values = properties.get("DefinitionSubstitutions")
    if kind not in _STATE_MACHINES or not isinstance(values, dict):
        return properties
    definitions = possible_values(properties.get("DefinitionString"), scope)
    if "Definition" in properties:
        definitions.append(literal(json.dumps(properties["Definition"], default=str)))
    for name, value in values.items():
        replaced = [
            text.replace(literal("${" + str(name) + "}"), substitute)
            for text in definitions
            for substitute in possible_values(value, scope) or [literal("")]
        ]
        definitions = list(dict.fromkeys(replaced))[:_MOST_TEXTS]
    return {**properties, "DefinitionString": definitions}
