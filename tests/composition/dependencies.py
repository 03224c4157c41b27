"""Who waits for whom in a synthesized app, and whether anybody waits for itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import aws_cdk as cdk

__all__ = ["circles", "templates"]


def templates(app: cdk.App) -> dict[str, dict[str, Any]]:
    """Synthesize, and return every template by its file's name: those of stages and nested stacks too."""
    directory = Path(app.synth().directory)
    return {path.name: json.loads(path.read_text()) for path in sorted(directory.rglob("*.template.json"))}


def circles(app: cdk.App) -> list[list[str]]:
    """Return the circular references among the resources of a template, and among the stacks of the app."""
    found = [_resources(template) for template in templates(app).values()]
    found.extend(_stacks(app.synth()))
    return [circle for graph in found for circle in _circle(graph)]


def _resources(template: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return what each resource of a template refers to."""
    resources = template.get("Resources", {})
    return {name: set(_named(resource)) & set(resources) for name, resource in resources.items()}


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key == "Ref":
                yield item
            elif key == "Fn::GetAtt":
                yield item[0] if isinstance(item, list) else item.split(".")[0]
            elif key == "Fn::Sub":
                yield from re.findall(r"\$\{(\w+)", item if isinstance(item, str) else item[0])
            elif key == "DependsOn":
                yield from [item] if isinstance(item, str) else item
            yield from _named(item)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item)


def _stacks(assembly: Any) -> Iterator[dict[str, set[str]]]:
    stacks = {stack.id: {item.id for item in stack.dependencies} for stack in assembly.stacks_recursively}
    yield {name: others & set(stacks) for name, others in stacks.items()}


def _circle(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [error.args[1]]
    return []
