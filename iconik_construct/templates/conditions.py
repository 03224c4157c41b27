"""Finds the answers to the conditions of a template that are possible together, such as `IsProduction` and `IsTest`.

A comparison of a parameter with a text is evaluated for each value of the parameter. Any other comparison can be true
or false, but equal comparisons have one answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Final

from ..judge.text import if_plain, is_plain, literal
from .template import Template
from .values import chosen, is_list

__all__ = ["combinations"]

_MOST_ASSIGNMENTS: Final = 512
_OTHER: Final = None
"""Any value of a parameter that no condition compares."""
_Values = dict[str, Any]
_Answer = Callable[[_Values], bool]
"""Evaluates a condition for values of the parameters, and of the comparisons that are not evaluated.

The answer of a condition with a name is kept in the values, because many conditions can refer to it.
"""


def combinations(
    names: Sequence[str], decided: Mapping[str, bool], template: Template, most: int
) -> list[dict[str, bool]] | None:
    """Return each combination of answers to conditions that is possible, together with the decided ones.

    Args:
        names: the conditions.
        decided: the conditions with known answers. If they contradict each other, every combination is possible.
        template: the template with the conditions.
        most: the maximum number of combinations. The result is None if there are more.
    """
    reading = _Reading(template, decided)
    written = {name: answer for name, answer in decided.items() if name in template.section("Conditions")}
    answers = {name: reading.named(name) for name in (*names, *written)}
    found: dict[tuple[bool, ...], None] = {}
    for values in reading.assignments():
        if all(answers[name](values) is answer for name, answer in written.items()):
            found[tuple(answers[name](values) for name in names)] = None
        if len(found) > most:
            return None
    if not found:
        if 1 << len(names) > most:
            return None
        found = dict.fromkeys(product((True, False), repeat=len(names)))
    return [{**decided, **dict(zip(names, each, strict=True))} for each in sorted(found, reverse=True)]


class _Reading:
    """Reads conditions, and collects what they depend on."""

    def __init__(self, template: Template, decided: Mapping[str, bool]) -> None:
        self._template = template
        self._decided = decided
        self._compared: dict[str, set[str]] = {}
        self._free: dict[str, None] = {}
        self._named: dict[str, _Answer] = {}
        self._around: set[str] = set()

    def named(self, name: str) -> _Answer:
        """Return the evaluation of a condition of the template."""
        node = self._template.section("Conditions").get(name)
        if name not in self._named:
            if node is None or name in self._around:
                return self._unknown(f"condition {name}")
            self._around.add(name)
            self._named[name] = _kept(f"answer of {name}", self._answer(node))
            self._around.remove(name)
        return self._named[name]

    def _answer(self, node: Any) -> _Answer:
        """Return the evaluation of a part of a condition."""
        match node:
            case {"Condition": str(name)}:
                return self.named(name)
            case {"Fn::Not": [inner]}:
                of_inner = self._answer(inner)
                return lambda values: not of_inner(values)
            case {"Fn::And": list(parts)}:
                of_parts = [self._answer(each) for each in parts]
                return lambda values: all(each(values) for each in of_parts)
            case {"Fn::Or": list(parts)}:
                of_parts = [self._answer(each) for each in parts]
                return lambda values: any(each(values) for each in of_parts)
            case {"Fn::Equals": [{"Ref": str(name)}, other]} | {"Fn::Equals": [other, {"Ref": str(name)}]}:
                text = _text(other)
                if text is not None and isinstance(self._template.section("Parameters").get(name), dict):
                    self._compared.setdefault(name, set()).add(text)
                    return lambda values: values[name] == text
        return self._unknown(f"comparison {json.dumps(node, sort_keys=True, default=str)}")

    def _unknown(self, key: str) -> _Answer:
        self._free[key] = None
        return lambda values: bool(values[key])

    def assignments(self) -> Iterator[_Values]:
        """Yield values of everything that the conditions depend on; none if there are too many."""
        possible = {name: self._values_of(name, compared) for name, compared in sorted(self._compared.items())}
        possible |= {key: [True, False] for key in self._free}
        count = 1
        for each in possible.values():
            count *= len(each)
        if count <= _MOST_ASSIGNMENTS:
            yield from (dict(zip(possible, each, strict=True)) for each in product(*possible.values()))

    def _values_of(self, name: str, compared: set[str]) -> list[Any]:
        """Return each value that a parameter can have."""
        if (value := chosen(name, self._decided)) is not None and is_plain(value):
            return [value]
        parameter = self._template.section("Parameters")[name]
        given = [if_plain(each) for each in self._template.given.get(name, ())]
        allowed = parameter.get("AllowedValues")
        if given and None not in given:
            return list(dict.fromkeys(given))
        kind = str(parameter.get("Type"))
        if not given and isinstance(allowed, list) and allowed and not (kind.startswith("AWS::SSM") or is_list(kind)):
            return list(dict.fromkeys(map(_text, allowed)))
        return [*sorted(compared), _OTHER]


def _kept(key: str, answer: _Answer) -> _Answer:
    def kept(values: _Values) -> bool:
        if key not in values:
            values[key] = answer(values)
        return bool(values[key])

    return kept


def _text(node: Any) -> str | None:
    """Return a literal as CloudFormation compares it, or None for anything else."""
    if isinstance(node, bool):
        return str(node).lower()
    text = str(node) if isinstance(node, (str, int, float)) else None
    return None if text is None or literal("{{resolve:") in literal(text) else text
