"""Reads a test's argument, a stack, an app, an assembly or a template, into the facts about its buckets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import cx_api
from aws_cdk.assertions import Template as AssertedTemplate

from ..assessment import Finding
from ..assessment.names import Iconik
from ..assessment.reach import Reach, reach_of
from ..errors import IconikTypeError, IconikValueError
from ..judge.text import AnyText, is_marked, shown
from ..templates.assembly import read_app
from ..templates.buckets import PlacedBucket, buckets_of
from ..templates.equal_texts import unique
from ..templates.intrinsics import Scope, possible_values
from ..templates.manifest import Assembly, read_assembly
from ..templates.policies import Policy, policies
from ..templates.template import App, Template
from ..validation.templates_of_stacks import template_of
from .template import assembly_of, template_dict

__all__ = ["Given", "Source", "assembly_in", "listed", "read_given"]

_ACCESS_POINTS: Final = frozenset(
    {
        "AWS::S3::AccessPoint",
        "AWS::S3::MultiRegionAccessPointPolicy",
        "AWS::S3ObjectLambda::AccessPointPolicy",
    }
)
Source = cdk.Stack | cdk.Stage | cx_api.CloudAssembly | AssertedTemplate | Mapping[str, Any] | str | Path


@dataclass(frozen=True)
class Given:
    """The content of a test's argument.

    Attributes:
        app: the templates.
        only: the path of the template to check; empty for all.
        unread: the parts that cannot be read.
        placed: the facts about the buckets to check.
        untied: policies of access points whose buckets the templates do not name.
    """

    app: App
    only: str
    unread: tuple[Finding, ...]
    placed: tuple[PlacedBucket, ...]
    untied: tuple[Policy, ...] = ()

    @property
    def templates(self) -> list[Template]:
        """The templates to check."""
        return [template for template in self.app.templates if not self.only or template.path == self.only]

    def names(self) -> dict[tuple[str, str], set[AnyText]]:
        """Return the names of each bucket, by its template and its logical id, or by its name if no template makes it.

        The first name is for messages.
        """
        names: dict[tuple[str, str], set[AnyText]] = {}
        for template in self.templates:
            scope = Scope(self.app, template)
            for logical_id, resource in template.resources.items():
                if resource.get("Type") == "AWS::S3::Bucket":
                    names[template.path, logical_id] = {logical_id, *possible_values({"Ref": logical_id}, scope)}
        for bucket in self.placed:
            if not bucket.logical_id and bucket.policy is not None:
                name = readable(bucket.facts.name)
                names.setdefault((bucket.template.path, name), {name}).add(bucket.facts.name)
        return names

    def of(self, path: str, name: str) -> list[PlacedBucket]:
        """Return the facts about one bucket, in each case of the conditions."""
        return [bucket for bucket in self.placed if identity_of(bucket) == (path, name)]

    def used(self, iconik: Iconik) -> list[tuple[str, str]]:
        """Return the buckets whose policy allows iconik something, or may."""
        return list(
            dict.fromkeys(
                identity_of(bucket)
                for bucket in self.placed
                if any(reach_of(case.wide, iconik)[0] is not Reach.NOBODY for case in bucket.cases)
            )
        )


def identity_of(bucket: PlacedBucket) -> tuple[str, str]:
    """Return the template and the logical id of a bucket, or its name if no template makes it."""
    if bucket.bucket_template is not None:
        return bucket.bucket_template.path, bucket.logical_id
    return bucket.template.path, readable(bucket.facts.name)


def read_given(source: Source, iconik: Iconik) -> Given:
    """Return the facts about the buckets in a test's argument."""
    unread: tuple[Finding, ...] = ()
    if isinstance(source, (AssertedTemplate, Mapping)):
        app = App([Template("", template_dict(source))])
    else:
        assembly = assembly_in(_directory(source), "stack_or_app")
        app, findings = read_app(assembly.stacks, iconik)
        unread = (*assembly.findings, *findings)
    only = template_of(source, app).path if isinstance(source, cdk.Stack) else ""
    every = tuple(buckets_of(app))
    placed = tuple(
        bucket
        for bucket in every
        if not only or only in {bucket.template.path, bucket.bucket_template.path if bucket.bucket_template else ""}
    )
    return Given(app, only, unread, placed, tuple(_untied(app, every, only)))


def _untied(app: App, placed: Sequence[PlacedBucket], only: str) -> Iterator[Policy]:
    """Yield the policies of access points that may belong to any bucket, as far as the templates say."""
    tied = {
        (policy.template.path, policy.logical_id)
        for bucket in placed
        if bucket.bucket_template is not None
        for policy in (point.policy for point in bucket.points.values())
    }
    for policy in policies(app):
        is_meant = not only or policy.template.path == only
        if is_meant and policy.kind in _ACCESS_POINTS and (policy.template.path, policy.logical_id) not in tied:
            names = possible_values(policy.properties.get("Bucket"), policy.scope)
            if not names or any(map(is_marked, names)):
                yield policy


def _directory(source: cdk.Stack | cdk.Stage | cx_api.CloudAssembly | str | Path) -> Path:
    """Return the directory of an assembly, which is synthesized if necessary."""
    if isinstance(source, cdk.Stack):
        return assembly_of(source)
    if isinstance(source, cdk.Stage):
        return Path(source.synth().directory)
    if isinstance(source, cx_api.CloudAssembly):
        return Path(source.directory)
    if isinstance(source, (str, Path)):
        return Path(source)
    raise IconikTypeError(
        "stack_or_app",
        "must be a stack, an app, a stage, an assembly or its directory, or a template",
        got=source,
        fix="Give the stack or the app.",
    )


def assembly_in(directory: Path, prop: str) -> Assembly:
    """Return the assembly in a directory.

    Raises:
        IconikValueError: it has none. `prop` is the name of the argument for the message.
    """
    try:
        return read_assembly(directory)
    except (OSError, ValueError) as error:
        raise IconikValueError(
            prop,
            "must be a directory with the manifest.json of a synthesized assembly that has a stack",
            got=str(directory),
            fix="Run cdk synth, and give its output directory, cdk.out by default.",
        ) from error


def readable(text: AnyText) -> str:
    """Return a text for a message, without the marks of references."""
    return shown(text).removeprefix("${").removesuffix("}").removesuffix(".Ref")


def listed(buckets: Sequence[tuple[str, str]]) -> str:
    """Return the names of buckets for a message, with their templates if several have one name."""
    names = unique((name, Path(path).name) for path, name in buckets)
    return ", ".join(map(repr, sorted(names))) or "none"
