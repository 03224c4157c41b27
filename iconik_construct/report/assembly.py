"""Fills the report from a synthesized assembly: all its templates, with those of stages and nested stacks."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..assessment import Finding, Question, assess
from ..assessment.rules import NO_CORS
from ..errors import InputError
from ..judge.text import is_plain, shown
from ..templates.assembly import read_app
from ..templates.buckets import PlacedBucket, buckets_of
from ..templates.check import check
from ..templates.intrinsics import Scope
from ..templates.manifest import Assembly as Manifest
from ..templates.manifest import read_assembly as read_manifest
from ..templates.template import App, Template, properties_of
from .differences import differences_of_bucket, differences_of_resource
from .functions import functions_of, roles_of_functions
from .model import Acknowledged, Function, Storage, sha256_of
from .sections import differences_of_stack, differences_of_template

__all__ = ["Assembly", "read_assembly"]


class Assembly:
    """The content of an assembly about iconik."""

    def __init__(
        self,
        *,
        app: App,
        question: Question,
        manifest: Manifest,
        acknowledged: tuple[Acknowledged, ...],
        unread: Sequence[Finding],
        folder: Path,
    ) -> None:
        self._app = app
        self._question = question
        self._manifest = manifest
        self._templates = {template.path: template for template in app.templates}
        self._unread = unread
        self._folder = folder
        self.acknowledged = acknowledged

    @cached_property
    def _for_iconik(self) -> list[list[PlacedBucket]]:
        """The buckets whose policy names iconik, each in all its cases."""
        by_bucket: dict[Hashable, list[PlacedBucket]] = {}
        for placed in buckets_of(self._app):
            # Stacks of two accounts can make buckets of one name.
            by_bucket.setdefault((placed.bucket_template, placed.logical_id, placed.facts.name), []).append(placed)
        iconik = self._question.iconik
        return [
            cases
            for cases in by_bucket.values()
            if any(not case.is_deny and iconik.is_named_in(case.wide) for placed in cases for case in placed.cases)
        ]

    @cached_property
    def storages(self) -> tuple[Storage, ...]:
        """Each bucket whose policy names iconik, in the order of its name."""
        storages = [self._storage(cases) for cases in self._for_iconik]
        return tuple(sorted(storages, key=lambda storage: storage.name))

    def _storage(self, cases: Sequence[PlacedBucket]) -> Storage:
        first = cases[0]
        resource = self._bucket_of(first)
        return Storage(
            name=self._name_of(first),
            account=first.template.account or "",
            region=first.template.region or "",
            assessments=tuple(self._assess(placed) for placed in cases),
            settings=tuple(_settings(first)),
            differs=() if resource is None else tuple(differences_of_bucket(*resource)),
        )

    def _assess(self, placed: PlacedBucket) -> Any:
        question = self._question.of_account(placed.template.account)
        assessment = assess(placed.facts, replace(question, complete=question.permissions is None))
        name = self._name_of(placed)
        # An acknowledgement is for the guardrail. Here, as for a live bucket, it changes nobody's access.
        kept = [replace(finding, resource=name) for finding in assessment.findings if finding.rule is not NO_CORS]
        return replace(assessment, findings=tuple(kept))

    def _bucket_of(self, placed: PlacedBucket) -> tuple[Mapping[str, Any], Scope] | None:
        template = placed.bucket_template
        if template is None:
            return None
        return template.resources[placed.logical_id], Scope(self._app, template)

    def _name_of(self, placed: PlacedBucket) -> str:
        """Return the construct path of a storage, which identifies stack and stage, and the name if it is known."""
        bucket = self._bucket_of(placed)
        path = placed.template.stack_path
        if bucket:
            path = _path_of(self._manifest, placed.logical_id, bucket[1].template)
        name = placed.facts.name
        return path if not is_plain(name) else f"{path}: {name}" if path else name

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Findings about other resources that are not acknowledged, and about unreadable parts."""
        reported = {
            (policy.template.path, policy.logical_id)
            for cases in self._for_iconik
            for placed in cases
            for policy in (
                placed.policy,
                *(key.policy for key in placed.keys),
                *(point.policy for point in placed.points.values()),
            )
            if policy is not None
        }
        others = []
        for finding in (*self._unread, *check(self._app, replace(self._question, permissions=None))):
            place = finding.place
            if place is None or place.template_path not in self._templates:
                others.append(finding)
                continue
            path = self._manifest.path_of(place.logical_id, self._templates[place.template_path])
            is_acknowledged = self._manifest.is_acknowledged(f"iconik-guardrail::{finding.id}", path)
            if not is_acknowledged and (place.template_path, place.logical_id) not in reported:
                others.append(replace(finding, resource=path))
        return tuple(others)

    def functions(self) -> tuple[Function, ...]:
        """Return the functions of the templates, with a hash of their code's bytes."""
        return functions_of(self._app, self._folder, self._readable)

    def _readable(self, logical_id: str, template: Template) -> str:
        path = _path_of(self._manifest, logical_id, template)
        return logical_id if path == logical_id else f"{path} ({logical_id})"

    def differs(self) -> tuple[str, ...]:
        """Return the differences of the other resources and parts of templates from the defaults of this library."""
        roles = roles_of_functions(self._app)
        storages = {(placed.bucket_template, placed.logical_id) for cases in self._for_iconik for placed in cases}
        of_resources = tuple(
            text
            for template in self._app.templates
            for logical_id, resource in template.resources.items()
            if (template, logical_id) not in storages
            for text in differences_of_resource(
                self._readable(logical_id, template), logical_id, resource, Scope(self._app, template), roles
            )
        )
        return (*of_resources, *self._of_templates())

    def _of_templates(self) -> Iterator[str]:
        for template in self._app.templates:
            scope = Scope(self._app, template)
            yield from differences_of_stack(template, self._manifest.deployments.get(template.path, {}), scope)
            yield from differences_of_template(self._place_of(template), template, scope)

    def _place_of(self, template: Template) -> str:
        """Return the stack of a template, and its file if the stack has several."""
        is_first = template.path in self._manifest.deployments
        return template.stack_path if is_first else f"{template.stack_path} ({Path(template.path).name})"

    def templates_sha256(self) -> str:
        """Return the SHA-256 of all templates. It changes with every change of a stack."""
        return sha256_of(sorted(sha256_of(template.body) for template in self._app.templates))


