"""Collects the resources of one side that decide about access, with their policies, settings and grants."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..assessment import Finding, Question, rules
from ..assessment.changes import Side
from ..assessment.facts import statements_of
from ..judge.scalars import scalars
from ..judge.text import (
    OWN,
    UNKNOWN,
    AnyText,
    MarkedText,
    has_unknown_within,
    is_plain,
    joined,
    literal,
    map_texts,
    own,
    split,
)
from ..judge.wildcards import has_wildcard
from ..templates.assembly import read_app, templates_elsewhere
from ..templates.calls import changes_by_calls
from ..templates.check import macros
from ..templates.documents import AFTER_APPLY
from ..templates.grants import GRANTS, check_grants
from ..templates.intrinsics import Scope
from ..templates.policies import LOCATIONS, Policy, policies, resolved
from ..templates.policy_checks import arns_of
from ..templates.resolving import plain
from ..templates.template import App, Template, loop_of, properties_of
from .reading import Source

__all__ = ["ENABLED", "NETWORK", "TARGETS", "Reading", "Resource", "buckets_in", "replaced"]

NETWORK: Final = "the network of the access point"
"""The name of a setting: `Internet`, or the VPC whose callers can use an access point."""
ENABLED: Final = "Enabled"
"""The name of a setting: whether a key can be used."""
TARGETS: Final = (
    "Bucket",
    "MrapName",
    "ObjectLambdaAccessPoint",
    "ObjectLambdaConfiguration",
    "Queues",
    "Regions",
    "TargetKeyId",
    "Topics",
)
"""The names of settings: what a policy, an access point or an alias belongs to."""

_SECTIONS: Final = ("Conditions", "Mappings", "Parameters")
_BLOCK: Final = "PublicAccessBlockConfiguration"
_OF_BUCKET: Final = (
    "AbacStatus",
    "AccessControl",
    "AccessControlPolicy",
    "BucketEncryption",
    "OwnershipControls",
    _BLOCK,
)
_WITH_TARGETS: Final = (
    "AWS::KMS::Alias",
    "AWS::S3::MultiRegionAccessPoint",
    "AWS::S3ObjectLambda::AccessPoint",
)
_NO_ACCESS: Final = ("ServiceToken", "Tags", "tags", "tags_all")
_ACCESS_POINT: Final = "AWS::S3::AccessPoint"
_BUCKET: Final = "AWS::S3::Bucket"
_BUCKET_POLICY: Final = "AWS::S3::BucketPolicy"
_KEYS: Final = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource that decides about access.

    Attributes:
        place: the template, by its part that is the same on the other side.
        logical_id: its id there.
        kind: its type.
        name: the name for a reader.
        arn: the bucket or the key of its policy, as it is written there; empty if it has no policy.
        account: the account of its template.
        exists_if: the condition under which it exists, with everything that decides the condition.
        side: its policy, or None.
        settings: its other values that decide.
        is_merged: whether its statements are added to a policy in another place.
    """

    place: str
    logical_id: str
    kind: str
    name: str
    arn: AnyText
    account: AnyText
    exists_if: str
    side: Side | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    is_merged: bool = False

    @property
    def has_known_name(self) -> bool:
        """Whether the name of its bucket or key is a literal."""
        return bool(self.arn) and is_plain(self.arn) and "*" not in self.arn

    @property
    def service(self) -> str:
        return "s3" if self.kind in (_BUCKET_POLICY, _BUCKET) else "kms" if self.kind in _KEYS else ""


