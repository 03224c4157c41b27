"""Matches patterns against texts in one pass, without regular expressions and backtracking.

A pattern is a string or a tuple of tokens. In a string, `*` and `?` are wildcards if the caller says so. In a tuple,
the wildcards are `MANY` and `ONE`, and every other token matches itself. The result is unknown (`None`) if it depends
on an unknown span.
"""

from __future__ import annotations

from collections.abc import Sequence

from .text import excluded, is_marked, is_unknown, tokens
from .truth import Truth

__all__ = ["MANY", "ONE", "Pattern", "folded", "literal_start", "matches", "pattern_tokens"]

MANY = "\x02*"
ONE = "\x02?"
_ANY_CHARACTER = "\x02"
"""One character that is not known. No pattern holds it, so that only a wildcard matches it."""

Pattern = str | tuple[str, ...]


def matches(pattern: Pattern, text: str, *, wildcards: bool) -> Truth:
    """Return whether the pattern matches the whole text."""
    if isinstance(pattern, str) and not is_marked(pattern):
        if not wildcards or ("*" not in pattern and "?" not in pattern):
            return _is(pattern, text)
        if not is_marked(text):
            return _matches_plain(pattern, text)
        if not _start_alike(pattern, text):
            return False
    return _matches_tokens(pattern_tokens(pattern, wildcards=wildcards), tokens(text))


def _matches_tokens(pattern: tuple[str, ...], text: Sequence[str]) -> Truth:
    if _walk(pattern, _first_apart(text) if ONE in pattern else text):
        return True
    if not any(map(is_unknown, pattern)) and not any(map(is_unknown, text)):
        return False
    return None if _could_match(pattern, text) else False


def _first_apart(text: Sequence[str]) -> Sequence[str]:
    """Return the text with the first character of each unknown span that is not empty as a token: `?` matches it."""
    return [
        part
        for token in text
        for part in ((_ANY_CHARACTER, token) if is_unknown(token) and "" in excluded(token) else (token,))
    ]


def _is(literal: str, text: str) -> Truth:
    """Return whether a text is equal to a literal. This covers nearly all comparisons of texts with marks."""
    start = text.find("\x00")
    end = text.find("\x00", start + 1)
    if start < 0 or end < 0:
        return literal == text
    head, tail = text[:start], text[end + 1 :]
    if "\x00" in tail:
        return None if _could_match(literal, tokens(text)) else False
    if len(literal) < len(head) + len(tail) or not literal.startswith(head) or not literal.endswith(tail):
        return False
    return False if literal[start : len(literal) - len(tail)] in excluded(text[start : end + 1]) else None


def _start_alike(pattern: str, text: str) -> bool:
    """Return whether both start with the same characters, up to the first wildcard or mark."""
    for wanted, given in zip(pattern, text, strict=False):
        if wanted in _WILDCARDS or given < " ":
            return True
        if wanted != given:
            return False
    return True


def pattern_tokens(pattern: Pattern, *, wildcards: bool) -> tuple[str, ...]:
    if not isinstance(pattern, str):
        return pattern
    if not wildcards:
        return tuple(tokens(pattern))
    return tuple(_WILDCARDS.get(token, token) for token in tokens(pattern))


_WILDCARDS = {"*": MANY, "?": ONE}


def folded(pattern: Pattern) -> Pattern:
    """Return the pattern in lower case."""
    return pattern.lower() if isinstance(pattern, str) else tuple(token.lower() for token in pattern)


def literal_start(pattern: Pattern, *, wildcards: bool) -> tuple[str, bool]:
    """Return the literal start of a pattern, and whether that is the whole pattern."""
    if isinstance(pattern, str) and not is_marked(pattern):
        start = pattern.partition("*")[0].partition("?")[0] if wildcards else pattern
        return start, len(start) == len(pattern)
    pieces = pattern_tokens(pattern, wildcards=wildcards)
    for at, piece in enumerate(pieces):
        if piece in (MANY, ONE) or is_unknown(piece):
            return "".join(pieces[:at]), False
    return "".join(pieces), True


def _matches_plain(pattern: str, text: str) -> bool:
    if "?" in pattern:
        return _walk(tuple(_WILDCARDS.get(token, token) for token in pattern), text)
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


def _walk(pattern: Sequence[str], text: Sequence[str]) -> bool:
    """Walk once through the text, with a bit for each reachable place in the pattern."""
    items: list[str] = []
    stays = 0
    for token in pattern:
        if token == MANY:
            stays |= 1 << len(items)
        else:
            items.append(token)
            if len(items) > len(text):
                return False
    accepts: dict[str, int] = {}
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


def _could_match(pattern: Sequence[str], text: Sequence[str]) -> bool:
    """Return whether the pattern matches for some values of the unknown spans; true if this is hard to decide."""
    if not any(map(is_unknown, text)):
        return _walk([MANY if is_unknown(token) else token for token in pattern], text)
    if not any(token in (MANY, ONE) or is_unknown(token) for token in pattern):
        return _walk([MANY if is_unknown(token) else token for token in text], pattern) and not _is_excluded(
            pattern, text
        )
    return _fit(pattern, text) and _fit(pattern[::-1], text[::-1])


def _fit(pattern: Sequence[str], text: Sequence[str]) -> bool:
    """Return whether both start with the same characters, as far as both are known."""
    for wanted, given in zip(pattern, text, strict=False):
        if wanted == MANY or is_unknown(wanted) or is_unknown(given):
            return True
        if wanted != given and (wanted != ONE or len(given) > 1):
            return False
    longer = pattern[len(text) :] or text[len(pattern) :]
    return all(token == MANY or is_unknown(token) for token in longer)


def _is_excluded(literal: Sequence[str], text: Sequence[str]) -> bool:
    """Return whether the pattern would match only with an excluded value of the unknown span."""
    places = [at for at, token in enumerate(text) if is_unknown(token)]
    after = len(text) - places[0] - 1
    return len(places) == 1 and "".join(literal[places[0] : len(literal) - after]) in excluded(text[places[0]])
