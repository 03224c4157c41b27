"""Converts the JSON of `terraform show -json`, of a plan or a state, into one template: a resource per address.

A value that the plan does not know yet is a function that nothing resolves, and so unknown to the rules. A reference to
another resource of the plan is followed if it is the whole value.

Source: Terraform, "JSON Output Format".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from ..templates.documents import AFTER_APPLY
from .files import SourceError
from .terraform_keys import KEYS
from .terraform_policies import policy_of_data
from .terraform_references import Instance, MisshapenError, References, items_of, part_of
from .terraform_resources import Planned, resources_of

__all__ = ["is_terraform", "template_of_terraform"]

_SHOW: Final = "give the JSON that terraform show -json prints"
_OLDEST: Final = (0, 12)
_FORMATS: Final = ("0.", "1.")
_BY_DEFAULT: Final = ("acl", "grant", "policy", "request_payer", "server_side_encryption_configuration")
"""Attributes that the provider sets if the configuration has none. They give only the owner access.

The provider `awscc` sets all attributes.
"""

_IN_OTHERS: Final[Mapping[str, tuple[str, str, Collection[str]]]] = {
    "aws_kms_key_policy": ("key_id", "policy", KEYS),
    "aws_s3_bucket_policy": ("bucket", "policy", ("aws_s3_bucket",)),
    "aws_s3_bucket_request_payment_configuration": ("bucket", "request_payer", ("aws_s3_bucket",)),
    "aws_s3_bucket_server_side_encryption_configuration": (
        "bucket",
        "server_side_encryption_configuration",
        ("aws_s3_bucket",),
    ),
    "aws_s3control_access_point_policy": ("access_point_arn", "policy", ("aws_s3_access_point",)),
    "aws_sns_topic_policy": ("arn", "policy", ("aws_sns_topic",)),
    "aws_sqs_queue_policy": ("queue_url", "policy", ("aws_sqs_queue",)),
}
"""Resources that set an attribute of another resource: the name of that resource, the attribute, and its types."""
_REPEATED: Final = ("aws_sns_topic_policy", "aws_sqs_queue_policy")
"""Those of them whose attribute repeats the value, or has an older one."""
_NAMES: Final = ("arn", "bucket", "id", "key_id", "url")


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
        before = part_of(part_of(part_of(body, "prior_state"), "values"), "root_module")
        if before and not values.get("root_module") and not body.get("resource_changes"):
            raise SourceError(path, "a plan of -refresh-only, without planned values; give the JSON of the state")
        return {"Resources": resources_of(list(_Plan(body, values).planned()))}
    except MisshapenError as error:
        raise SourceError(path, f"not a plan and not a state that can be read: {error}") from error


class _Plan:
    """A plan or a state, whose parts refer to each other by address."""

    def __init__(self, body: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        changes = items_of(body, "resource_changes")
        self._unknown = {
            str(item.get("address")): part_of(part_of(item, "change"), "after_unknown") for item in changes
        }
        if not isinstance(values.get("root_module", {}), dict):
            raise MisshapenError("'root_module' is not an object")
        # A resource that Terraform forgets stays in the account. The plan has its values only before the change.
        forgotten = {
            str(item.get("address")): part_of(part_of(item, "change"), "before")
            for item in changes
            if part_of(item, "change").get("actions") == ["forget"]
        }
        self._resources = [
            (module, {"values": forgotten.get(str(item.get("address"))), **item})
            for module, item in _resources(part_of(values, "root_module"))
            if item.get("mode") != "data"
        ]
        addresses = [_address(item) for _, item in self._resources]
        twice = [address for address, times in Counter(addresses).items() if times > 1]
        missing = {str(item.get("address")) for item in changes if _is_made(item)}.difference(addresses)
        for address in (*twice, *sorted(missing)):
            raise MisshapenError(f"{address} is planned {'twice' if address in twice else 'without values'}")
        deleted = [
            (str(item.get("type")), part_of(part_of(item, "change"), "before"))
            for item in changes
            if "delete" in (part_of(item, "change").get("actions") or ())
        ]
        separate = [(str(item.get("type")), part_of(item, "values")) for _, item in self._resources]
        # The keys of several Regions can have one id. Then it is not known which one has another policy.
        ids = Counter(str(given.get("key_id")) for kind, given in separate if kind in KEYS)
        self._set_by_others = {
            (of_kind, named, _IN_OTHERS[kind][1])
            for kind, given in (*deleted, *(each for each in separate if each[0] in _REPEATED))
            if kind in _IN_OTHERS and isinstance(named := given.get(_IN_OTHERS[kind][0]), str)
            if ids[named] <= 1
            for of_kind in _IN_OTHERS[kind][2]
        }
        # Data that waits for the apply is only among the changes.
        data = [(str(item.get("module_address", "")), item) for item in changes if item.get("mode") == "data"]
        self._data = {str(item.get("address")): part_of(part_of(item, "change"), "after") for _, item in data}
        instances = [_instance(module, item, part_of(item, "values")) for module, item in self._resources]
        instances += [_instance(module, item, self._data[str(item.get("address"))]) for module, item in data]
        self._references = References(part_of(part_of(body, "configuration"), "root_module"), instances)

    def planned(self) -> Iterator[Planned]:
        """Yield each managed resource with all known values."""
        for module, resource in self._resources:
            address = _address(resource)
            configured = self._references.expressions_of(address)
            expressions = configured or {}
            instance = _instance(module, resource)
            named = {name: self._references.of(instance, expression) for name, expression in expressions.items()}
            values = merged(part_of(resource, "values"), self._unknown.get(address), address)
            kind = str(resource.get("type"))
            names = {str(values.get(name)) for name in _NAMES}
            is_awscc = kind.startswith("awscc_")
            yield Planned(
                address=address,
                kind=kind,
                values={
                    name: self._followed(value, named.get(name, frozenset()))
                    for name, value in values.items()
                    # The state keeps a value after the deletion of the resource that set it.
                    if name in expressions
                    or not (
                        any((kind, each, name) in self._set_by_others for each in names)
                        # A value without configuration is the provider's default, also if it is not known yet.
                        or (configured is not None and is_unknown(value) and (is_awscc or name in _BY_DEFAULT))
                    )
                },
                named=named,
            )

    def _followed(self, value: Any, named: Collection[str | None]) -> Any:
        """Return the data source's content instead of an unknown policy."""
        address = next(iter(named), None) if len(named) == 1 else None
        if is_unknown(value) and address in self._data:
            return policy_of_data(merged(self._data[address], self._unknown.get(address), address)) or value
        return value


def _instance(module: str, item: Mapping[str, Any], values: Mapping[str, Any] | None = None) -> Instance:
    return Instance(
        module=module,
        name=f"{'data.' if item.get('mode') == 'data' else ''}{item.get('type')}.{item.get('name')}",
        index=str(item.get("index")),
        address=str(item.get("address")),
        values=values or {},
    )


def _address(resource: Mapping[str, Any]) -> str:
    """Return the address of a resource. A replaced object that still exists has another one."""
    deposed = resource.get("deposed_key")
    return f"{resource.get('address')}{f' (deposed {deposed})' if deposed else ''}"


def _is_made(change: Mapping[str, Any]) -> bool:
    """Return whether a managed resource exists after the apply."""
    actions = part_of(change, "change").get("actions")
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
        for resource in items_of(module, "resources"):
            yield str(module.get("address", "")), resource
        waiting += items_of(module, "child_modules")