class Reading:
    """The content of one side, which has a name for a reader."""

    def __init__(self, source: Source, question: Question, name: str) -> None:
        app, unread = read_app(source.templates, question.iconik)
        self._source = source
        self._question = question
        self._app = app
        self._places = dict(_places(app))
        # A value that is not known is compared by its source, because a stack can be renamed or moved.
        sources: dict[AnyText, AnyText] = {
            f"{mark}{place}#{rest}": f"{mark}{rest}"
            for each in app.templates
            for place in (each.path, each.home)
            for mark, rest in ((UNKNOWN, ""), (OWN, "AWS::"))
        }
        names = sources | {f"{each.path}#": f"{self._places[each]}#" for each in app.templates}
        # One path can be the beginning of another one. A mark comes before the path in it.
        ordered = sorted(names, key=lambda each: (each not in sources, -len(each)))
        self._own_names: Mapping[AnyText, AnyText] = {
            **{each: names[each] for each in ordered},
            # What only the apply of a plan decides can be another value on the other side.
            AFTER_APPLY: f"known after the apply of {name}",
            **{f"Fn::GetAtt: [{each}, ": f"Fn::GetAtt: [{version}, " for each, version in _computing(app).items()},
        }
        self.unread = [*source.unread, *(source.assembly.findings if source.assembly else ()), *unread]
        for template in app.templates:
            for location, text in macros(template):
                where = f"{self._places[template] or template.path} {location}"
                self.unread.append(Finding(rule=rules.UNRESOLVED, where=where, text=text))
        self.resources = [*map(self._policy, policies(app)), *self._others()]

    def _policy(self, policy: Policy) -> Resource:
        read = policy.cases()
        wide, strict = (self._renamed(policy.as_json(each)) for each in resolved(read))
        arn = self._renamed(arns_of(policy)[0])
        kind = policy.kind
        if policy.is_merged:
            kind = _KEYS[0] if "KeyArn" in policy.properties else _BUCKET_POLICY
        elif kind == _BUCKET_POLICY and "Bucket" not in policy.properties:
            arn = next(iter([*buckets_in(wide), *buckets_in(wide, "NotResource")]), arn)
        unread = "; ".join(f"{location}: {why}" for location, why in read.unreadable)
        is_alike = wide == strict and not unread
        side = Side(
            document=wide,
            strict=None if wide == strict else strict,
            unread=unread,
            context=""
            if is_alike
            else self._context(policy.template) + (str(self._renamed(policy.text)) if unread else ""),
            written=tuple(json.dumps({**each.body, "Sid": ""}, sort_keys=True, default=str) for each in read.cases),
        )
        settings = {}
        if kind == _ACCESS_POINT:
            name, vpc = (
                self._renamed(plain(policy.properties.get(each), policy.scope)) for each in ("Name", "VpcConfiguration")
            )
            arn = f"accesspoint/{name}" if name else arn
            settings = {NETWORK: "Internet" if vpc is None else vpc}
            if _BLOCK in policy.properties:
                settings[_BLOCK] = self._setting(policy.properties[_BLOCK], policy.scope)
        elif kind in _KEYS and not policy.is_merged:
            enabled = self._setting(policy.properties.get(ENABLED), policy.scope)
            settings = {ENABLED: True if enabled is None else enabled}
        if kind not in (_BUCKET_POLICY, *_KEYS):
            targets = [each for each in TARGETS if each in policy.properties]
            settings |= {each: self._setting(policy.properties[each], policy.scope) for each in targets}
        resource = self._resource(policy.template, policy.logical_id, kind, arn)
        return replace(resource, side=side, settings=settings, is_merged=policy.is_merged)

    def _others(self) -> Iterator[Resource]:
        naming = self._naming()
        for template in self._app.templates:
            scope = Scope(self._app, template)
            for logical_id, resource in template.resources.items():
                kind, properties = str(resource.get("Type", "")), properties_of(resource)
                names: Collection[str] = list(properties)
                if kind in _WITH_TARGETS:
                    names = [each for each in TARGETS if each in properties]
                elif kind == _BUCKET:
                    names = [each for each in _OF_BUCKET if each in properties]
                elif kind not in GRANTS:
                    found = naming.get((template.path, logical_id), set())
                    names = [each for each in properties if found & {"", each} and each not in _NO_ACCESS]
                if kind == _BUCKET or kind in GRANTS or (names and kind not in LOCATIONS):
                    settings = {name: self._setting(properties[name], scope) for name in names}
                    name = plain(properties.get("BucketName", ""), scope) if kind == _BUCKET else ""
                    arn = f"arn:aws:s3:::{self._renamed(name)}" if name else ""
                    if kind == _BUCKET and not name:
                        arn = self._renamed(plain({"Fn::GetAtt": [logical_id, "Arn"]}, scope))
                    yield replace(self._resource(template, logical_id, kind, arn), settings=settings)

    def _setting(self, value: Any, scope: Scope) -> Any:
        """Return a value, and if it is not known, everything that decides it."""
        known = self._renamed(plain(value, scope))
        return [known, self._context(scope.template)] if has_unknown_within(known) else known

    def _naming(self) -> Mapping[tuple[str, str], set[str]]:
        """Return the properties that name iconik or a template, or make a call, by place; "" means all."""
        naming: dict[tuple[str, str], set[str]] = {
            (each.path, logical_id): {""} for each in self._app.templates for logical_id, _ in templates_elsewhere(each)
        }
        naming |= {(each.template.path, each.logical_id): {""} for each in changes_by_calls(self._app)}
        for finding in check_grants(self._app, self._question):
            if (place := finding.place) is not None:
                naming.setdefault((place.template_path, place.logical_id), set()).add(
                    f"{place.location}..".split(".")[1]
                )
        return naming

    def _resource(self, template: Template, logical_id: str, kind: str, arn: AnyText) -> Resource:
        assembly = self._source.assembly
        condition = template.resources.get(logical_id, {}).get("Condition")
        if logical_id not in template.section("Resources"):
            condition = f"{condition} {list(_collections(template.section('Resources')))}"
        return Resource(
            place=self._places[template],
            logical_id=logical_id,
            kind=kind,
            name=(assembly.path_of(logical_id, template) if assembly else "") or logical_id,
            arn=arn,
            account=template.account or own("AWS::AccountId"),
            exists_if="" if condition is None else f"{condition}{self._context(template)}",
        )

    def _context(self, template: Template) -> str:
        return json.dumps([template.section(each) for each in _SECTIONS], sort_keys=True, default=str)

    def _renamed(self, value: Any) -> Any:
        return replaced(value, self._own_names)


