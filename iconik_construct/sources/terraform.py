"""The JSON of `terraform show -json`, of a plan or a state, as one template: a resource for each address.

What the plan does not know yet is a function that nothing resolves, and so unknown to the rules. A reference to another
resource of the plan is followed where the whole value is that reference.

Source: Terraform, "JSON Output Format".
"""

from __future__ import annotations

import re
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
_INDEX = re.compile(r"\[[^\]]*\]")
_OF_THE_INSTANCE: Final = ("count", "each")
_BY_DEFAULT: Final = ("acl", "policy", "server_side_encryption_configuration")
"""Attributes that the provider fills in where the configuration has none: nobody but the owner has access by them."""


def is_terraform(body: Mapping[str, Any]) -> bool:
    """Tell whether a document is something of Terraform's."""
    return "terraform_version" in body or ("format_version" in body and ("values" in body or "planned_values" in body))


def template_of_terraform(path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template that says what the plan or the state says.

    Raises:
        SourceError: of a Terraform before 0.12, in the form of a state file, or without values.
    """
    version = str(body.get("terraform_version", ""))
    numbers = [int(one) for one in re.findall(r"\d+", version)[:2]]
    if numbers and tuple(numbers) < _OLDEST:
        raise SourceError(path, f"of Terraform {version}; before 0.12 it has no JSON that can be read")
    if "format_version" not in body:
        raise SourceError(path, f"a state file as Terraform stores it; {_SHOW}")
    if body.get("errored") is True:
        raise SourceError(path, "a plan that ended with an error")
    values = body.get("planned_values", body.get("values"))
    if not isinstance(values, dict):
        # What a state without resources says.
        if set(body) <= {"format_version", "terraform_version", "checks"}:
            return {"Resources": {}}
        raise SourceError(path, f"no planned_values and no values; {_SHOW}")
    try:
        return {"Resources": resources_of(list(_Plan(body, values).planned()))}
    except _MisshapenError as error:
        raise SourceError(path, f"no plan and no state that can be read: {error}") from error


class _MisshapenError(ValueError):
    """A part of the document is not what Terraform writes there. What is skipped could be what gives access."""


@dataclass(frozen=True, slots=True)
class _Name:
    """What a reference inside a module says: a type and a name, of a resource or of data."""

    module: str
    text: str


class _Plan:
    """A plan or a state, whose parts refer to each other by address."""

    def __init__(self, body: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        changes = _items(body, "resource_changes")
        self._unknown = {str(one.get("address")): _part(one, "change").get("after_unknown") for one in changes}
        self._resources = [one for one in _resources(_part(values, "root_module")) if one[1].get("mode") != "data"]
        # Data that waits for the apply stands among the changes only.
        data = [(str(one.get("module_address", "")), one) for one in changes if one.get("mode") == "data"]
        self._data = {str(one.get("address")): _part(_part(one, "change"), "after") for _, one in data}
        self._instances: dict[_Name, dict[str, str]] = {}
        for module, one in (*self._resources, *data):
            name = f"{'data.' if one.get('mode') == 'data' else ''}{one.get('type')}.{one.get('name')}"
            self._instances.setdefault(_Name(module, name), {})[str(one.get("index"))] = str(one.get("address"))
        self._configured = dict(_configured(_part(_part(body, "configuration"), "root_module"), ""))

    def planned(self) -> Iterator[Planned]:
        """Yield each managed resource with everything that is known of it."""
        for module, resource in self._resources:
            address = str(resource.get("address"))
            configured = self._configured.get(_INDEX.sub("", address))
            expressions = configured or {}
            references = {name: self._reference(module, resource, one) for name, one in expressions.items()}
            values = merged(_part(resource, "values"), self._unknown.get(address), address)
            yield Planned(
                address=address,
                kind=str(resource.get("type")),
                values={
                    name: self._followed(value, references.get(name))
                    for name, value in values.items()
                    # What nobody configured is the provider's default, though the plan does not know it yet.
                    if configured is None or name in expressions or name not in _BY_DEFAULT or not is_unknown(value)
                },
                references={name: one for name, one in references.items() if one is not None},
            )

    def _reference(self, module: str, resource: Mapping[str, Any], expression: Any) -> str | None:
        """Return the one address that an expression, or a block of the resource, refers to and to nothing else."""
        names = _references(expression)
        if len(names) != 1:
            return None
        found = self._instances.get(_Name(module, names.pop()), {})
        return next(iter(found.values())) if len(found) == 1 else found.get(str(resource.get("index")))

    def _followed(self, value: Any, reference: str | None) -> Any:
        """Return what the data source says in the place of a policy that is not known."""
        if is_unknown(value) and reference in self._data:
            return policy_of_data(merged(self._data[reference], self._unknown.get(reference), reference)) or value
        return value


def merged(value: Any, unknown: Any, place: str) -> Any:
    """Return a planned value with a function that nothing resolves wherever it is known only after the apply."""
    if unknown is True:
        return {AFTER_APPLY: place}
    if isinstance(unknown, dict) and (isinstance(value, dict) or value is None):
        known = value or {}
        names = dict.fromkeys([*known, *(name for name, one in unknown.items() if one not in (False, None, [], {}))])
        return {name: merged(known.get(name), unknown.get(name), f"{place}.{name}") for name in names}
    if isinstance(unknown, list) and isinstance(value, list):
        longer = [*value, *[None] * (len(unknown) - len(value))]
        return [
            merged(one, unknown[number] if number < len(unknown) else None, f"{place}.{number}")
            for number, one in enumerate(longer)
        ]
    return value


def is_unknown(value: Any) -> bool:
    """Tell whether a value is known only after the apply."""
    return isinstance(value, dict) and AFTER_APPLY in value


def _resources(root: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each resource with the address of its module."""
    waiting = [root]
    while waiting:
        module = waiting.pop(0)
        for one in _items(module, "resources"):
            yield str(module.get("address", "")), one
        waiting += _items(module, "child_modules")


def _configured(module: Mapping[str, Any], inside: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the expressions of each resource of the configuration, by its address without an index."""
    for resource in _items(module, "resources"):
        yield f"{inside}{resource.get('address')}", _part(resource, "expressions")
    calls = _part(module, "module_calls")
    for name in calls:
        yield from _configured(_part(_part(calls, name), "module"), f"{inside}module.{name}.")


def _references(expression: Any) -> set[str]:
    """Return what an expression refers to, by type and name; variables, locals and modules by their first two words."""
    found: set[str] = set()
    waiting = [expression]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            listed = one.get("references")
            for reference in listed if isinstance(listed, list) else ():
                parts = _INDEX.sub("", str(reference)).split(".")
                if parts[0] not in _OF_THE_INSTANCE:
                    found.add(".".join(parts[: 3 if parts[0] == "data" else 2]))
            waiting += [value for name, value in one.items() if name != "references"]
    return found


def _part(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a part that is an object; an empty one where there is none."""
    found = node.get(name)
    if found is not None and not isinstance(found, dict):
        raise _MisshapenError(f"{name!r} is no object")
    return found or {}


def _items(node: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a part that is a list of objects; an empty one where there is none."""
    found = node.get(name)
    if found is not None and not (isinstance(found, list) and all(isinstance(one, dict) for one in found)):
        raise _MisshapenError(f"{name!r} is no list of objects")
    return found or []
