"""Reads the templates of a synthesized app, those of nested stacks included, which CDK does not name to plugins."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import rules
from .intrinsics import Scope, texts
from .statement_checks import Finding
from .template import App, Template, properties_of

__all__ = ["read_app"]

_ASSET_HASH = re.compile(r"[0-9a-f]{64}")


def read_app(stacks: Sequence[Template]) -> tuple[App, list[Finding]]:
    """Return the app with its nested stacks, and a finding for each nested template that cannot be read.

    Args:
        stacks: the templates that CDK names, bodies still empty.
    """
    templates: list[Template] = []
    nested: dict[tuple[Template, str], Template] = {}
    findings: list[Finding] = []
    for stack in stacks:
        stack.body = _json(Path(stack.path)) or {}
        waiting = [stack]
        while waiting:
            parent = waiting.pop()
            templates.append(parent)
            for logical_id, hashes in _nested_stacks(parent):
                child = _child(parent, stack, hashes)
                if child is None:
                    where = "Properties.TemplateURL"
                    findings.append(
                        Finding(rules.UNRESOLVED, parent.path, logical_id, where, "no template can be read there")
                    )
                else:
                    nested[parent, logical_id] = child
                    waiting.append(child)
    app = App(templates, nested)
    for (parent, logical_id), child in nested.items():
        child.given = _given(app, parent, logical_id)
    return app, findings


def _unreadable(parent: Template, logical_id: str) -> Finding:
    detail = "the template of the nested stack cannot be read"
    return Finding(rules.UNRESOLVED, parent.path, logical_id, "Properties.TemplateURL", detail)


def _nested_stacks(template: Template) -> Iterator[tuple[str, set[str]]]:
    """Yield the nested stacks whose template is an asset of the app; a template from elsewhere is not synthesized."""
    for logical_id, resource in template.resources.items():
        if resource.get("Type") == "AWS::CloudFormation::Stack":
            hashes = set(_ASSET_HASH.findall(json.dumps(properties_of(resource).get("TemplateURL"))))
            if hashes:
                yield logical_id, hashes


def _child(parent: Template, stack: Template, hashes: set[str]) -> Template | None:
    folder = Path(stack.path).parent
    for asset_hash, file in _assets(stack):
        if asset_hash in hashes:
            body = _json(folder / file)
            if body is None:
                return None
            return Template(str(folder / file), body, parent.stack_path, parent.account, parent.region)
    return None


def _assets(stack: Template) -> Iterator[tuple[str, str]]:
    """Yield hash and file of each file asset of a stack, however its synthesizer writes them down."""
    stem = Path(stack.path).name.removesuffix(".template.json")
    folder = Path(stack.path).parent
    for asset_hash, asset in ((_json(folder / f"{stem}.assets.json") or {}).get("files") or {}).items():
        if asset.get("source", {}).get("path"):
            yield asset_hash, asset["source"]["path"]
    for entries in (_json(folder / f"{stem}.metadata.json") or {}).values():
        for entry in entries:
            if entry.get("type") == "aws:cdk:asset" and entry["data"].get("packaging") == "file":
                yield entry["data"]["sourceHash"], entry["data"]["path"]


def _given(app: App, parent: Template, logical_id: str) -> Mapping[str, Sequence[str]]:
    parameters = properties_of(parent.resources[logical_id]).get("Parameters")
    scope = Scope(app, parent)
    return {name: texts(value, scope) for name, value in parameters.items()} if isinstance(parameters, dict) else {}


def _json(path: Path) -> Any:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
