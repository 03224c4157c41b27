"""Reads a synthesized assembly as files: its stacks, those of its stages, and what is acknowledged where.

Apart from `assembly` because CDK gives a plugin the stacks itself, and looks after the acknowledgements.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .statement_checks import Finding, construct_path
from .template import Template

__all__ = ["Assembly", "read_assembly"]

_STACK: Final = "aws:cloudformation:stack"
_NESTED: Final = "cdk:cloud-assembly"
_ACKNOWLEDGED: Final = "aws:cdk:acknowledged-rules"
_LOGICAL_ID: Final = "aws:cdk:logicalId"


@dataclass
class Assembly:
    """What an assembly says of itself.

    Attributes:
        stacks: the templates of its stacks, bodies still empty.
        paths: the construct paths of resources, by the path of the outermost stack and the logical id; a nested stack
            can use an id again.
        acknowledged: the ids that are acknowledged, by construct path.
    """

    stacks: list[Template] = field(default_factory=list)
    paths: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    acknowledged: dict[str, set[str]] = field(default_factory=dict)

    def place_of(self, finding: Finding, template: Template) -> str:
        """Return the path of the construct that a finding is about, at which it is acknowledged."""
        paths = self.paths.get((template.stack_path, finding.logical_id), []) if template.is_of_stack else []
        return paths[0] if len(paths) == 1 else construct_path(finding, template)

    def is_acknowledged(self, rule_id: str, construct_path: str) -> bool:
        """Tell whether a rule is acknowledged on a construct, or on one around it."""
        parts = construct_path.split("/")
        around = ["", *("/".join(parts[: end + 1]) for end in range(len(parts)))]
        return any(rule_id in self.acknowledged.get(path, ()) for path in around)


def read_assembly(directory: Path) -> Assembly:
    """Return what the manifest in a directory names, stages included.

    Raises:
        FileNotFoundError: there is no manifest.
        ValueError: the manifest is no JSON.
    """
    found = Assembly()
    for folder, artifact_id, artifact in _artifacts(directory):
        if artifact.get("type") == _STACK:
            _read_stack(folder, artifact_id, artifact, found)
        for path, entries in _metadata(folder, artifact).items():
            for entry in entries if isinstance(entries, list) else ():
                if isinstance(entry, dict) and entry.get("type") == _ACKNOWLEDGED:
                    found.acknowledged.setdefault(path.strip("/"), set()).update(_mapping(entry.get("data")))
    return found


def _artifacts(directory: Path) -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    waiting = [directory]
    while waiting:
        folder = waiting.pop()
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for artifact_id, artifact in _mapping(_mapping(manifest).get("artifacts")).items():
            yield folder, artifact_id, _mapping(artifact)
            if _mapping(artifact).get("type") == _NESTED:
                waiting.append(folder / str(_mapping(artifact.get("properties")).get("directoryName")))


def _read_stack(folder: Path, artifact_id: str, artifact: Mapping[str, Any], found: Assembly) -> None:
    properties = _mapping(artifact.get("properties"))
    path = str(folder / str(properties.get("templateFile")))
    account, _, region = str(artifact.get("environment", "")).removeprefix("aws://").partition("/")
    name = artifact.get("displayName") or artifact_id
    # A display name is the path, and in brackets the stack's name where that is another.
    template = Template(path, {}, str(name).partition(" ")[0], _known(account), _known(region))
    found.stacks.append(template)
    for place, entries in _metadata(folder, artifact).items():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and entry.get("type") == _LOGICAL_ID:
                paths = found.paths.setdefault((template.stack_path, str(entry.get("data"))), [])
                paths.append(place.strip("/"))


def _metadata(folder: Path, artifact: Mapping[str, Any]) -> Mapping[str, Any]:
    file = artifact.get("additionalMetadataFile") or _mapping(artifact.get("properties")).get("additionalMetadataFile")
    found = dict(_mapping(artifact.get("metadata")))
    if isinstance(file, str):
        found |= _mapping(json.loads((folder / file).read_text(encoding="utf-8")))
    return found


def _known(value: str) -> str | None:
    return None if value in {"", "unknown-account", "unknown-region"} else value


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, dict) else {}
