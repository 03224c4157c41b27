"""Represents text with unknown parts: marked spans in ordinary strings.

An *unknown* span can be any text, also the empty one, except its excluded values. Spans of the same source are equal.
An *own* span is a value of the own deployment, such as the number of its account. It is equal to itself and to no
literal text. Marks are part of the text, so that `arn:aws:iam::<unknown>:role/x` is as precise as possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

__all__ = [
    "LONG",
    "excluded",
    "has_unknown",
    "is_marked",
    "is_own",
    "is_unknown",
    "map_texts",
    "own",
    "shown",
    "shown_within",
    "split",
    "tokens",
    "unknown",
]

_UNKNOWN = "\x00"
_OWN = "\x01"
_BUT = "\x02"
LONG = 2_000
"""Tokens of a longer text are not cached."""


def unknown(source: str, *, but: Iterable[str] = ()) -> str:
    """Return the mark of an unknown text that is none of `but`."""
    return _UNKNOWN + _BUT.join(part.replace(_UNKNOWN, "").replace(_BUT, "") for part in (source, *but)) + _UNKNOWN


def own(name: str) -> str:
    """Return the mark of a value of the own deployment."""
    return _OWN + name.replace(_OWN, "") + _OWN


def is_marked(text: str) -> bool:
    return _UNKNOWN in text or _OWN in text


def is_unknown(token: str) -> bool:
    """Return whether the token is an unknown span."""
    return len(token) > 1 and token[0] == _UNKNOWN


def has_unknown(text: Sequence[str]) -> bool:
    """Return whether a text or a list of tokens contains an unknown span."""
    return _UNKNOWN in text if isinstance(text, str) else any(map(is_unknown, text))


def is_own(text: str) -> bool:
    """Return whether the text is exactly one own span."""
    return text.startswith(_OWN) and text.find(_OWN, 1) == len(text) - 1 > 0


def excluded(token: str) -> tuple[str, ...]:
    """Return the values that an unknown span does not have."""
    return tuple(token[1:-1].split(_BUT)[1:])


def tokens(text: str) -> Sequence[str]:
    """Return the characters of a text. A marked span is one token. A mark without its end is a character."""
    if not is_marked(text):
        return text
    return _cached_tokens(text) if len(text) < LONG else _tokens(text)


def _tokens(text: str) -> tuple[str, ...]:
    pieces: list[str] = []
    # If no closing mark follows here, none follows later.
    closed = {_UNKNOWN: True, _OWN: True}
    at = 0
    while at < len(text):
        mark = text[at]
        end = text.find(mark, at + 1) if closed.get(mark) else -1
        if end < 0 and mark in closed:
            closed[mark] = False
        end = max(end, at)
        pieces.append(text[at : end + 1])
        at = end + 1
    return tuple(pieces)


# One text of the request is compared with thousands of texts of the policy.
_cached_tokens = lru_cache(maxsize=64)(_tokens)


def split(text: str, separator: str, most: int = -1) -> Sequence[str]:
    """Split a text at the separator, but not inside a marked span."""
    if not is_marked(text):
        return text.split(separator, most)
    return _cached_split(text, separator, most) if len(text) < LONG else _split(text, separator, most)


def _split(text: str, separator: str, most: int) -> tuple[str, ...]:
    parts: list[list[str]] = [[]]
    for token in _tokens(text):
        if token == separator and (most < 0 or len(parts) <= most):
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple("".join(part) for part in parts)


_cached_split = lru_cache(maxsize=64)(_split)


def shown(text: str) -> str:
    """Return the text for a reader, without marks."""
    if not is_marked(text):
        return text
    return "".join(_readable_token(token) for token in tokens(text))


def shown_within(node: Any) -> Any:
    """Return a document whose texts are for a reader, without marks."""
    if isinstance(node, str):
        return shown(node)
    if isinstance(node, Mapping):
        return {shown_within(key): shown_within(value) for key, value in node.items()}
    return [shown_within(item) for item in node] if isinstance(node, Sequence) else node


def map_texts(node: Any, change: Callable[[str], str]) -> Any:
    """Return a document with each text changed. The keys stay."""
    if isinstance(node, str):
        return change(node)
    if isinstance(node, Mapping):
        return {key: map_texts(value, change) for key, value in node.items()}
    return [map_texts(item, change) for item in node] if isinstance(node, list) else node


def _readable_token(token: str) -> str:
    if len(token) == 1:
        return token
    return "${" + token[1:-1].split(_BUT, maxsplit=1)[0].rpartition("#")[2] + "}"
