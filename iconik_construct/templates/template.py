"""Defines a synthesized template, and all templates of an app with the values that they exchange."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from ..judge.text import AnyText, MarkedText, in_document, is_plain, joined

__all__ = [
    "App",
    "Environment",
    "Template",
    "construct_path",
    "holds_quote",
    "is_one_environment",
    "loop_of",
    "mapping",
    "nearest",
    "ordinary",
    "parts_of",
    "properties_of",
]


Environment = tuple["AnyText | None", "AnyText | None"]
"""A Region and an account, each None if it is not known."""


def is_one_environment(first: Environment, second: Environment) -> bool:
    """Return whether two environments can be the same: a part that is not known can be any."""
    pairs = zip(first, second, strict=True)
    return all(not (one and other and is_plain(one) and is_plain(other)) or one == other for one, other in pairs)


@dataclass(eq=False)
class Template:
    """One CloudFormation template.

    Args:
        path: the file, which the CDK maps to construct paths.
        body: the template.
        stack_path: the construct path of the outermost stack.
        account: the account of the deployment, if known.
        region: the region of the deployment, if known.
        given: for a nested stack, the parameter values from its parent.
        is_of_stack: whether the CDK knows the resources by their logical ids, as in stacks and nested stacks.
        within: for a nested stack, the template around it and its logical id there.
        stack_name: the name of the stack in the manifest of the assembly, if known.
        stack_tags: the tags of the stack, which CloudFormation adds to its resources. None: not known.
    """

    path: str
    body: Mapping[str, Any]
    stack_path: str = ""
    account: str | None = None
    region: str | None = None
    given: Mapping[str, Sequence[MarkedText]] = field(default_factory=dict)
    is_of_stack: bool = True
    within: tuple[Template, str] | None = None
    stack_name: str | None = None
    stack_tags: Mapping[str, str] | None = None

    @property
    def file(self) -> str:
        """The file. A path can also name the place of a template in it."""
        return self.path.partition("#")[0]

    @cached_property
    def stage(self) -> str:
        """The folder of the file: templates of one stage are in one folder."""
        return str(Path(self.file).parent)

    @property
    def home(self) -> str:
        """The text that is equal for templates of one Region and account."""
        place = f"{self.account}/{self.region}"
        return place if self.account and self.region else f"{self.stage}:{place}"

    @property
    def environment(self) -> Environment:
        """The Region and the account of the deployment."""
        return self.region, self.account

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a section such as `Parameters`, or an empty mapping."""
        return mapping(self.body.get(name))

    @cached_property
    def has_policy_text(self) -> bool:
        """Whether a parameter, a mapping or an output may contain a policy, or a part of one, as text."""
        return any(holds_quote(self.body.get(name)) for name in ("Parameters", "Mappings", "Outputs"))

    @cached_property
    def resources(self) -> dict[str, Mapping[str, Any]]:
        """The resources by logical id, with those of `Fn::ForEach`."""
        found: dict[str, Mapping[str, Any]] = {}
        for name, resource in _resources(self.section("Resources")):
            # Two loops can have one pattern of logical ids.
            found[name if name not in found else f"{name} ({len(found)})"] = resource
        for name, properties in self.section("Globals").items():
            # AWS::Serverless adds them to each of its resources of that type.
            found[f"Globals.{name}"] = {"Type": f"AWS::Serverless::{name}", "Properties": properties}
        return found


class App:
    """All templates of an app, and the values that one template gives to another.

    Args:
        templates: every template, nested stacks included.
        nested: the template of each nested stack, by the parent and the logical id there.
    """

    def __init__(
        self, templates: Sequence[Template], nested: Mapping[tuple[Template, str], Template] | None = None
    ) -> None:
        self.templates = tuple(templates)
        self.nested = nested or {}
        self._found: dict[Hashable, Sequence[MarkedText] | None] = {}
        self._exported: dict[MarkedText, list[tuple[Template, Any]]] | None = None

    def clear(self) -> None:
        """Remove all results of `once`, after the parameters of a nested stack have changed."""
        self._found.clear()
        self._exported = None

    def once(self, key: Hashable, find: Callable[[], Sequence[MarkedText] | None]) -> Sequence[MarkedText] | None:
        """Return the result of `find`, which runs once. A value that refers to itself has no result."""
        if key not in self._found:
            self._found[key] = None
            self._found[key] = find()
        return self._found[key]

    def exported_by(
        self, names: Callable[[Template, Any], Sequence[MarkedText]]
    ) -> Mapping[MarkedText, list[tuple[Template, Any]]]:
        """Return the exported values, by each possible name of the export."""
        if self._exported is None:
            self._exported = {}
            for template, name, value in self.exports:
                for possible_name in names(template, name):
                    self._exported.setdefault(possible_name, []).append((template, value))
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

    def outputs(self, stack_name: MarkedText, output_name: MarkedText) -> list[tuple[Template, Any]]:
        """Return the outputs of that name of each stack that has the name, or whose name is not known."""
        nested = set(self.nested.values())
        return [
            (template, output.get("Value"))
            for template in self.templates
            if isinstance(output := template.section("Outputs").get(in_document(output_name)), Mapping)
            and template not in nested
            and (template.stack_name is None or joined(template.stack_name) == stack_name or not is_plain(stack_name))
        ]

    @cached_property
    def cross_region_values(self) -> dict[str, list[tuple[Template, Any]]]:
        """The values of the CDK's `Custom::CrossRegionExportWriter` resources, by name."""
        values_by_name: dict[str, list[tuple[Template, Any]]] = {}
        for template in self.templates:
            for resource in template.resources.values():
                if resource.get("Type") == "Custom::CrossRegionExportWriter":
                    writer = mapping(properties_of(resource).get("WriterProps"))
                    for name, value in mapping(writer.get("exports")).items():
                        values_by_name.setdefault(name, []).append((template, value))
        return values_by_name