def _path_of(manifest: Manifest, logical_id: str, template: Template) -> str:
    """Return the path of the construct in the app's code, such as the storage of a bucket."""
    path = manifest.path_of(logical_id, template)
    return path.removesuffix("/Resource").removesuffix("/Default").removesuffix("/Policy").removesuffix("/Default")


def _settings(placed: PlacedBucket) -> Iterator[tuple[str, str]]:
    facts = placed.facts
    if placed.is_merged:
        yield "Policy", "of another owner: only the statements that this app adds are in the templates"
    if placed.bucket_template is None:
        yield "Bucket", "not in this app: its settings were not read"
    for key in facts.keys:
        yield "Key", shown(key.arn)
    if placed.bucket_template is None:
        return
    properties = properties_of(placed.bucket_template.resources[placed.logical_id])
    algorithms = [
        str((rule.get("ApplyServerSideEncryptionByDefault") or {}).get("SSEAlgorithm"))
        for rule in facts.encryption_rules
    ]
    yield "Encryption", ", ".join(algorithms) or "AES256, the default of AWS"
    yield "CORS rules", "in the template" if properties.get("CorsConfiguration") else "none in the template"


def read_assembly(folder: Path, question: Question) -> Assembly:
    """Read an assembly.

    Raises:
        InputError: there is no manifest, or it has no stack.
    """
    _json(folder / "manifest.json")
    try:
        manifest = read_manifest(folder)
    except (OSError, ValueError) as error:
        text = f"cannot read {folder}: {error}. Run `cdk synth` first, and name its folder, such as cdk.out."
        raise InputError(text) from None
    app, unread = read_app(manifest.stacks, question.iconik)
    return Assembly(
        app=app,
        question=question,
        manifest=manifest,
        acknowledged=tuple(_acknowledged(folder)),
        unread=(*manifest.findings, *unread),
        folder=folder,
    )


def _acknowledged(folder: Path) -> Iterator[Acknowledged]:
    file = folder / "validation-report.json"
    for plugin in _json(file).get("pluginReports", []) if file.exists() else ():
        for each in plugin.get("suppressedViolations", []):
            where = ", ".join(str(place.get("constructPath")) for place in each.get("violatingConstructs", []))
            yield Acknowledged(
                id=str(each.get("ruleName")),
                where=where,
                finding=str(each.get("description")),
                reason=str(each.get("reason")),
            )


def _json(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from None
    except ValueError:
        raise InputError(f"{file} is not JSON") from None
    if not isinstance(document, dict):
        raise InputError(f"{file} is not an object")
    return document