def _computing(app: App) -> Mapping[str, str]:
    """Return the custom resources with a hash of their properties: other properties return another value."""
    listed: dict[str, list[Any]] = {}
    for template in app.templates:
        for logical_id, resource in template.resources.items():
            if str(resource.get("Type")).startswith(("Custom::", "AWS::CloudFormation::CustomResource")):
                listed.setdefault(logical_id, []).append(properties_of(resource))
    texts = {each: json.dumps(found, sort_keys=True, default=str) for each, found in listed.items()}
    return {each: f"{each} {hashlib.sha256(text.encode()).hexdigest()[:8]}" for each, text in texts.items()}


def _collections(resources: Mapping[str, Any]) -> Iterator[str]:
    """Yield the text of what each loop goes through."""
    for name, value in resources.items():
        if (loop := loop_of(name, value)) is not None:
            yield f"{name}: {json.dumps(value[1], sort_keys=True, default=str)}"
            yield from _collections(loop[1])


def _places(app: App) -> Iterator[tuple[Template, str]]:
    """Yield each template with the text that both sides have: its stack, and its place among nested stacks."""
    parents = {child: (parent, logical_id) for (parent, logical_id), child in app.nested.items()}
    for template in app.templates:
        around, each = "", template
        while each in parents:
            each, logical_id = parents[each]
            around = f"/{logical_id}{around}"
        yield template, f"{each.stack_path}{around}{'' if template.is_of_stack else ' asset'}"


def replaced(value: Any, names: Mapping[AnyText, AnyText]) -> Any:
    """Return a value in which some texts are replaced everywhere."""

    def change(text: MarkedText) -> MarkedText:
        for name, instead in names.items():
            text = text.replace(joined(name), joined(instead)) if name else text
        return text

    return map_texts(value, change)


def buckets_in(document: Any, element: str = "Resource") -> list[MarkedText]:
    """Return the literal buckets in the resources of a policy. A `NotResource` can also name another bucket."""
    buckets: dict[MarkedText, None] = {}
    for statement in statements_of(document):
        for text in scalars(statement.get(element)):
            bucket = split(text or literal(""), "/", 1)[0]
            if bucket.startswith("arn:aws:s3:::") and not has_wildcard(bucket):
                buckets[bucket] = None
    return list(buckets)
