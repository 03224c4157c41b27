"""Evaluates a `Condition`: all operators and keys must match; of the values of one key, one must match.

Source: AWS, IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context
keys".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from .arns import names_an_account
from .effort import is_quick, steps
from .index import Index
from .keys import ABSENT, Keys, State, any_value, text_of
from .operators import OPERATORS, Comparison, Incomparable, Operator
from .request import AtLeast, ForeignValue, OwnerValue
from .scalars import scalars
from .text import MarkedText, has_unknown, is_marked, is_plain, joined, literal, own, shown
from .truth import Truth, all_of, any_of, negation
from .variables import resolved
from .wildcards import Pattern, literal_start

__all__ = ["Part", "holds", "quoted_values", "readable"]


class Part(NamedTuple):
    """A part of a statement and whether it matches the request. `text` quotes the policy if that is unknown."""

    name: str
    truth: Truth
    text: str = ""


_ALL: Final = "ForAllValues:"
_ANY: Final = "ForAnyValue:"
_IF_EXISTS: Final = "IfExists"
_NULL: Final = "Null"

_MANY: Final = 20
_STEPS_OF_A_TYPE: Final = 10
"""The cost of reading and comparing two numbers, times or addresses."""
_EMPTY: Final = literal("")
_SLASH: Final = literal("/")
_SHOWN_VALUES: Final = 3
_SHOWN_LENGTH: Final = 120


def holds(condition: Any, keys: Keys, *, variables: bool | None) -> Iterator[Part]:
    """Yield for each operator and key whether it matches. All must match."""
    if not isinstance(condition, Mapping):
        yield Part("Condition", None, "it cannot be read")
        return
    for name, entries in condition.items():
        if not isinstance(entries, Mapping):
            yield Part(f"Condition {readable(name)}", None, "it cannot be read")
            continue
        for key, values in entries.items():
            written = scalars(values)
            truth = _entry(str(name), str(key), written, keys, variables)
            if truth is None:
                yield Part(f"Condition {readable(name)} {readable(key)}", None, quoted_values(written))
            else:
                yield Part("Condition", truth)


def readable(value: Any) -> str:
    """Return a short name or text of the policy for a reader."""
    text = shown(value) if isinstance(value, str) else type(value).__name__
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}…"


def quoted_values(values: list[MarkedText | None]) -> str:
    if not values:
        return "no value"
    texts = ["a value that cannot be read" if value is None else readable(value) for value in values[:_SHOWN_VALUES]]
    more = len(values) - len(texts)
    return ", ".join(texts) + (f" and {more} more" if more else "")


def _entry(name: str, key: str, values: list[MarkedText | None], keys: Keys, variables: bool | None) -> Truth:
    test = _TESTS.get(name)
    if (test is None and name != _NULL) or is_marked(key):
        # AWS describes no such operator. Its name is case-sensitive.
        return None
    states = keys.states(key.lower())
    if test is None:
        # "…a null data set, such as an empty string": AWS does not say whether an empty text alone is null.
        truths = {None if state == _EMPTY else _is_null(values, is_absent=state is ABSENT) for state in states}
    else:
        patterns = _patterns(values, test.operator, keys, variables)
        truths = {test.holds(state, patterns, key.lower(), keys) for state in states}
    return truths.pop() if len(truths) == 1 else None


def _patterns(
    values: list[MarkedText | None], operator: Operator, keys: Keys, variables: bool | None
) -> list[Pattern | Incomparable]:
    """Return the values to compare with. A value whose variable has no value matches nothing, and is left out."""
    patterns: list[Pattern | Incomparable] = []
    for value in values:
        if value is None:
            patterns.append(Incomparable.HERE)
            continue
        pattern = resolved(
            value, keys, wildcards=operator.wildcards, variables=variables if operator.variables else False
        )
        if pattern is not None:
            patterns.append(pattern)
    return patterns


def _is_null(values: list[MarkedText | None], *, is_absent: bool) -> Truth:
    """Return whether `Null` matches: the key is missing for `true`, present for `false`."""
    wanted = "true" if is_absent else "false"
    return any_of(None if value is None or not is_plain(value) else value.lower() == wanted for value in values)


@dataclass(frozen=True, slots=True)
class _Test:
    """An operator with its quantifier and suffix."""

    operator: Operator
    quantifier: str
    if_exists: bool

    def holds(self, state: State, patterns: list[Pattern | Incomparable], key: str, keys: Keys) -> Truth:
        """Return whether the condition matches if the key has this state."""
        if state is None:
            return self._holds_without_key()
        values = state if isinstance(state, tuple) else (state,)
        if self.quantifier and all(value == _EMPTY for value in values):
            # "…or if the key values resolve to a null data set, such as an empty string"
            return self.quantifier == _ALL
        if len(values) * len(patterns) < _MANY:
            truths = [_matches(self.operator, patterns, value, key, keys) for value in values]
        else:
            truths = _many_match(self.operator, patterns, values, key, keys)
        if not self.quantifier and isinstance(state, tuple):
            # AWS requires a set operator here, and does not say what happens without one. No match stays no match.
            return None if self.operator.negated or any_of(truths) is not False else False
        if self.operator.negated:
            truths = [negation(truth) for truth in truths]
        return all_of(truths) if self.quantifier == _ALL else any_of(truths)

    def _holds_without_key(self) -> Truth:
        if self.quantifier == _ANY:
            # AWS on `IfExists`: "If the key is not present, evaluate the condition element as true". AWS on
            # `ForAnyValue`: "if the key does not exist, the condition returns false".
            return None if self.if_exists else False
        # "If the policy condition requires that the key is not matched … the condition is true."
        return self.if_exists or self.quantifier == _ALL or self.operator.negated


_TESTS: Final[dict[str, _Test]] = {
    f"{quantifier}{name}{suffix}": _Test(operator, quantifier, bool(suffix))
    for name, operator in OPERATORS.items()
    for quantifier in ("", _ALL, _ANY)
    for suffix in ("", _IF_EXISTS)
}
"""The tests by the names of their operators, without `Null`, which compares nothing."""


def _many_match(
    operator: Operator,
    patterns: Sequence[Pattern | Incomparable],
    values: Sequence[MarkedText | AtLeast | ForeignValue | OwnerValue],
    key: str,
    keys: Keys,
) -> list[Truth]:
    """Return for each value whether it matches, without comparing each value with each pattern."""
    index = Index(patterns, operator) if operator.of_text and len(values) > 1 else None
    truths: list[Truth] = []
    for value in values:
        candidates = index.candidates(value) if index and isinstance(value, MarkedText) else patterns
        cost = len(candidates) * (1 if operator.of_text else _STEPS_OF_A_TYPE)
        truths.append(_matches(operator, candidates, value, key, keys) if keys.effort.allows(cost) else None)
    return truths


def _matches(
    operator: Operator,
    patterns: Sequence[Pattern | Incomparable],
    value: MarkedText | AtLeast | ForeignValue | OwnerValue,
    key: str,
    keys: Keys,
) -> Truth:
    """Return whether a value of the request matches a value of the policy."""
    perhaps = keys.perhaps(key)
    quick = isinstance(value, MarkedText) and is_quick(value)
    if isinstance(value, ForeignValue) and operator.are_few is not None:
        # Small ranges can together contain every address.
        written = [pattern for pattern in patterns if not isinstance(pattern, Incomparable)]
        return False if len(written) == len(patterns) and operator.are_few(written) else None

    def truths() -> Iterator[Truth]:
        for pattern in patterns:
            if isinstance(pattern, Incomparable):
                yield None
            elif isinstance(value, AtLeast):
                yield _compared_with_least(operator, pattern, value)
            elif isinstance(value, ForeignValue):
                yield _matches_foreign(operator, pattern, value, key)
            elif isinstance(value, OwnerValue):
                yield _matches_of_owner(operator, pattern, value, key, keys)
            else:
                is_quick_pair = quick and isinstance(pattern, str) and "?" not in pattern
                if not is_quick_pair and not keys.effort.allows(steps(pattern, value)):
                    yield None
                    return
                truth = _compared(operator, pattern, value)
                if truth is False and perhaps is not None and _compared(operator, pattern, perhaps) is not False:
                    truth = None
                yield truth

    return any_of(truths())


def _compared_with_least(operator: Operator, pattern: Pattern, value: AtLeast) -> Truth:
    comparison = None if operator.at_least is None else operator.at_least(pattern, value.text)
    return _of_known_types(operator, comparison)


def _compared(operator: Operator, pattern: Pattern, value: MarkedText) -> Truth:
    return _of_known_types(operator, operator.compare(pattern, value))


def _of_known_types(operator: Operator, comparison: Comparison) -> Truth:
    if isinstance(comparison, Incomparable):
        return None if operator.negated else False
    return comparison


def _matches_foreign(operator: Operator, pattern: Pattern, value: ForeignValue, key: str) -> Truth:
    """Compare with a value that no policy here contains in full. Only a pattern with an open part can match."""
    if not operator.of_text:
        return None
    if not has_unknown(pattern):
        start, is_whole = literal_start(pattern, wildcards=operator.wildcards)
        id_written = start[len(value.form) :]
        if is_whole or _SLASH in id_written or len(id_written) >= value.id_length:
            return False
        if value.form.startswith("arn:") and names_an_account(pattern):
            return False
    return _compared(operator, pattern, text_of(value, key))


def _matches_of_owner(operator: Operator, pattern: Pattern, value: OwnerValue, key: str, keys: Keys) -> Truth:
    """Compare with a value of the resource's owner: it equals itself, and can equal any literal text."""
    if pattern == (own(value.name),):
        return True if operator.of_text else None
    if operator.of_text and keys.is_of_caller(joined(*pattern)):
        return False
    return _compared(operator, pattern, joined(value.form, any_value(key)))
