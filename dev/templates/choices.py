"""Makes one template with a parameter out of several templates, one for each value of the parameter.

Apart from the template because it knows nothing of buckets: where all templates agree it writes what they say, and
where they differ an `Fn::If`. So the one template says, for each value, exactly what the construct synthesizes for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Choice", "choose"]

_NO_VALUE = {"Ref": "AWS::NoValue"}


class Choice:
    """A parameter with a few allowed values, and the conditions that tell them apart.

    Args:
        parameter: the logical id of the parameter.
        names: for each allowed value, a word for the names of conditions.
    """

    def __init__(self, parameter: str, names: Mapping[str, str]) -> None:
        self.parameter = parameter
        self.names = dict(names)
        self.conditions: dict[str, Any] = {}

    def condition(self, values: list[str]) -> str:
        """Return the name of the condition that holds for these values, and note it as needed."""
        name = self.parameter + "Is" + "Or".join(self.names[value] for value in values)
        tests = [{"Fn::Equals": [{"Ref": self.parameter}, value]} for value in values]
        self.conditions[name] = tests[0] if len(tests) == 1 else {"Fn::Or": tests}
        return name


def choose(choice: Choice, templates: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the one template; its conditions are in `choice.conditions`.

    Args:
        choice: what decides.
        templates: for each value of the choice, the template.
    """
    merged: dict[str, Any] = {}
    for section in _names(templates):
        found = {value: template.get(section, {}) for value, template in templates.items()}
        if section in {"Resources", "Outputs"}:
            merged[section] = _choose_items(choice, found)
        else:
            # Parameters and conditions: the union, as what uses them may be in one of the templates only.
            merged[section] = {name: item for items in found.values() for name, item in items.items()}
    return merged


def _choose_items(choice: Choice, sections: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return resources or outputs: one that only some templates have depends on a condition."""
    merged = {}
    for name in _names(sections):
        having = {value: items[name] for value, items in sections.items() if name in items}
        item = _choose_value(choice, having)
        if len(having) < len(sections):
            item = {"Condition": choice.condition(list(having)), **item}
        merged[name] = item
    return merged


def _choose_value(choice: Choice, found: Mapping[str, Any]) -> Any:
    values = list(found.values())
    if all(value == values[0] for value in values):
        return values[0]
    if all(isinstance(value, dict) and not _is_function(value) for value in values):
        return {
            name: _choose_value(choice, {value: item.get(name, _NO_VALUE) for value, item in found.items()})
            for name in _names(found)
        }
    if all(isinstance(value, list) for value in values):
        # Statement by statement, so that what they have in common stands there once and without a condition.
        longest = max(map(len, values))
        padded = {value: items + [_NO_VALUE] * (longest - len(items)) for value, items in found.items()}
        return [_nested_ifs(choice, {value: items[at] for value, items in padded.items()}) for at in range(longest)]
    return _nested_ifs(choice, found)


def _nested_ifs(choice: Choice, found: Mapping[str, Any]) -> Any:
    """Return `Fn::If` over groups of equal values; the largest comes last, where it needs no condition of its own."""
    groups: list[tuple[list[str], Any]] = []
    for value, item in found.items():
        for members, same in groups:
            if same == item:
                members.append(value)
                break
        else:
            groups.append(([value], item))
    *conditional, (_, result) = sorted(groups, key=lambda group: len(group[0]))
    for members, item in reversed(conditional):
        result = {"Fn::If": [choice.condition(members), item, result]}
    return result


def _is_function(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def _names(items: Mapping[str, dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for item in items.values() for name in item))