_Owned = TypeVar("_Owned")


def nearest(
    template: Template, owned: Iterable[tuple[Template, _Owned]], place: Environment | None = None
) -> tuple[list[tuple[Template, _Owned]], bool]:
    """Return the values that a name can mean, and whether it certainly means one of them.

    A name means a value of one Region and account. Those of the own template come first, then those of its stage.

    Args:
        template: the template with the name.
        owned: all values of that name, each with its template.
        place: the Region and the account of the name. Default: those of the template.
    """
    place = place or template.environment
    possible = [each for each in owned if is_one_environment(place, each[0].environment)]
    beside = [each for each in possible if each[0] is template]
    in_stage = [each for each in possible if each[0].stage == template.stage]
    certain = [
        each
        for each in beside or in_stage or possible
        if all(
            (part == other) if part and is_plain(part) else other is None and each[0].stage == template.stage
            for part, other in zip(place, each[0].environment, strict=True)
        )
    ]
    return (certain, True) if certain else (beside or in_stage or possible, False)


_OF_OTHERS = {
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFormation::Macro",
    "AWS::CloudFormation::Stack",
    "AWS::CloudFormation::WaitCondition",
    "AWS::Serverless::Application",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
}
"""Resource types whose attributes come from other code or another template."""


def mapping(node: Any) -> Mapping[str, Any]:
    """Return a mapping, or an empty one in place of another node."""
    return node if isinstance(node, dict) else {}


def holds_quote(node: Any) -> bool:
    """Return whether a text in a node has a double quote, as any longer JSON text has."""
    return any(isinstance(part, str) and '"' in part for part in parts_of(node))


def parts_of(node: Any) -> Iterator[Any]:
    """Yield a node and all nodes in it."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, (dict, list)):
            waiting += part.values() if isinstance(part, dict) else part


def properties_of(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties of a resource, or an empty mapping if there are none that can be read."""
    return mapping(resource.get("Properties"))


def construct_path(logical_id: str, template: Template) -> str:
    """Return the path for acknowledgements: the path that the CDK wrote for the resource, or that of the stack."""
    metadata = template.resources.get(logical_id, {}).get("Metadata")
    path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
    return path if isinstance(path, str) else template.stack_path


def ordinary(resource: Mapping[str, Any]) -> bool:
    """Return whether AWS makes the resource. Any other resource can return any value as an attribute."""
    kind = str(resource.get("Type", ""))
    return kind.startswith("AWS::") and not kind.endswith("::MODULE") and kind not in _OF_OTHERS


def _resources(section: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in section.items():
        if (loop := loop_of(name, value)) is not None:
            # The loop variable stays in the text, and is not resolved there.
            yield from _resources(_unknown(loop[1], loop[0]))
        elif isinstance(value, dict):
            yield name, value


def loop_of(name: str, value: Any) -> tuple[str, dict[str, Any]] | None:
    """Return the variable and the resources of a `Fn::ForEach`, or None if it cannot be read."""
    match value:
        case [str(variable), _, dict(resources)] if name.startswith("Fn::ForEach::"):
            return variable, resources
    return None


def _unknown(node: Any, variable: str) -> Any:
    """Return the node with the loop variable replaced by a reference that nothing resolves."""
    if isinstance(node, str):
        marks = ("${" + variable + "}", "&{" + variable + "}")
        return {"Fn::Sub": node} if any(mark in node for mark in marks) else node
    if isinstance(node, list):
        return [_unknown(item, variable) for item in node]
    if isinstance(node, dict):
        return {key: value if key == "Fn::Sub" else _unknown(value, variable) for key, value in node.items()}
    return node
