"""Defines the errors of this library: the prop, its value, the rule and the fix. Writes numbers in messages.

Those of props are raised before a call to jsii, because jsii converts exceptions to `RuntimeError`.
"""

from __future__ import annotations

__all__ = ["IconikPropError", "IconikTypeError", "IconikValueError", "InputError", "counted"]

_LONGEST_QUOTE = 200
_NOT_GIVEN = object()


class IconikPropError(Exception):
    """The base of all errors about props.

    Attributes:
        prop: the name of the prop (or its path in a configuration file).
        rule: the rule for the prop.
        fix: the correct value, or where to find it.
        got: the quoted value, cut after 200 characters; None if there is no value to quote.
    """

    def __init__(self, prop: str, rule: str, *, fix: str, got: object = _NOT_GIVEN) -> None:
        self.prop = prop
        self.rule = rule
        self.fix = fix
        self.got = None if got is _NOT_GIVEN else _quoted(got)
        super().__init__(prop, rule)

    def __str__(self) -> str:
        seen = "" if self.got is None else f", got {self.got}"
        return f"'{self.prop}' {self.rule}{seen}. {self.fix}"

    def at(self, prop: str) -> IconikPropError:
        """Return the same error for another name of the prop, such as its path in a configuration file."""
        moved = type(self)(prop, self.rule, fix=self.fix)
        moved.got = self.got
        return moved


class IconikValueError(IconikPropError, ValueError):
    """A prop has the right type and an impossible value."""


class IconikTypeError(IconikPropError, TypeError):
    """A prop has a value of the wrong type."""


class InputError(Exception):
    """A command cannot use what it was given. The message is one line with the reason."""


def _quoted(value: object) -> str:
    try:
        text = repr(value)
    except RecursionError:
        return f"a {type(value).__name__} nested too deeply to be shown"
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, for a reader, in the singular or the plural."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
