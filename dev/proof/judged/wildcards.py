"""Writes texts that a policy would compare with a value: with wildcards, in another case, as a variable, or another."""

from __future__ import annotations

from random import Random

from .case import Context
from .chance import chance
from .vocabulary import VARIABLES

__all__ = ["other_case", "patterned", "patterned_arn", "with_variable"]


def patterned(rng: Random, text: str) -> str:
    """Return a pattern that, most of the time, matches the text."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        start = rng.randint(0, len(text))
        end = min(len(text), start + rng.choice((0, 0, 1, 2, 3, 8, len(text))))
        cut = text[start:end]
        text = text[:start] + rng.choice(("*", "*", "*", "**", "?" * len(cut), "?" * len(cut), "?")) + text[end:]
    return text


def patterned_arn(rng: Random, arn: str) -> str:
    """Return a pattern for an ARN, with wildcards inside some of the six components that AWS compares one by one."""
    parts = arn.split(":", 5)
    if parts[-1].count(":") > 1 and chance(rng, 0.3):
        # what a wildcard matches only beyond the components
        return ":".join([*parts[:3], "*", *parts[-1].rsplit(":", 2)[1:]])
    for number in rng.sample(range(1, len(parts)), rng.choice((1, 1, 2))):
        parts[number] = patterned(rng, parts[number])
    return ":".join(parts)


def other_case(rng: Random, text: str) -> str:
    """Return the text in another case, or the same."""
    return rng.choice((text.lower(), text.upper(), text.swapcase(), text))


def with_variable(rng: Random, text: str, context: Context) -> str:
    """Return the text with a policy variable in the place of a value that the request has, or of any part."""
    there = {key.lower() for key, value in context.items() if value}
    default = f", '{rng.choice((text if text.isalnum() else 'x', 'anna', 'x y', 'post'))}'" if chance(rng, 0.35) else ""
    # A variable without a value and without a default is the exception.
    wanted = chance(rng, 0.5 if default else 0.9)
    name = rng.choice([one for one in VARIABLES if (one.lower() in there) == wanted] or VARIABLES)
    actual = next((value for key, value in context.items() if key.lower() == name.lower()), None)
    written = "${" + (name if chance(rng, 0.8) else other_case(rng, name)) + default + "}"
    if default and not wanted:
        return written
    if isinstance(actual, str) and actual and actual in text:
        return text.replace(actual, written, 1)
    if chance(rng, 0.6):
        return written
    start = rng.randint(0, len(text))
    return text[:start] + written + text[start + rng.choice((0, 1, 4)) :]
