"""A synthesized template, and all templates of an app, between which values cross."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

__all__ = ["App", "Template", "ordinary", "properties_of"]


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
    """

    path: str
    body: Mapping[str, Any]
    stack_path: str = ""
    account: str | None = None
    region: str | None = None
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a section such as `Parameters`, empty where the template has none."""
        found = self.body.get(name)
        return found if isinstance(found, dict) else {}

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
                    writer = properties_of(resource).get("WriterProps", {})
                    for name, value in writer.get("exports", {}).items():
                        found.setdefault(name, []).append((template, value))
        return found


def properties_of(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties of a resource, empty where it has none that can be read."""
    found = resource.get("Properties")
    return found if isinstance(found, dict) else {}


def ordinary(resource: Mapping[str, Any]) -> bool:
    """Tell whether AWS itself makes the resource: anything else can return any value as an attribute."""
    kind = str(resource.get("Type", ""))
    return kind.startswith("AWS::") and kind not in {
        "AWS::CloudFormation::CustomResource",
        "AWS::CloudFormation::Stack",
        "AWS::CloudFormation::WaitCondition",
    }


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
