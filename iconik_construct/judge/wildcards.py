"""Matches patterns against texts in one pass, without regular expressions and backtracking.

A pattern is a plain text or a tuple of tokens. In a text, `*` and `?` are wildcards if the caller says so. In a tuple,
the wildcards are `MANY` and `ONE`, and every other token matches itself. The result is unknown (`None`) if it depends
on an unknown span.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .text import UNKNOWN, MarkedText, excluded, is_plain, is_unknown, joined, literal, tokens
from .truth import Truth

__all__ = [
    "MANY",
    "ONE",
    "ONE_CHARACTER",
    "STAR",
    "WILDCARDS",
    "Pattern",
    "folded",
    "has_wildcard",
    "literal_start",
    "matches",
    "pattern_tokens",
]

MANY = literal("\x02*")
ONE = literal("\x02?")
_ANY_CHARACTER = literal("\x02")
"""One character that is not known. No pattern holds it, so that only a wildcard matches it."""

STAR = literal("*")
ONE_CHARACTER = literal("?")
WILDCARDS = {STAR: MANY, ONE_CHARACTER: ONE}

Pattern = str | tuple[MarkedText, ...]


def has_wildcard(text: MarkedText) -> bool:
    return STAR in text or ONE_CHARACTER in text


def matches(pattern: Pattern | MarkedText, text: MarkedText, *, wildcards: bool) -> Truth:
    """Return whether the pattern matches the whole text."""
    if not isinstance(pattern, tuple) and is_plain(pattern):
        if not wildcards or ("*" not in pattern and "?" not in pattern):
            return _is(pattern, text)
        if is_plain(text):
            return _matches_plain(pattern, text)
        if not _start_alike(pattern, text):
            return False
    wanted, given = pattern_tokens(pattern, wildcards=wildcards), tokens(text)
    if _walk(wanted, _first_apart(given) if ONE in wanted else given):
        return True
    if not any(map(is_unknown, wanted)) and not any(map(is_unknown, given)):
        return False
    return None if _could_match(wanted, given) else False


def _first_apart(text: Sequence[MarkedText]) -> Sequence[MarkedText]:
    """Return the text with the first character of each unknown span that is not empty as a token: `?` matches it."""
    return [
        part
        for token in text
        for part in ((_ANY_CHARACTER, token) if is_unknown(token) and literal("") in excluded(token) else (token,))
    ]


def _is(wanted: str, text: Any) -> Truth:
    """Return whether a text is equal to a plain one. This covers nearly all comparisons of texts with marks."""
    start = text.find(UNKNOWN)
    end = text.find(UNKNOWN, start + 1)
    if start < 0 or end < 0:
        is_equal: bool = wanted == text
        return is_equal
    head, tail = text[:start], text[end + 1 :]
    if UNKNOWN in tail:
        return None if _could_match(tokens(wanted), tokens(text)) else False
    if len(wanted) < len(head) + len(tail) or not wanted.startswith(head) or not wanted.endswith(tail):
        return False
    return False if literal(wanted[start : len(wanted) - len(tail)]) in excluded(text[start : end + 1]) else None


def _start_alike(pattern: str, text: Any) -> bool:
    """Return whether both start with the same characters, up to the first wildcard or mark."""
    for wanted, given in zip(pattern, text, strict=False):
        if wanted in "*?" or given < " ":
            return True
        if wanted != given:
            return False
    return True


def pattern_tokens(pattern: Pattern | MarkedText, *, wildcards: bool) -> tuple[MarkedText, ...]:
    if isinstance(pattern, tuple):
        return pattern
    if not wildcards:
        return tuple(tokens(pattern))
    return tuple(WILDCARDS.get(token, token) for token in tokens(pattern))


def folded(pattern: Pattern) -> Pattern:
    """Return the pattern in lower case."""
    return pattern.lower() if isinstance(pattern, str) else tuple(token.lower() for token in pattern)


def literal_start(pattern: Pattern, *, wildcards: bool) -> tuple[MarkedText, bool]:
    """Return the literal start of a pattern, and whether that is the whole pattern."""
    if isinstance(pattern, str):
        start = pattern.partition("*")[0].partition("?")[0] if wildcards else pattern
        return literal(start), len(start) == len(pattern)
    pieces = pattern_tokens(pattern, wildcards=wildcards)
    for at, piece in enumerate(pieces):
        if piece in (MANY, ONE) or is_unknown(piece):
            return joined(*pieces[:at]), False
    return joined(*pieces), True


def _matches_plain(pattern: str, text: str) -> bool:
    if "?" in pattern:
        return _walk(pattern_tokens(pattern, wildcards=True), tokens(text))
    if "*" not in pattern:
        return pattern == text
    first, *middle, last = pattern.split("*")
    end = len(text) - len(last)
    if len(first) > end or not text.startswith(first) or not text.endswith(last):
        return False
    at = len(first)
    for part in middle:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


def _walk(pattern: Sequence[MarkedText], text: Sequence[MarkedText]) -> bool:
    """Walk once through the text, with a bit for each reachable place in the pattern."""
    items: list[MarkedText] = []
    stays = 0
    for token in pattern:
        if token == MANY:
            stays |= 1 << len(items)
        else:
            items.append(token)
            if len(items) > len(text):
                return False
    accepts: dict[MarkedText, int] = {}
    for place, token in enumerate(items):
        accepts[token] = accepts.get(token, 0) | 1 << place
    ones = accepts.pop(ONE, 0)
    reached = 1
    for token in text:
        accepting = accepts.get(token, 0) | (ones if len(token) == 1 else 0)
        reached = ((reached & accepting) << 1) | (reached & stays)
        if not reached:
            return False
    return bool(reached >> len(items) & 1)


def _could_match(pattern: Sequence[MarkedText], text: Sequence[MarkedText]) -> bool:
    """Return whether the pattern matches for some values of the unknown spans; true if this is hard to decide."""
    if not any(map(is_unknown, text)):
        return _walk([MANY if is_unknown(token) else token for token in pattern], text)
    if not any(token in (MANY, ONE) or is_unknown(token) for token in pattern):
        return _walk([MANY if is_unknown(token) else token for token in text], pattern) and not _is_excluded(
            pattern, text
        )
    return _fit(pattern, text) and _fit(pattern[::-1], text[::-1])


def _fit(pattern: Sequence[MarkedText], text: Sequence[MarkedText]) -> bool:
    """Return whether both start with the same characters, as far as both are known."""
    for wanted, given in zip(pattern, text, strict=False):
        if wanted == MANY or is_unknown(wanted) or is_unknown(given):
            return True
        if wanted != given and (wanted != ONE or len(given) > 1):
            return False
    longer = pattern[len(text) :] or text[len(pattern) :]
    return all(token == MANY or is_unknown(token) for token in longer)


def _is_excluded(wanted: Sequence[MarkedText], text: Sequence[MarkedText]) -> bool:
    """Return whether the pattern would match only with an excluded value of the unknown span."""
    places = [at for at, token in enumerate(text) if is_unknown(token)]
    after = len(text) - places[0] - 1
    return len(places) == 1 and joined(*wanted[places[0] : len(wanted) - after]) in excluded(text[places[0]])
