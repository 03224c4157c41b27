"""Follows the references of a Terraform plan to resources and data, through the variables and outputs of modules.

A plan has the names that an expression uses, and not the expression. A name is followed if it is the only one in its
expression whose value the plan may not know. The values of locals are not in a plan.

Source: Terraform, "JSON Output Format".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

__all__ = ["Instance", "MisshapenError", "References", "items_of", "part_of"]

_INDEX = re.compile(r"\[[^\]]*\]")
_MODULE = re.compile(r"(?:(.+)\.)?(module\.[^.\[]+)(?:\[([^\]]*)\])?")
_KNOWN: Final = ("count", "each", "path", "terraform")
_EACH_KEY, _EACH_VALUE, _COUNT = "each.key", "each.value", "count.index"
_NAMES: Final = ("arn", "bucket", "description", "id", "key_id", "tags", "tags_all")


class MisshapenError(ValueError):
    """A part of the document differs from Terraform's format. Skipping the part could hide access."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A resource of the plan, or data that waits for the apply.

    Attributes:
        module: the address of its module; empty for the root.
        name: its type and name, after `data.` if it is data.
        index: its index as text.
        address: its address.
        values: its known values.
    """

    module: str
    name: str
    index: str
    address: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Place:
    """The module in which an expression is written, and the index of the resource or of the call that has it."""

    module: str
    index: str = ""
    indexes: Collection[str] = ()


class References:
    """What the expressions of a plan refer to."""

    def __init__(self, root: Mapping[str, Any], instances: Iterable[Instance]) -> None:
        self._expressions = dict(_expressions(root, ""))
        self._instances: dict[tuple[str, str], dict[str, Instance]] = {}
        self._calls: dict[str, dict[str, str]] = {}
        self._values: dict[tuple[str, str], set[str | None]] = {}
        for each in instances:
            self._instances.setdefault((each.module, each.name), {})[each.index] = each
            module = each.module
            while match := _MODULE.fullmatch(module):
                around, call, index = match.groups("")
                self._calls.setdefault(_address(around, call), {})[index.strip('"')] = module
                module = around

    def expressions_of(self, address: str) -> Mapping[str, Any] | None:
        """Return the expressions of a resource by attribute, or None if the document has no configuration of it."""
        return self._expressions.get(_INDEX.sub("", address))

    def of(self, instance: Instance, expression: Any) -> frozenset[str | None]:
        """Return the addresses that an expression, or a block, may refer to, and None for a value that is not known."""
        siblings = self._instances.get((instance.module, instance.name), {})
        return frozenset(self._meant(_Place(instance.module, instance.index, siblings), expression))

    def _meant(self, place: _Place, expression: Any) -> set[str | None]:
        """Return the addresses, and None for each value that is not known. Known values are left out."""
        meant: set[str | None] = set()
        for names, after in _names(expression):
            passed: dict[str, set[str | None]] = {}
            for name, indexes in names.items():
                kind, _, rest = name.partition(".")
                if kind in _KNOWN:
                    passed[name] = set()
                elif kind == "var":
                    passed[name] = self._variable(place.module, rest)
                elif kind == "module":
                    passed[name] = self._output(place.module, rest, indexes)
                elif kind == "local":
                    passed[name] = {None}
            known = {name for name, values in passed.items() if not values}
            meant.update(*passed.values())
            for name in names.keys() - passed.keys():
                # Without an instance it has no value. Data that is known is not among the instances.
                if instances := self._instances.get((place.module, name)):
                    # The index of a name comes after the name. Others belong to a condition, such as `each.value.x`.
                    meant.add(_one(place, instances, names[name], after[name] or known))
        return meant

    def _variable(self, module: str, name: str) -> set[str | None]:
        """Return what a variable refers to. The variables of the root are known, and so are default values."""
        match = _MODULE.fullmatch(module)
        if match is None:
            return set()
        around, call, index = match.groups("")
        place = _Place(around, index.strip('"'), self._calls.get(_address(around, call), ()))
        return self._once(module, f"var.{name}", place)

    def _output(self, module: str, name: str, indexes: Collection[str]) -> set[str | None]:
        call, _, output = name.partition(".")
        inside = _address(module, f"module.{call}")
        # A module without resources is not among the calls. Its outputs can repeat its variables.
        calls = self._calls.get(inside, {"": inside})
        called = calls.get(next(iter(indexes or ("",)))) if len(indexes) <= 1 else None
        if not output or called is None or _key(called, f"output.{output}") not in self._expressions:
            return {None}
        return self._once(called, f"output.{output}", _Place(called))

    def _once(self, module: str, name: str, place: _Place) -> set[str | None]:
        if (module, name) not in self._values:
            # A value that depends on itself is not known.
            self._values[module, name] = {None}
            self._values[module, name] = self._meant(place, self._expressions.get(_key(module, name)))
        return self._values[module, name]


def _one(
    place: _Place, instances: Mapping[str, Instance], indexes: Collection[str], chosen_by: Collection[str]
) -> str | None:
    """Return the address of the instance that is meant, if that is certain."""
    if len(instances) == 1:
        return next(iter(instances.values())).address
    is_own = chosen_by == {_EACH_KEY} or (chosen_by in ({_COUNT}, {_EACH_VALUE}) and _is_own(place, instances))
    chosen = (place.index,) if is_own and not indexes else tuple(indexes)
    found = instances.get(chosen[0]) if len(chosen) == 1 else None
    return None if found is None else found.address


def _is_own(place: _Place, instances: Mapping[str, Instance]) -> bool:
    """Return whether `count.index`, or `each.value` of a set, means the instance of the same index.

    A plan does not tell `count.index + 1`. Terraform refuses that one if there are as many instances of both, and it
    means the same if all are equal.
    """
    contents = [{name: each.values[name] for name in each.values if name not in _NAMES} for each in instances.values()]
    return instances.keys() == set(place.indexes) or all(content == contents[0] for content in contents)


def _expressions(module: Mapping[str, Any], inside: str) -> Iterator[tuple[str, Any]]:
    """Yield the expressions of each resource, output, and variable of a call, by their addresses without an index."""
    for resource in items_of(module, "resources"):
        yield _address(inside, str(resource.get("address"))), part_of(resource, "expressions")
    outputs, calls = part_of(module, "outputs"), part_of(module, "module_calls")
    for name in outputs:
        yield _address(inside, f"output.{name}"), part_of(part_of(outputs, name), "expression")
    for name in calls:
        call, called = part_of(calls, name), _address(inside, f"module.{name}")
        for variable, expression in part_of(call, "expressions").items():
            yield _address(called, f"var.{variable}"), expression
        yield from _expressions(part_of(call, "module"), called)


def _names(expression: Any) -> Iterator[tuple[dict[str, set[str]], dict[str, set[str]]]]:
    """Yield the names in each part of an expression, with their literal indexes, and with the next name after each."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            listed = part.get("references")
            found = list(map(_named, map(str, listed if isinstance(listed, list) else ())))
            names: dict[str, set[str]] = {}
            for name, index in found:
                names.setdefault(name, set()).update(() if index is None else (index,))
            # Each name of an output is followed by that of its module.
            names = {name: names[name] for name in names if not any(each.startswith(f"{name}.") for each in names)}
            after: dict[str, set[str]] = {name: set() for name in names}
            for (name, _), (following, _) in pairwise(each for each in found if each[0] in names):
                after[name] |= {following} - {name}
            yield names, after
            waiting += [value for name, value in part.items() if name != "references"]


