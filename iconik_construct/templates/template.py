"""A synthesized template, and all templates of an app, between which values cross."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

__all__ = ["App", "Template", "construct_path", "holds_quote", "ordinary", "properties_of"]


@dataclass(eq=False)
class Template:
    """One CloudFormation template.

    Args:
        path: the file, which CDK maps to construct paths.
        body: the template.
        stack_path: the construct path of the outermost stack.
        account: the account it is deployed to, where known.
        region: the region it is deployed to, where known.
        given: for a nested stack, the parameter values that its parent gives.
        is_of_stack: whether CDK knows the resources by their logical ids, as it does in stacks and nested ones.
    """

    path: str
    body: Mapping[str, Any]
    stack_path: str = ""
    account: str | None = None
    region: str | None = None
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)
    is_of_stack: bool = True

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a section such as `Parameters`, empty where the template has none."""
        found = self.body.get(name)
        return found if isinstance(found, dict) else {}

    @cached_property
    def has_policy_text(self) -> bool:
        """Whether a parameter, a mapping or an output may hold a policy, or a part of one, as text."""
        return any(holds_quote(self.body.get(name)) for name in ("Parameters", "Mappings", "Outputs"))

    @cached_property
    def resources(self) -> dict[str, Mapping[str, Any]]:
        """The resources by logical id, those made by `Fn::ForEach` included."""
        return dict(_resources(self.section("Resources")))


class App:
    """All templates of an app, and the values that cross from one to another.

    Args:
        templates: every template, nested stacks included.
        nested: the template of each nested stack, by the parent and the logical id there.
    """

    def __init__(
        self, templates: Sequence[Template], nested: Mapping[tuple[Template, str], Template] | None = None
    ) -> None:
        self.templates = tuple(templates)
        self.nested = nested or {}
        self._found: dict[Hashable, Sequence[str] | None] = {}
        self._exported: dict[str, list[tuple[Template, Any]]] | None = None

    def once(self, key: Hashable, find: Callable[[], Sequence[str] | None]) -> Sequence[str] | None:
        """Return what is found, which is looked for once; what is made of itself is not found."""
        if key not in self._found:
            self._found[key] = None
            self._found[key] = find()
        return self._found[key]

    def exported_by(self, names: Callable[[Template, Any], Sequence[str]]) -> Mapping[str, list[tuple[Template, Any]]]:
        """Return the values that are exported, by each name that the export can have."""
        if self._exported is None:
            self._exported = {}
            for template, name, value in self.exports:
                for one in names(template, name):
                    self._exported.setdefault(one, []).append((template, value))
        return self._exported

    @cached_property
    def exports(self) -> list[tuple[Template, Any, Any]]:
        """Every export: template, name and value, neither resolved."""
        return [
            (template, output["Export"].get("Name"), output.get("Value"))
            for template in self.templates
            for output in template.section("Outputs").values()
            if isinstance(output, dict) and isinstance(output.get("Export"), dict)
        ]

    def outputs(self, stack_name: str, output_name: str) -> list[tuple[Template, Any]]:
        """Return the outputs of that name: those of the stack if its name follows from its path, else all."""
        found = [
            (template, template.section("Outputs")[output_name].get("Value"))
            for template in self.templates
            if isinstance(template.section("Outputs").get(output_name), Mapping)
        ]
        exact = [one for one in found if one[0].stack_path.replace("/", "-") == stack_name]
        return exact or found

    @cached_property
    def cross_region_values(self) -> dict[str, list[tuple[Template, Any]]]:
        """What CDK's `Custom::CrossRegionExportWriter` resources pass on, by name."""
        found: dict[str, list[tuple[Template, Any]]] = {}
        for template in self.templates:
            for resource in template.resources.values():
                if resource.get("Type") == "Custom::CrossRegionExportWriter":
                    writer = _mapping(properties_of(resource), "WriterProps")
                    for name, value in _mapping(writer, "exports").items():
                        found.setdefault(name, []).append((template, value))
        return found


_OF_OTHERS = {
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFormation::Macro",
    "AWS::CloudFormation::Stack",
    "AWS::CloudFormation::WaitCondition",
    "AWS::Serverless::Application",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
}
"""Resource types whose attributes are what somebody else's code or template says."""


def _mapping(node: Any, name: str) -> Mapping[str, Any]:
    found = node.get(name) if isinstance(node, dict) else None
    return found if isinstance(found, dict) else {}


def holds_quote(node: Any) -> bool:
    """Tell whether a text in a node has a double quote, as each part of JSON text of some length has."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and '"' in one:
            return True
        if isinstance(one, (dict, list)):
            waiting += one.values() if isinstance(one, dict) else one
    return False


def properties_of(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties of a resource, empty where it has none that can be read."""
    found = resource.get("Properties")
    return found if isinstance(found, dict) else {}


def construct_path(logical_id: str, template: Template) -> str:
    """Return where a finding is acknowledged: the path that CDK wrote beside the resource, or that of the stack."""
    metadata = template.resources.get(logical_id, {}).get("Metadata")
    path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
    return path if isinstance(path, str) else template.stack_path


def ordinary(resource: Mapping[str, Any]) -> bool:
    """Tell whether AWS itself makes the resource: anything else can return any value as an attribute."""
    kind = str(resource.get("Type", ""))
    return kind.startswith("AWS::") and not kind.endswith("::MODULE") and kind not in _OF_OTHERS


def _resources(section: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in section.items():
        if name.startswith("Fn::ForEach::") and isinstance(value, list) and len(value) == 3:  # noqa: PLR2004
            # The loop variable stays in the text as it is, and is unresolved there.
            if isinstance(value[0], str) and isinstance(value[2], dict):
                yield from _resources(_unknown(value[2], value[0]))
        elif isinstance(value, dict):
            yield name, value


def _unknown(node: Any, variable: str) -> Any:
    """Return the node with the loop variable turned into a reference that nothing resolves."""
    if isinstance(node, str):
        marks = ("${" + variable + "}", "&{" + variable + "}")
        return {"Fn::Sub": node} if any(mark in node for mark in marks) else node
    if isinstance(node, list):
        return [_unknown(item, variable) for item in node]
    if isinstance(node, dict):
        return {key: value if key == "Fn::Sub" else _unknown(value, variable) for key, value in node.items()}
    return node
