"""Reads all templates of a synthesized app, also those that the CDK does not list for plugins.

These are the templates of nested stacks, products and stack sets, and every other file that is a template.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

from ..assessment import Finding, rules
from ..assessment.finding import Place
from ..assessment.names import Iconik
from ..judge.text import MarkedText, literal
from .given_values import given_to_nested_stack, given_to_stack_set, tags_of_nested_stack
from .intrinsics import Scope, possible_values
from .template import App, Template, mapping, properties_of
from .template_text import template_in

__all__ = ["read_app", "templates_elsewhere"]

_ASSET_HASH = re.compile(r"[0-9a-f]{64}")
_ASSET_FILE = re.compile(r"[0-9a-f]{64}\.(?!zip\b)\w")
"""The name of an uploaded file that can be a template. The code of functions is uploaded as .zip."""
_TEMPLATE_ENDING = re.compile(r"\.(?:json|ya?ml|template)\b")
"""The end of the name of an uploaded file that is a template. The hash before it is a costly start of a search."""
_STACK: Final = "AWS::CloudFormation::Stack"
_STACK_SET: Final = "AWS::CloudFormation::StackSet"
_APPLICATION: Final = "AWS::Serverless::Application"
_PRODUCT: Final = "AWS::ServiceCatalog::CloudFormationProduct"
_CONNECTION: Final = "SourceConnection"
"""The property of a product whose templates are in a repository of code."""
_TEMPLATES_IN_TEMPLATES: Final = 8
"""The maximum depth of templates inside the text of other templates."""
_ASSETS: Final = ".assets.json"
_ENDINGS: Final = (".json", ".template", ".yaml", ".yml")
_LARGEST: Final = 5_000_000
"""The maximum size of a template in bytes. AWS accepts one megabyte."""


def read_app(stacks: Sequence[Template], iconik: Iconik) -> tuple[App, list[Finding]]:
    """Return the app with all its templates, and a finding for each template that cannot be read.

    Args:
        stacks: the templates that the CDK lists, with empty bodies; or templates that were already read.
        iconik: iconik, to search for in text that is not JSON.
    """
    reading = _Reading(iconik)
    for stack in stacks:
        reading.read_stack(stack)
    # The template of a nested stack that is listed too: its parent gives it other parameters.
    files = {os.path.realpath(each.file) for each in reading.nested.values()}
    others = [each for each in stacks if os.path.realpath(each.path) not in files]
    if len(others) < len(stacks):
        return read_app(others, iconik)
    app = App(reading.templates, reading.nested)
    for _ in reading.nested:
        # The parameter of one nested stack can be the output of another one.
        app.clear()
        given = {child: given_to_nested_stack(app, *place, child) for place, child in reading.nested.items()}
        if all(child.given == values for child, values in given.items()):
            break
        for child, values in given.items():
            child.given = values
    app.clear()
    for place, child in reading.nested.items():
        child.stack_tags = tags_of_nested_stack(app, *place)
    for parent, logical_id, inner in reading.of_stack_sets:
        inner.given = given_to_stack_set(app, parent, logical_id, inner)
    return app, reading.findings


class _Reading:
    """The results so far."""

    def __init__(self, iconik: Iconik) -> None:
        self.iconik = iconik
        self.templates: list[Template] = []
        self.nested: dict[tuple[Template, str], Template] = {}
        self.of_stack_sets: list[tuple[Template, str, Template]] = []
        self.findings: list[Finding] = []

    def read_stack(self, stack: Template) -> None:
        text = json.dumps(stack.body) if stack.body else _text(Path(stack.path))
        body = stack.body or _parsed(text)
        if body is None:
            self._refuse(stack, "", "Resources", "the template cannot be read")
        stack.body = body or {}
        assets = self._assets(stack)
        nested: set[str] = set()
        named = set(_named_templates(text))
        waiting = [stack]
        while waiting:
            parent = waiting.pop()
            self.templates.append(parent)
            for logical_id, hashes in _nested_stacks(parent):
                # Nested stacks with the same content have the same asset.
                nested |= hashes
                files = [assets[asset_hash] for asset_hash in sorted(hashes & assets.keys())]
                child = self._child(parent, logical_id, stack, files)
                if child is None:
                    self._refuse(parent, logical_id, "Properties.TemplateURL", "no template can be read there")
                else:
                    self.nested[parent, logical_id] = child
                    named |= set(_named_templates(json.dumps(child.body)))
                    waiting.append(child)
            self._read_texts(parent)
        of_others = self._hashes_of_others(stack) if nested else set()
        if missing := named - assets.keys() - nested:
            self._refuse_unlisted(stack, missing)
        for asset_hash, file in assets.items():
            if asset_hash not in nested or asset_hash in of_others:
                self._read_asset(stack, Path(stack.path).parent / file)

    def _refuse_unlisted(self, stack: Template, named: AbstractSet[str]) -> None:
        """Refuse a stack that names a template which no list of assets has. The list can be that of another stack."""
        listed = _beside(stack, _ASSETS)
        if not listed.exists():
            return
        lists = map(_json, listed.parent.glob(f"*{_ASSETS}"))
        known = {asset_hash for each in lists for asset_hash in mapping(mapping(each).get("files"))}
        for asset_hash in sorted(named - known):
            self._refuse(stack, "", "Resources", f"the template {asset_hash} is in no list of assets")

    def _hashes_of_others(self, stack: Template) -> set[str]:
        """Return the assets that resources other than nested stacks use."""
        others = (
            resource
            for template in self.templates
            if template.stack_path == stack.stack_path
            for resource in template.resources.values()
            if resource.get("Type") != _STACK
        )
        return {found for each in others for found in _ASSET_HASH.findall(json.dumps(each))}

    def _refuse(self, template: Template, logical_id: str, location: str, detail: str) -> None:
        place = Place(template.path, logical_id, location)
        self.findings.append(Finding(rule=rules.UNREADABLE, where="the template", text=detail, place=place))

    def _assets(self, stack: Template) -> dict[str, str]:
        """Return hash and file of each file asset of a stack. An unreadable list of assets is a finding."""
        listed = _beside(stack, _ASSETS)
        asset_manifest = _json(listed)
        if asset_manifest is None and (listed.exists() or _has_list_of_assets(stack, listed)):
            self._refuse(stack, "", "Resources", f"{listed.name}, the list of its assets, cannot be read")
        assets = dict(_assets(stack, asset_manifest or {}))
        for path in assets.values():
            if not (Path(stack.path).parent / path).exists():
                self._refuse(stack, "", "Resources", f"the asset {path} is missing")
        return assets

    def _child(self, parent: Template, logical_id: str, stack: Template, files: Sequence[str]) -> Template | None:
        for file in files:
            path = Path(stack.path).parent / file
            body = _json(path)
            if body is not None:
                # Several nested stacks can have one file, with other parameters and other resources.
                is_first = all(each.path != str(path) for each in self.nested.values())
                own_path = str(path) if is_first else f"{path}#{parent.path}/{logical_id}"
                child = Template(own_path, body, parent.stack_path, parent.account, parent.region)
                child.within = parent, logical_id
                return child
        return None

    def _read_asset(self, stack: Template, path: Path) -> None:
        """Read a file that the app uploads, if it is a template: of a product, of a stack set, or for a macro."""
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return
        text = _text(path)
        is_named_so = path.suffix.lower() in _ENDINGS
        body = template_in(text) if is_named_so or "Resources" in text else None
        if body is not None and isinstance(body.get("Resources"), dict):
            is_nested = any(each.path == str(path) for each in self.nested.values())
            asset = Template(f"{path}#asset" if is_nested else str(path), body, stack.stack_path)
            asset.is_of_stack = False
            self.templates.append(asset)
            self._read_texts(asset)
        elif _is_like_a_template(literal(text)) and (is_named_so or self.iconik.is_mentioned_by(text)):
            self._refuse(stack, "", "Resources", f"the template {path.name} cannot be read")

    def _read_texts(self, template: Template, depth: int = 0) -> None:
        """Read the templates in the text of a stack set."""
        scope = Scope(App([template]), template)
        for logical_id, resource in template.resources.items():
            if resource.get("Type") != _STACK_SET:
                continue
            properties = properties_of(resource)
            for number, text in enumerate(possible_values(properties.get("TemplateBody"), scope)):
                body = template_in(text)
                if body is not None and depth < _TEMPLATES_IN_TEMPLATES:
                    path = f"{template.path}#{logical_id}{f'.{number}' if number else ''}"
                    inner = Template(path, body, template.stack_path)
                    inner.is_of_stack = False
                    self.of_stack_sets.append((template, logical_id, inner))
                    self.templates.append(inner)
                    self._read_texts(inner, depth + 1)
                elif not properties.get("TemplateURL"):
                    self._refuse(template, logical_id, "Properties.TemplateBody", "no template can be read there")


def _is_like_a_template(text: MarkedText) -> bool:
    return literal("Resources:") in text or literal('"Resources"') in text


def templates_elsewhere(template: Template) -> Iterator[tuple[str, str]]:
    """Yield each resource, with its type, that deploys a template that is no asset of the app."""
    for logical_id, resource in template.resources.items():
        kind, properties = str(resource.get("Type")), properties_of(resource)
        named = [properties.get("TemplateURL")]
        if kind.startswith(_PRODUCT):
            artifacts = properties.get("ProvisioningArtifactParameters")
            named = [properties[_CONNECTION]] if _CONNECTION in properties else []
            named += artifacts if isinstance(artifacts, list) else [artifacts]
        elif not (kind in {_STACK, _APPLICATION} or (kind == _STACK_SET and named[0]) or kind.endswith("::MODULE")):
            continue
        if not all(_ASSET_HASH.search(json.dumps(each)) for each in named):
            yield logical_id, kind


def _nested_stacks(template: Template) -> Iterator[tuple[str, set[str]]]:
    """Yield the nested stacks whose template is an asset of the app. Other templates are not synthesized."""
    for logical_id, resource in template.resources.items():
        if resource.get("Type") == _STACK:
            hashes = set(_ASSET_HASH.findall(json.dumps(properties_of(resource).get("TemplateURL"))))
            if hashes:
                yield logical_id, hashes


def _named_templates(text: str) -> Iterator[str]:
    """Yield the hash of each uploaded template that a text names."""
    for ending in _TEMPLATE_ENDING.finditer(text):
        if found := _ASSET_HASH.fullmatch(text, ending.start() - 64, ending.start()):
            yield found.group()


def _beside(stack: Template, ending: str) -> Path:
    """Return a file of the stack beside its template, such as the list of its assets."""
    template = Path(stack.path)
    return template.parent / f"{template.name.removesuffix('.template.json')}{ending}"


def _has_list_of_assets(stack: Template, listed: Path) -> bool:
    """Return whether the synthesizer wrote a list of assets: the template or the manifest of the assembly says so.

    A template that was copied out of its assembly, and has no file among its assets, is complete without the list.
    """
    if "BootstrapVersion" in stack.section("Parameters") and _ASSET_FILE.search(json.dumps(stack.body)):
        return True
    artifacts = mapping(mapping(_json(listed.parent / "manifest.json")).get("artifacts"))
    return any(
        mapping(mapping(artifact).get("properties")).get("file") == listed.name for artifact in artifacts.values()
    )


def _assets(stack: Template, listed: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield hash and file of each asset that can be a template, for every form of the list of assets.

    A directory is uploaded as one .zip file, which CloudFormation does not accept as a template.
    """
    for asset_hash, asset in mapping(listed.get("files")).items():
        source = mapping(mapping(asset).get("source"))
        path = source.get("path")
        if "executable" in source and source.get("packaging") != "zip":
            yield asset_hash, f"that {source['executable']} writes"
        if path and path != Path(stack.path).name and source.get("packaging") != "zip":
            yield asset_hash, str(path)
    for entries in mapping(_json(_beside(stack, ".metadata.json"))).values():
        for entry in entries if isinstance(entries, list) else ():
            data = mapping(mapping(entry).get("data"))
            if mapping(entry).get("type") == "aws:cdk:asset" and data.get("packaging") == "file":
                yield str(data.get("sourceHash")), str(data.get("path"))


def _json(path: Path) -> dict[str, Any] | None:
    """Return the JSON object in a file, or None if there is none."""
    return _parsed(_text(path))


def _text(path: Path) -> str:
    """Return the text of a file, or an empty text if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