def _named(reference: str) -> tuple[str, str | None]:
    """Return the name that a reference begins with, and the literal index or None.

    A variable is named by two words, data, `each.value.x` and the output of a module by three.
    """
    parts = _INDEX.sub("", reference).split(".")
    named = ".".join(parts[: 3 if parts[0] in ("data", "each") else 2])
    index = _INDEX.match(reference, len(named))
    name = ".".join(parts[:3]) if parts[0] == "module" else named
    return name, None if index is None else index[0][1:-1].strip('"')


def _address(inside: str, name: str) -> str:
    return f"{inside}.{name}" if inside else name


def _key(module: str, name: str) -> str:
    return _address(_INDEX.sub("", module), name)


def part_of(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a part that is an object, or an empty object.

    Raises:
        MisshapenError: the part is something else.
    """
    part = node.get(name)
    if part is not None and not isinstance(part, dict):
        raise MisshapenError(f"{name!r} is not an object")
    return part or {}


def items_of(node: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a part that is a list of objects, or an empty list.

    Raises:
        MisshapenError: the part is something else.
    """
    items = node.get(name)
    if items is not None and not (isinstance(items, list) and all(isinstance(item, dict) for item in items)):
        raise MisshapenError(f"{name!r} is not a list of objects")
    return items or []
