"""Represents text with unknown parts: marked spans in ordinary strings, as a type of its own.

An *unknown* span can be any text, also the empty one, except its excluded values. Spans of the same source are equal.
An *own* span is a value of the own deployment, such as the number of its account. It is equal to itself and to no
literal text. Marks are part of the text, so that `arn:aws:iam::<unknown>:role/x` is as precise as possible.

`MarkedText` is `str` at run time. A type checker accepts neither as the other, because both mistakes are possible:
`text.split(":")` inside a mark or a mark in a message, and a text for a reader as a part of a policy. A `NewType` of
`str` would find the second mistake only. Text becomes marked text by `literal`, `joined`, `unknown` and `own`, and by
`judge.scalars` where it leaves a document. It becomes `str` by `is_plain`, `if_plain` and `shown`. In an f-string, mypy
refuses it by the plugin `dev/mypy_marks.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, SupportsIndex, TypeAlias, TypeGuard, final

__all__ = [
    "LONG",
    "OWN",
    "UNKNOWN",
    "AnyText",
    "MarkedText",
    "excluded",
    "has_unknown",
    "has_unknown_within",
    "if_plain",
    "in_document",
    "is_marked",
    "is_own",
    "is_plain",
    "is_unknown",
    "joined",
    "joined_by",
    "known_end",
    "literal",
    "map_texts",
    "name_of_own",
    "own",
    "shown",
    "shown_within",
    "split",
    "tokens",
    "unknown",
    "without_marks",
]

if TYPE_CHECKING:

    @final
    class MarkedText:
        """A text that can have marks, with the operations that marks allow."""

        def __len__(self) -> int: ...
        def __contains__(self, part: MarkedText, /) -> bool: ...
        def __getitem__(self, at: slice | SupportsIndex, /) -> MarkedText: ...
        def __add__(self, other: MarkedText, /) -> MarkedText: ...
        def __lt__(self, other: MarkedText, /) -> bool: ...
        def casefold(self) -> MarkedText: ...
        def endswith(self, end: AnyText | tuple[AnyText, ...], /) -> bool: ...
        def find(self, part: MarkedText, start: int = 0, /) -> int: ...
        def isdigit(self) -> bool: ...
        def lower(self) -> MarkedText: ...
        def removeprefix(self, start: AnyText, /) -> MarkedText: ...
        def removesuffix(self, end: AnyText, /) -> MarkedText: ...
        def replace(self, part: MarkedText, instead: AnyText, /) -> MarkedText: ...
        def strip(self) -> MarkedText: ...
        def startswith(self, start: AnyText | tuple[AnyText, ...], /) -> bool: ...

else:
    MarkedText = str

AnyText: TypeAlias = "str | MarkedText"
"""A plain text, or a text that can have marks. Only `shown` makes it a text for a reader."""

# Searched in both kinds of text.
UNKNOWN: Final[Any] = "\x00"
"""Begins and ends an unknown span."""
OWN: Final[Any] = "\x01"
"""Begins and ends an own span."""
_BUT: Final = "\x02"
_SPAN: Final = re.compile("\x00[^\x00]*\x00|\x01[^\x01]*\x01")
LONG = 2_000
"""Tokens of a longer text are not cached."""


def literal(text: str) -> MarkedText:
    """Return a plain text as marked text."""
    return text  # type: ignore[return-value]


def joined(*parts: AnyText) -> MarkedText:
    """Return plain and marked parts as one text."""
    return "".join(parts)  # type: ignore[arg-type, return-value]


def joined_by(separator: str, parts: Iterable[AnyText]) -> MarkedText:
    """Return plain and marked parts as one text, with a separator between them."""
    return separator.join(parts)  # type: ignore[arg-type, return-value]


def unknown(source: AnyText, *, but: Iterable[AnyText] = ()) -> MarkedText:
    """Return the mark of an unknown text that is none of `but`."""
    parts = (str(part).replace(UNKNOWN, "").replace(_BUT, "") for part in (source, *but))
    return joined(UNKNOWN, _BUT.join(parts), UNKNOWN)


def own(name: AnyText) -> MarkedText:
    """Return the mark of a value of the own deployment."""
    return joined(OWN, str(name).replace(OWN, ""), OWN)


def in_document(text: AnyText) -> Any:
    """Return a text as a value of a document. There its marks stay."""
    return text


def is_marked(text: AnyText) -> bool:
    return UNKNOWN in text or OWN in text


def is_plain(text: AnyText) -> TypeGuard[str]:
    """Return whether a text has no mark. For a type checker it then is a `str`."""
    return UNKNOWN not in text and OWN not in text


def if_plain(text: AnyText) -> str | None:
    """Return the text if it has no mark, else None."""
    return text if is_plain(text) else None


def is_unknown(token: MarkedText) -> bool:
    """Return whether the token is an unknown span."""
    return len(token) > 1 and token[0] == UNKNOWN


def has_unknown(text: AnyText | Sequence[MarkedText]) -> bool:
    """Return whether a text or a list of tokens contains an unknown span."""
    return UNKNOWN in text if isinstance(text, (str, MarkedText)) else any(map(is_unknown, text))


def has_unknown_within(node: Any) -> bool:
    """Return whether a text in a document contains an unknown span."""
    if isinstance(node, Mapping):
        return any(map(has_unknown_within, node.values()))
    return any(map(has_unknown_within, node)) if isinstance(node, list) else has_unknown(str(node))


def is_own(text: MarkedText) -> bool:
    """Return whether the text is exactly one own span."""
    return text.startswith(OWN) and text.find(OWN, 1) == len(text) - 1 > 0


def name_of_own(text: MarkedText) -> str:
    """Return the name of an own span."""
    return str(text).strip(OWN)


def known_end(text: MarkedText) -> MarkedText:
    """Return the text after its last unknown span."""
    return literal(str(text).rpartition(UNKNOWN)[2])


def without_marks(text: MarkedText) -> str:
    """Return the characters of a text that are known."""
    return text if is_plain(text) else _SPAN.sub("", str(text))


def excluded(token: MarkedText) -> tuple[MarkedText, ...]:
    """Return the values that an unknown span does not have."""
    return tuple(map(literal, str(token[1:-1]).split(_BUT)[1:]))


def tokens(text: AnyText) -> Sequence[MarkedText]:
    """Return the characters of a text. A marked span is one token. A mark without its end is a character."""
    if is_plain(text):
        return text  # type: ignore[return-value]
    return _cached_tokens(joined(text)) if len(text) < LONG else _tokens(joined(text))


def _tokens(text: MarkedText) -> tuple[MarkedText, ...]:
    pieces: list[MarkedText] = []
    # If no closing mark follows here, none follows later.
    closed: dict[MarkedText, bool] = {UNKNOWN: True, OWN: True}
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


def split(text: MarkedText, separator: str, most: int = -1) -> Sequence[MarkedText]:
    """Split a text at the separator, but not inside a marked span."""
    if is_plain(text):
        return text.split(separator, most)  # type: ignore[return-value]
    return _cached_split(text, separator, most) if len(text) < LONG else _split(text, separator, most)


def _split(text: MarkedText, separator: str, most: int) -> tuple[MarkedText, ...]:
    parts: list[list[MarkedText]] = [[]]
    for token in _tokens(text):
        if token == literal(separator) and (most < 0 or len(parts) <= most):
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(joined(*part) for part in parts)


_cached_split = lru_cache(maxsize=64)(_split)


def shown(text: AnyText) -> str:
    """Return the text for a reader, without marks."""
    if is_plain(text):
        return text
    return "".join(_readable_token(token) for token in tokens(joined(text)))


def shown_within(node: Any) -> Any:
    """Return a document whose texts are for a reader, without marks."""
    if isinstance(node, str):
        return shown(node)
    if isinstance(node, Mapping):
        return {shown_within(key): shown_within(value) for key, value in node.items()}
    return [shown_within(item) for item in node] if isinstance(node, Sequence) else node


def map_texts(node: Any, change: Callable[[MarkedText], MarkedText]) -> Any:
    """Return a document with each text changed. The keys stay."""
    if isinstance(node, MarkedText):
        return change(node)
    if isinstance(node, Mapping):
        return {key: map_texts(value, change) for key, value in node.items()}
    return [map_texts(item, change) for item in node] if isinstance(node, list) else node


def _readable_token(token: MarkedText) -> str:
    text = str(token)
    if len(text) == 1:
        return text
    name = text[1:-1].split(_BUT, maxsplit=1)[0].rpartition("#")[2]
    return name if name.startswith("arn:") else f"${{{name}}}"
