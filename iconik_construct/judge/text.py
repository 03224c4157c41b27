"""Text of which a part is not known: marked spans in ordinary strings.

An *unknown* span can be any text at all, the empty one too, except what it is said not to be; spans of equal source are
equal. An *own* span stands for a value that is surely ours, such as the number of the account that is deployed to: it
equals itself and nothing that is written out. Marks stand inside the text, so that `arn:aws:iam::<unknown>:role/x`
stays as precise as it can be.
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
"""The pieces of a text that is longer are not kept."""


def unknown(source: str, *, but: Iterable[str] = ()) -> str:
    """Return the mark of a text that nobody here knows, except that it is none of `but`."""
    return _UNKNOWN + _BUT.join(part.replace(_UNKNOWN, "").replace(_BUT, "") for part in (source, *but)) + _UNKNOWN


def own(name: str) -> str:
    """Return the mark of a value that is surely ours."""
    return _OWN + name.replace(_OWN, "") + _OWN


def is_marked(text: str) -> bool:
    return _UNKNOWN in text or _OWN in text


def is_unknown(token: str) -> bool:
    """Tell whether a token is an unknown span."""
    return len(token) > 1 and token[0] == _UNKNOWN


def has_unknown(text: Sequence[str]) -> bool:
    """Tell whether an unknown span is in a text or among its tokens."""
    return _UNKNOWN in text if isinstance(text, str) else any(map(is_unknown, text))


def is_own(text: str) -> bool:
    """Tell whether a text is one own span."""
    return text.startswith(_OWN) and text.find(_OWN, 1) == len(text) - 1 > 0


def excluded(token: str) -> tuple[str, ...]:
    """Return what an unknown span is not."""
    return tuple(token[1:-1].split(_BUT)[1:])


def tokens(text: str) -> Sequence[str]:
    """Return the characters of a text, with each marked span as one; a mark without its other end is a character."""
    if not is_marked(text):
        return text
    return _cached_tokens(text) if len(text) < LONG else _tokens(text)


def _tokens(text: str) -> tuple[str, ...]:
    found: list[str] = []
    # Where no closing mark follows, none follows later either.
    closed = {_UNKNOWN: True, _OWN: True}
    at = 0
    while at < len(text):
        mark = text[at]
        end = text.find(mark, at + 1) if closed.get(mark) else -1
        if end < 0 and mark in closed:
            closed[mark] = False
        end = max(end, at)
        found.append(text[at : end + 1])
        at = end + 1
    return tuple(found)


# One text of the request is compared with thousands of the policy's.
_cached_tokens = lru_cache(maxsize=64)(_tokens)


def split(text: str, separator: str, most: int = -1) -> Sequence[str]:
    """Return the parts of a text; a separator inside a marked span is none."""
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
    """Return the text for a reader."""
    if not is_marked(text):
        return text
    return "".join(_shown(token) for token in tokens(text))


def shown_within(node: Any) -> Any:
    """Return a document with each of its texts for a reader."""
    if isinstance(node, str):
        return shown(node)
    if isinstance(node, Mapping):
        return {shown_within(key): shown_within(value) for key, value in node.items()}
    return [shown_within(item) for item in node] if isinstance(node, Sequence) else node


def map_texts(node: Any, change: Callable[[str], str]) -> Any:
    """Return a document with each of its texts changed; its keys stay."""
    if isinstance(node, str):
        return change(node)
    if isinstance(node, Mapping):
        return {key: map_texts(value, change) for key, value in node.items()}
    return [map_texts(item, change) for item in node] if isinstance(node, list) else node


def _shown(token: str) -> str:
    if len(token) == 1:
        return token
    return "${" + token[1:-1].split(_BUT, maxsplit=1)[0].rpartition("#")[2] + "}"
