"""Makes the Condition of a statement, biased towards what a given request meets."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

from .case import Context, Value
from .chance import chance
from .vocabulary import CALLERS, KEYS, Key
from .wildcards import other_case, patterned, patterned_arn, with_variable

__all__ = ["OPERATORS", "condition", "operator_names"]

_STRING: Final = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
)
_ARN: Final = ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike")
_ORDER: Final = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")

OPERATORS: Final = {
    "string": _STRING,
    "arn": (*_ARN, *_ARN, *_STRING),
    "number": tuple(f"Numeric{order}" for order in _ORDER),
    "date": tuple(f"Date{order}" for order in _ORDER),
    "bool": ("Bool", "Bool", "Bool", "StringEquals", "StringNotEquals"),
    "ip": ("IpAddress", "NotIpAddress"),
    "binary": ("BinaryEquals", "BinaryEquals", "StringEquals"),
}
"""The operators that compare each type of value."""

_KEYS: Final = (*KEYS, *(key for key in KEYS if key.kind in ("arn", "date") or "Principal" in key.name))
"""The keys, those that decide most more often."""

_ODD: Final = 0.03
"""How often something unusual is written."""


def condition(rng: Random, context: Context) -> dict[str, dict[str, Any]]:
    """Return a Condition of up to four tests."""
    found: dict[str, dict[str, Any]] = {}
    lower = {name.lower(): value for name, value in context.items()}
    for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 4))):
        key = rng.choice(_KEYS)
        actual = lower.get(key.name.lower())
        if actual is None and chance(rng, 0.5):
            # what a request does not have is asked less often
            key = rng.choice(_KEYS)
            actual = lower.get(key.name.lower())
        operator, values = _test(rng, key, actual, context)
        name = key.name if not chance(rng, _ODD) else other_case(rng, key.name)
        found.setdefault(operator, {})[name] = values
    return found


def operator_names(document: Any) -> Counter[str]:
    """Return how often each operator, prefix and suffix stands in a policy."""
    found: Counter[str] = Counter()
    for statement in document["Statement"]:
        for operator, tests in statement.get("Condition", {}).items():
            prefix, _, name = operator.rpartition(":")
            bare = name.removesuffix("IfExists")
            found.update({bare: len(tests)})
            if prefix:
                found.update({prefix: len(tests)})
            if bare != name:
                found.update({"…IfExists": len(tests)})
    return found


def _test(rng: Random, key: Key, actual: Value | None, context: Context) -> tuple[str, Any]:
    if chance(rng, 0.06):
        true = (actual is None) == (chance(rng, 0.75))
        return "Null", rng.choice(("true", True) if true else ("false", False))
    bare = rng.choice(OPERATORS[key.kind])
    prefix = ""
    if key.many or chance(rng, 2 * _ODD):
        prefix = rng.choice(("ForAllValues:", "ForAnyValue:"))
    lenient = 0.15 if actual is not None else 0.45 if prefix != "ForAnyValue:" else _ODD
    suffix = "IfExists" if chance(rng, lenient) else ""
    meant = chance(rng, 0.8)
    values = _values(rng, key, bare, actual, (not meant) if "Not" in bare else meant)
    if bare.startswith(("String", "Arn")) and chance(rng, 0.12):
        number = rng.randrange(len(values))
        head = values[number].rfind(":") + 1 if bare.startswith("Arn") and not chance(rng, 4 * _ODD) else 0
        values[number] = values[number][:head] + with_variable(rng, values[number][head:], context)
    written: list[Any] = [_spelled(rng, bare, value) for value in values]
    single = len(written) == 1 and chance(rng, 0.7)
    return f"{prefix}{bare}{suffix}", written[0] if single else written


def _spelled(rng: Random, operator: str, value: str) -> Any:
    """Return a value as policies in JSON also spell it: a truth value without quotes, or with a capital letter."""
    if value in ("true", "false") and chance(rng, 0.3):
        return value.title() if operator == "Bool" and chance(rng, 0.3) else value == "true"
    return value


def _values(rng: Random, key: Key, operator: str, actual: Value | None, matching: bool) -> list[str]:
    """Return one to four values; one of them matches the actual value, or probably none does."""
    actuals = [actual] if isinstance(actual, str) else list(actual or ())
    others = [value for value in _alphabet(key) if value not in actuals] or ["other"]
    found = [_other(rng, operator, rng.choice(others)) for _ in range(rng.choice((0, 0, 1, 2)))]
    if matching and actuals:
        every = key.many and chance(rng, 0.6)
        found.extend(_match(rng, operator, value) for value in (actuals if every else actuals[:1]))
    elif actuals and chance(rng, 0.3):
        near = rng.choice(actuals)
        found.append(_near(rng, near) if operator.startswith("String") else near)
    if not found:
        found.append(_other(rng, operator, rng.choice(others)))
    rng.shuffle(found)
    return found


def _alphabet(key: Key) -> Sequence[str]:
    if key.values:
        return key.values
    keys = [caller.keys(service="kms", owner="111122223333") for caller in CALLERS]
    return sorted({one[key.name] for one in keys if key.name in one})


def _near(rng: Random, text: str) -> str:
    return rng.choice((text + "x", text[:-1], text.swapcase(), f" {text}", f"{text}*", f"?{text[1:]}"))


def _other(rng: Random, operator: str, value: str) -> str:
    return _match(rng, operator, value) if "Ip" in operator or chance(rng, 0.4) else value


def _match(rng: Random, operator: str, value: str) -> str:
    """Return a value that the operator, or its negation, finds equal to this one, most of the time."""
    for part, write in _WRITERS:
        if part in operator:
            return write(rng, operator, value)
    return value


def _number(rng: Random, operator: str, value: str) -> str:
    if "Less" in operator and chance(rng, 0.8):
        return rng.choice(("5000", "9.75", value))
    if "Greater" in operator and chance(rng, 0.8):
        return rng.choice(("-10", "0.5", value))
    return rng.choice((value, value, f"{value}0" if "." in value else f"{value}.0"))


def _date(rng: Random, operator: str, value: str) -> str:
    if "Less" in operator and chance(rng, 0.8):
        return rng.choice(_as(rng, value, ("2030-01-01T00:00:00Z", "2031-05-05"), "1924992000"))
    if "Greater" in operator and chance(rng, 0.8):
        return rng.choice(_as(rng, value, ("2001-01-01T00:00:00Z", "2002-12-31"), "1000000000"))
    return value


def _as(rng: Random, value: str, dates: tuple[str, ...], epoch: str) -> tuple[str, ...]:
    """Return points in time written as the value is, or now and then the other way."""
    return (epoch, value) if value.isdigit() != chance(rng, 0.15) else (*dates, value)


def _network(rng: Random, value: str) -> str:
    if "/" in value:
        return value
    address = ipaddress.ip_address(value)
    lengths = (8, 15, 24, 31, 32) if address.version == 4 else (16, 32, 47, 64, 128)  # noqa: PLR2004
    length = 0 if chance(rng, 2 * _ODD) else rng.choice(lengths)
    if chance(rng, 2 * _ODD):
        return value
    return rng.choice((str(ipaddress.ip_network(f"{value}/{length}", strict=False)), f"{value}/{length}"))


def _text(rng: Random, _: str, value: str) -> str:
    return patterned(rng, value) if chance(rng, 0.75) else value


def _arn(rng: Random, _: str, value: str) -> str:
    return patterned_arn(rng, value) if chance(rng, 0.75) else value


_WRITERS: Final[tuple[tuple[str, Callable[[Random, str, str], str]], ...]] = (
    ("IgnoreCase", lambda rng, _, value: other_case(rng, value)),
    ("Arn", _arn),
    ("Like", _text),
    ("Numeric", _number),
    ("Date", _date),
    ("IpAddress", lambda rng, _, value: _network(rng, value)),
)
"""By a part of the operator's name; the first that is in it."""
