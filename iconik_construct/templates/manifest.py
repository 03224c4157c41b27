"""Reads a synthesized assembly from files: its stacks, those of its stages, and its acknowledgements.

Plugins need only the stacks, because the CDK handles acknowledgements for them.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..assessment import Finding, rules
from ..assessment.finding import Place
from ..judge.text import shown
from .template import Template, construct_path, mapping

__all__ = ["ACKNOWLEDGED", "Assembly", "read_assembly", "stacks_in"]

_STACK: Final = "aws:cloudformation:stack"
_NESTED: Final = "cdk:cloud-assembly"
_TEMPLATES_OF: Final = {_STACK: "templateFile", _NESTED: "directoryName"}
"""The types of artifacts that have templates, with the property that names their file or directory."""
ACKNOWLEDGED: Final = "aws:cdk:acknowledged-rules"
"""The type of metadata with the acknowledged rules of a construct and the reasons."""
_LOGICAL_ID: Final = "aws:cdk:logicalId"
_NESTED_STACK: Final = re.compile(r"\.NestedStack/[^/]+\.NestedStackResource$")
"""The end of the path of a resource that is a nested stack, after the path of the nested stack."""


@dataclass
class Assembly:
    """The content of an assembly's manifests.

    Attributes:
        stacks: the templates of its stacks, with empty bodies.
        paths: the construct paths of resources, by the path of the outermost stack and the logical id. A nested stack
            can use an id again.
        acknowledged: the acknowledged ids, by construct path.
        findings: the manifests that cannot be read.
        deployments: the properties of each stack, by the path of its template.
    """

    stacks: list[Template] = field(default_factory=list)
    paths: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    acknowledged: dict[str, set[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    deployments: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _nested_stacks: dict[str, set[str]] = field(default_factory=dict)

    def path_of(self, logical_id: str, template: Template) -> str:
        """Return the path of the construct that makes a resource, where its findings are acknowledged."""
        paths = self.paths.get((template.stack_path, logical_id), []) if template.is_of_stack else []
        if len(paths) > 1:
            around = self._path_of_nested_stack(template)
            paths = [each for each in paths if self._nested_stack_around(each, template) == around]
        return paths[0] if len(paths) == 1 else construct_path(logical_id, template)

    def _path_of_nested_stack(self, template: Template) -> str:
        if template.within is None:
            return ""
        parent, logical_id = template.within
        return _NESTED_STACK.sub("", self.path_of(logical_id, parent))

    def _nested_stack_around(self, path: str, template: Template) -> str:
        """Return the path of the innermost nested stack around a path, or an empty text."""
        if template.stack_path not in self._nested_stacks:
            listed = (
                each for (stack, _), paths in self.paths.items() if stack == template.stack_path for each in paths
            )
            found = {_NESTED_STACK.sub("", each) for each in listed if _NESTED_STACK.search(each)}
            self._nested_stacks[template.stack_path] = found
        ends = (number for number, character in enumerate(path) if character == "/")
        return max((path[:end] for end in ends if path[:end] in self._nested_stacks[template.stack_path]), default="")

    def is_acknowledged(self, rule_id: str, construct_path: str) -> bool:
        """Return whether a rule is acknowledged on a construct, or on a construct around it."""
        parts = construct_path.split("/")
        around = ["", *("/".join(parts[: end + 1]) for end in range(len(parts)))]
        return any(rule_id in self.acknowledged.get(path, ()) for path in around)


def read_assembly(directory: Path) -> Assembly:
    """Return the content of the manifest in a directory, stages included.

    Raises:
        ValueError: there is no manifest, it is not JSON, or it has no stack.
    """
    assembly = Assembly()
    for folder, artifact_id, artifact in _artifacts(directory, assembly):
        stack = None
        if artifact.get("type") == _STACK:
            stack = _stack(folder, artifact_id, artifact)
            assembly.stacks.append(stack)
            assembly.deployments[stack.path] = mapping(artifact.get("properties"))
        for path, entry in _metadata(folder, artifact):
            if entry.get("type") == ACKNOWLEDGED:
                assembly.acknowledged.setdefault(path, set()).update(mapping(entry.get("data")))
            elif entry.get("type") == _LOGICAL_ID and stack is not None:
                assembly.paths.setdefault((stack.stack_path, str(entry.get("data"))), []).append(path)
    if not assembly.stacks:
        raise ValueError("; ".join(["the assembly has no stack", *(shown(each.text) for each in assembly.findings)]))
    return assembly


def stacks_in(directory: Path) -> list[Template]:
    """Return the templates of the stacks in a directory, with empty bodies, without those of its stages.

    Raises:
        ValueError: there is no manifest, or it cannot be read.
    """
    artifacts = mapping(mapping(_manifest(directory)).get("artifacts"))
    stacks = {name: artifact for name, artifact in artifacts.items() if mapping(artifact).get("type") == _STACK}
    return [_stack(directory, name, artifact) for name, artifact in stacks.items()]


def _manifest(directory: Path) -> Any:
    file = directory / "manifest.json"
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{file} cannot be read: {error}") from error


def _artifacts(directory: Path, assembly: Assembly) -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    waiting, seen = [directory], {directory.resolve()}
    while waiting:
        folder = waiting.pop()
        file = folder / "manifest.json"
        try:
            manifest = _manifest(folder)
        except ValueError:
            if folder == directory:
                raise
            manifest = None
        artifacts = manifest.get("artifacts") if isinstance(manifest, dict) else None
        if not isinstance(artifacts, dict) or not all(isinstance(artifact, dict) for artifact in artifacts.values()):
            _refuse(file, "names no artifacts that can be read", assembly)
            continue
        for artifact_id, artifact in artifacts.items():
            if _may_be_missed(artifact):
                _refuse(file, f"has the artifact {artifact_id}, and its type is not known", assembly)
            yield folder, artifact_id, artifact
            if artifact.get("type") == _NESTED:
                nested = folder / str(mapping(artifact.get("properties")).get("directoryName"))
                if nested.resolve() not in seen:
                    waiting.append(nested)
                seen.add(nested.resolve())


def _refuse(file: Path, why: str, assembly: Assembly) -> None:
    text = f"{file.name} in {file.parent.name} {why}"
    assembly.findings.append(Finding(rule=rules.UNREADABLE, where="the assembly", text=text, place=Place(str(file))))


def _may_be_missed(artifact: Mapping[str, Any]) -> bool:
    """Return whether an artifact of no known type can have templates. Later releases of the CDK add other types."""
    kind = artifact.get("type")
    names = mapping(artifact.get("properties"))
    return not isinstance(kind, str) or (
        kind not in _TEMPLATES_OF and any(name in names for name in _TEMPLATES_OF.values())
    )


def _stack(folder: Path, artifact_id: str, artifact: Mapping[str, Any]) -> Template:
    properties = mapping(artifact.get("properties"))
    path = str(folder / str(properties.get("templateFile")))
    account, _, region = str(artifact.get("environment", "")).removeprefix("aws://").partition("/")
    name = artifact.get("displayName") or artifact_id
    # A display name is the path. Some releases of the CDK add the stack's name in brackets.
    stack_path = str(name).removesuffix(f" ({properties.get('stackName')})")
    return Template(
        path,
        {},
        stack_path,
        _known(account),
        _known(region),
        stack_name=str(properties.get("stackName") or artifact_id),
        stack_tags=mapping(properties.get("tags")),
    )


def _metadata(folder: Path, artifact: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each entry of an artifact's metadata with its construct path."""
    file = artifact.get("additionalMetadataFile") or mapping(artifact.get("properties")).get("additionalMetadataFile")
    metadata = dict(mapping(artifact.get("metadata")))
    if isinstance(file, str):
        # Acknowledgements in a file that cannot be read do not count.
        with contextlib.suppress(OSError, ValueError, RecursionError):
            metadata |= mapping(json.loads((folder / file).read_text(encoding="utf-8")))
    for path, entries in metadata.items():
        for entry in entries if isinstance(entries, list) else ():
            yield path.strip("/"), mapping(entry)


def _known(value: str) -> str | None:
    return None if value in {"", "unknown-account", "unknown-region"} else value
