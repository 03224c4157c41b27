"""Converts the JSON of `terraform show -json`, of a plan or a state, into one template: a resource per address.

A value that the plan does not know yet is a function that nothing resolves, and so unknown to the rules. A reference to
another resource of the plan is followed if it is the whole value.

Source: Terraform, "JSON Output Format".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..templates.documents import AFTER_APPLY
from .files import SourceError
from .terraform_policies import policy_of_data
from .terraform_resources import Planned, resources_of

__all__ = ["is_terraform", "template_of_terraform"]

_SHOW: Final = "give the JSON that terraform show -json prints"
_OLDEST: Final = (0, 12)
_FORMATS: Final = ("0.", "1.")
_INDEX = re.compile(r"\[[^\]]*\]")
_OF_THE_INSTANCE: Final = ("count", "each")
_EACH_KEY, _EACH_VALUE, _COUNT = "each.key", "each.value", "count.index"
_NAMES: Final = ("arn", "bucket", "description", "id", "key_id", "tags", "tags_all")
_BY_DEFAULT: Final = ("acl", "policy", "server_side_encryption_configuration")
"""Attributes that the provider sets if the configuration has none. They give only the owner access.

The provider `awscc` sets all attributes.
"""


def is_terraform(body: Mapping[str, Any]) -> bool:
    """Return whether a document is output of Terraform."""
    return "terraform_version" in body or "format_version" in body


def template_of_terraform(path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template for the plan or the state.

    Raises:
        SourceError: of a Terraform before 0.12, in the form of a state file, or without values.
    """
    version = str(body.get("terraform_version", ""))
    numbers = [int(number) for number in re.findall(r"\d+", version)[:2]]
    if numbers and tuple(numbers) < _OLDEST:
        raise SourceError(path, f"of Terraform {version}; before 0.12 it has no JSON that can be read")
    if "format_version" not in body:
        raise SourceError(path, f"a state file of Terraform; {_SHOW}")
    if not str(body["format_version"]).startswith(_FORMATS):
        raise SourceError(path, f"of the format {body['format_version']}, which is not known here")
    if body.get("deferred_changes") or body.get("complete") is False:
        raise SourceError(path, "a plan that is not complete (deferred changes, or -target): the rest is not known")
    if body.get("errored") is True:
        raise SourceError(path, "a plan that ended with an error")
    values = body.get("planned_values", body.get("values"))
    if not isinstance(values, dict):
        # The JSON of a state without resources.
        if set(body) <= {"format_version", "terraform_version", "checks"}:
            return {"Resources": {}}
        raise SourceError(path, f"no planned_values and no values; {_SHOW}")
    try:
        return {"Resources": resources_of(list(_Plan(body, values).planned()))}
    except _MisshapenError as error:
        raise SourceError(path, f"not a plan and not a state that can be read: {error}") from error


class _MisshapenError(ValueError):
    """A part of the document differs from Terraform's format. Skipping the part could hide access."""


@dataclass(frozen=True, slots=True)
class _Name:
    """A reference inside a module: a type and a name, of a resource or of data."""

    module: str
    text: str


