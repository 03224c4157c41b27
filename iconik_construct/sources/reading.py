"""Recognises a file by its content, and reads it: an assembly, a template, a policy, or output of Terraform."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..assessment import Finding
from ..templates.manifest import Assembly, read_assembly
from ..templates.template import Template
from .bare import template_of_policies
from .files import STANDARD_INPUT, SourceError, read_text, said_by
from .terraform import is_terraform, template_of_terraform

__all__ = ["Source", "parsed", "read_source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The content of one path.

    Attributes:
        templates: the templates. Those of an assembly have no body yet.
        assembly: the content of an assembly's manifest, such as acknowledgements.
        lines: the line at which each resource begins, by its logical id, as far as it is known.
        is_loose: whether it has policies without the templates that name their resources.
        is_live: whether it was read from an account.
        unread: the facts that decide and could not be read.
    """

    templates: tuple[Template, ...]
    assembly: Assembly | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    is_loose: bool = False
    is_live: bool = False
    unread: tuple[Finding, ...] = ()


def read_source(path: str) -> Source:
    """Read a path. `-` is standard input.

    Raises:
        SourceError: the path does not exist, or has nothing that the rules can check.
    """
    # os.path takes a name that is too long for a name of no file; pathlib raises an error.
    if path != STANDARD_INPUT and os.path.isdir(path):  # noqa: PTH112
        return _assembly(path)
    text = read_text(path)
    try:
        return _of_text(path, text)
    except RecursionError as error:
        raise SourceError(path, "nested too deeply") from error


def _assembly(path: str) -> Source:
    if not (Path(path) / "manifest.json").is_file():
        raise SourceError(path, "a directory without the manifest.json of an assembly; run cdk synth")
    try:
        assembly = read_assembly(Path(path))
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(path, f"the assembly cannot be read: {said_by(error)}") from error
    return Source(templates=tuple(assembly.stacks), assembly=assembly)


def parsed(path: str, text: str) -> Any:
    """Return the content of JSON or YAML. The short functions of CloudFormation have their full form.

    Raises:
        SourceError: it is neither, or a key occurs twice.
    """
    return _json(path, text) if text.lstrip()[:1] in ("{", "[") else _yaml(path, text)


def _of_text(path: str, text: str) -> Source:
    body = parsed(path, text)
    if isinstance(body, dict):
        if is_terraform(body):
            return Source(templates=(Template(path, template_of_terraform(path, body), stack_tags={}),))
        if isinstance(body.get("Resources"), (dict, list)) or "Transform" in body:
            return Source(templates=(Template(path, body),), lines=_lines(body, text))
        if (policies := template_of_policies(path, body)) is not None:
            return Source(templates=(Template(path, policies),), is_loose=True)
    raise SourceError(path, "has no template, no policy, and no Terraform plan")


def _json(path: str, text: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        entries = dict(pairs)
        if len(entries) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"the key {twice!r} occurs twice in one object")
        return entries

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise SourceError(path, f"not JSON: line {error.lineno}: {error.msg.lower()}") from error
    except ValueError as error:
        raise SourceError(path, str(error)) from error


def _yaml(path: str, text: str) -> Any:
    # On demand: PyYAML is an extra, and JSON is read without it.
    from ..documents.template_text import read_template_yaml  # noqa: PLC0415

    if not text.strip():
        raise SourceError(path, "empty")
    try:
        return read_template_yaml(text)
    except ValueError as error:
        raise SourceError(path, str(error)) from error


def _lines(body: Mapping[str, Any], text: str) -> dict[str, int]:
    resources = body.get("Resources")
    if not isinstance(resources, dict):
        return {}
    known: Mapping[str, int] | None = getattr(resources, "lines", None)
    if known is not None:
        return dict(known)
    lines = {}
    for name in resources:
        # The name as JSON. If it begins an object at exactly one place, that is the resource.
        places = list(re.finditer(re.escape(json.dumps(name)) + r"\s*:\s*\{", text))
        if len(places) == 1:
            lines[name] = text.count("\n", 0, places[0].start()) + 1
    return lines