class _Plan:
    """A plan or a state, whose parts refer to each other by address."""

    def __init__(self, body: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        changes = _items(body, "resource_changes")
        self._unknown = {str(item.get("address")): _part(_part(item, "change"), "after_unknown") for item in changes}
        if not isinstance(values.get("root_module", {}), dict):
            raise _MisshapenError("'root_module' is not an object")
        self._resources = [item for item in _resources(_part(values, "root_module")) if item[1].get("mode") != "data"]
        addresses = [_address(item) for _, item in self._resources]
        twice = [address for address, times in Counter(addresses).items() if times > 1]
        missing = {str(item.get("address")) for item in changes if _is_made(item)}.difference(addresses)
        for address in (*twice, *sorted(missing)):
            raise _MisshapenError(f"{address} is planned {'twice' if address in twice else 'without values'}")
        # Data that waits for the apply is only among the changes.
        data = [(str(item.get("module_address", "")), item) for item in changes if item.get("mode") == "data"]
        self._data = {str(item.get("address")): _part(_part(item, "change"), "after") for _, item in data}
        self._instances: dict[_Name, dict[str, Mapping[str, Any]]] = {}
        for module, item in (*self._resources, *data):
            self._instances.setdefault(_Name(module, _name(item)), {})[str(item.get("index"))] = item
        self._configured = dict(_configured(_part(_part(body, "configuration"), "root_module"), ""))

    def planned(self) -> Iterator[Planned]:
        """Yield each managed resource with all known values."""
        for module, resource in self._resources:
            address = _address(resource)
            configured = self._configured.get(_INDEX.sub("", address))
            expressions = configured or {}
            references = {
                name: self._reference(module, resource, expression) for name, expression in expressions.items()
            }
            values = merged(_part(resource, "values"), self._unknown.get(address), address)
            is_awscc = str(resource.get("type")).startswith("awscc_")
            yield Planned(
                address=address,
                kind=str(resource.get("type")),
                values={
                    name: self._followed(value, references.get(name))
                    for name, value in values.items()
                    # A value without configuration is the provider's default, although the plan does not know it yet.
                    if configured is None
                    or name in expressions
                    or not is_unknown(value)
                    or not (is_awscc or name in _BY_DEFAULT)
                },
                references={name: expression for name, expression in references.items() if expression is not None},
            )

    def _reference(self, module: str, resource: Mapping[str, Any], expression: Any) -> str | None:
        """Return the address if an expression, or a block of the resource, certainly refers to exactly one."""
        leaves = [leaf for leaf in _references(expression) if any(_is_of_resource(name) for name, _ in leaf)]
        names = {name for leaf in leaves for name, _ in leaf if _is_of_resource(name)}
        if len(names) != 1:
            return None
        instances = self._instances.get(_Name(module, names.pop()), {})
        if len(instances) == 1:
            return str(next(iter(instances.values())).get("address"))
        indexes = {index for leaf in leaves for _, index in leaf if index is not None}
        chosen_by = {name for leaf in leaves for name, _ in leaf if not _is_of_resource(name)}
        is_own = chosen_by == {_EACH_KEY} or (
            chosen_by in ({_COUNT}, {_EACH_VALUE}) and self._is_own(module, resource, instances)
        )
        if is_own and not indexes:
            indexes = {str(resource.get("index"))}
        found = instances.get(indexes.pop()) if len(indexes) == 1 else None
        return None if found is None else str(found.get("address"))

    def _is_own(self, module: str, resource: Mapping[str, Any], instances: Mapping[str, Mapping[str, Any]]) -> bool:
        """Return whether `count.index`, or `each.value` of a set, means the instance of the same index.

        A plan does not tell `count.index + 1`. Terraform refuses that one if there are as many instances of both, and
        it means the same if all are equal.
        """
        own = self._instances.get(_Name(module, _name(resource)), {})
        every = [item.get("values") or self._data.get(str(item.get("address"))) or {} for item in instances.values()]
        contents = [{name: value for name, value in each.items() if name not in _NAMES} for each in every]
        return own.keys() == instances.keys() or all(content == contents[0] for content in contents)

    def _followed(self, value: Any, reference: str | None) -> Any:
        """Return the data source's content instead of an unknown policy."""
        if is_unknown(value) and reference in self._data:
            return policy_of_data(merged(self._data[reference], self._unknown.get(reference), reference)) or value
        return value


def _name(item: Mapping[str, Any]) -> str:
    return f"{'data.' if item.get('mode') == 'data' else ''}{item.get('type')}.{item.get('name')}"


def _address(resource: Mapping[str, Any]) -> str:
    """Return the address of a resource. A replaced object that still exists has another one."""
    deposed = resource.get("deposed_key")
    return f"{resource.get('address')}{f' (deposed {deposed})' if deposed else ''}"


def _is_made(change: Mapping[str, Any]) -> bool:
    """Return whether a managed resource exists after the apply."""
    actions = _part(change, "change").get("actions")
    is_made = isinstance(actions, list) and not {"create", "update"}.isdisjoint(map(str, actions))
    return is_made and change.get("mode") == "managed" and not change.get("deposed")


def merged(value: Any, unknown: Any, place: str) -> Any:
    """Return a planned value with a function that nothing resolves for each value that is known after the apply."""
    if unknown is True:
        return {AFTER_APPLY: place}
    if isinstance(unknown, dict) and (isinstance(value, dict) or value is None):
        known = value or {}
        names = dict.fromkeys([*known, *(name for name, part in unknown.items() if part not in (False, None, [], {}))])
        return {name: merged(known.get(name), unknown.get(name), f"{place}.{name}") for name in names}
    if isinstance(unknown, list) and isinstance(value, list):
        longer = [*value, *[None] * (len(unknown) - len(value))]
        return [
            merged(part, unknown[number] if number < len(unknown) else None, f"{place}.{number}")
            for number, part in enumerate(longer)
        ]
    return value


def is_unknown(value: Any) -> bool:
    """Return whether a value is known only after the apply."""
    return isinstance(value, dict) and AFTER_APPLY in value


def _resources(root: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each resource with the address of its module."""
    waiting = [root]
    while waiting:
        module = waiting.pop(0)
        for resource in _items(module, "resources"):
            yield str(module.get("address", "")), resource
        waiting += _items(module, "child_modules")


def _configured(module: Mapping[str, Any], inside: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the expressions of each configured resource, by its address without an index."""
    for resource in _items(module, "resources"):
        yield f"{inside}{resource.get('address')}", _part(resource, "expressions")
    calls = _part(module, "module_calls")
    for name in calls:
        yield from _configured(_part(_part(calls, name), "module"), f"{inside}module.{name}.")


def _references(expression: Any) -> list[set[tuple[str, str | None]]]:
    """Return the references of each part of an expression: type and name, and the literal index or None.

    Variables, locals and modules are named by two words, `each.value.x` by three.
    """
    references: list[set[tuple[str, str | None]]] = []
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            listed = part.get("references")
            references.append(set(map(_named, map(str, listed if isinstance(listed, list) else ()))))
            waiting += [value for name, value in part.items() if name != "references"]
    return references


def _named(reference: str) -> tuple[str, str | None]:
    parts = _INDEX.sub("", reference).split(".")
    name = ".".join(parts[: 3 if parts[0] in ("data", "each") else 2])
    index = _INDEX.match(reference, len(name))
    return name, None if index is None else index[0][1:-1].strip('"')


def _is_of_resource(name: str) -> bool:
    return name.partition(".")[0] not in _OF_THE_INSTANCE


def _part(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a part that is an object, or an empty object."""
    part = node.get(name)
    if part is not None and not isinstance(part, dict):
        raise _MisshapenError(f"{name!r} is not an object")
    return part or {}


def _items(node: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a part that is a list of objects, or an empty list."""
    items = node.get(name)
    if items is not None and not (isinstance(items, list) and all(isinstance(item, dict) for item in items)):
        raise _MisshapenError(f"{name!r} is not a list of objects")
    return items or []
