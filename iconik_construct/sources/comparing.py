"""Compares two sides, each of whatever form: who gains and who loses access to which resource.

Policies are compared for each caller. Settings and grants that decide about access beside the policies are compared as
text: a change of them may give access unless it removes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..assessment import Finding, Question, Verdict, rules, verdict_of
from ..assessment.changes import OTHERS, Change, Side, compare
from ..assessment.facts import statements_of
from ..judge.text import is_marked, own
from ..templates.assembly import read_app
from ..templates.check import macros
from ..templates.grants import GRANTS
from ..templates.intrinsics import Scope
from ..templates.policies import Policy, policies, resolved
from ..templates.policy_checks import arn_of
from ..templates.resolving import plain
from ..templates.template import App, Template, properties_of
from .reading import Source

__all__ = ["Comparison", "compare_sources"]

_SECTIONS: Final = ("Conditions", "Mappings", "Parameters")
_OF_BUCKET: Final = (
    "AbacStatus",
    "AccessControl",
    "AccessControlPolicy",
    "BucketEncryption",
    "OwnershipControls",
    "PublicAccessBlockConfiguration",
)
_ENCRYPTION: Final = "BucketEncryption"
_BUCKET: Final = "AWS::S3::Bucket"
_BUCKET_POLICY: Final = "AWS::S3::BucketPolicy"
_KEYS: Final = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
_ALL_BLOCKED: Final = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), "true"
)
_STRICTEST: Final[Mapping[str, tuple[Any, ...]]] = {
    "AbacStatus": (None, "Disabled"),
    "AccessControl": (None, "Private"),
    "OwnershipControls": (None, {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}),
    "PublicAccessBlockConfiguration": (None, _ALL_BLOCKED),
}
"""The values that allow nobody anything. A new bucket has them where its template says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changes between two sides, and what could not be read of them."""

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """Whether anybody gains access, or may."""
        return verdict_of(self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resource:
    """A resource that decides about access.

    Attributes:
        place: the template, by what is the same in the other side.
        logical_id: its id there.
        kind: its type.
        name: for a reader.
        arn: the bucket or the key that its policy is for, as it writes it; empty for what has no policy.
        account: the account of its template.
        exists_if: the condition under which it exists, with all that decides it.
        side: its policy; None for what has none.
        settings: what else of it decides.
        is_merged: whether its statements are added to a policy that is elsewhere.
    """

    place: str
    logical_id: str
    kind: str
    name: str
    arn: str
    account: str
    exists_if: str
    side: Side | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    is_merged: bool = False

    @property
    def has_known_name(self) -> bool:
        """Whether the name of its bucket or key is written out."""
        return bool(self.arn) and not is_marked(self.arn) and "*" not in self.arn

    @property
    def service(self) -> str:
        return "s3" if self.kind in (_BUCKET_POLICY, _BUCKET) else "kms" if self.kind in _KEYS else ""


def compare_sources(old: Source, new: Source, question: Question) -> Comparison:
    """Return what changes between two sides."""
    first, second = _Reading(old, question), _Reading(new, question)
    account = next((each.account for each in (*second.found, *first.found) if not is_marked(each.account)), "")
    pairs = _paired(first.found, second.found, is_loose=old.is_loose or new.is_loose)
    # What only the account has is not in the files, and stays as it is.
    kept = (pair for pair in pairs if pair[1] is not None or not old.is_live)
    changes = [each for pair in kept for each in _compared(*pair, account, question)]
    findings = [
        Finding(rule=rule, where=change.resource, text=f"{change.caller}: {'; '.join(said[:_MOST])}{_more(said)}")
        for change in changes
        for rule, said in ((rules.WIDER, change.gained), (rules.MAY_BE_WIDER, change.may_gain))
        if said
    ]
    return Comparison(changes=tuple(changes), findings=(*first.unread, *second.unread, *findings))


_MOST: Final = 6


def _more(said: Sequence[str]) -> str:
    return f"; and {len(said) - _MOST} more" if len(said) > _MOST else ""


class _Reading:
    """What one side says."""

    def __init__(self, source: Source, question: Question) -> None:
        app, unread = read_app(source.templates, question.iconik)
        self._source = source
        self._app = app
        self._places = dict(_places(app))
        self._own_names = {f"{each.path}#": f"{self._places[each]}#" for each in app.templates}
        self.unread = [*(source.assembly.findings if source.assembly else ()), *unread]
        for template in app.templates:
            for location, text in macros(template):
                where = f"{self._places[template] or template.path} {location}"
                self.unread.append(Finding(rule=rules.UNRESOLVED, where=where, text=text))
        self.found = [*map(self._policy, policies(app)), *self._others()]

    def _policy(self, policy: Policy) -> _Resource:
        read = policy.cases()
        wide, strict = (self._renamed(policy.as_json(each)) for each in resolved(read))
        arn = self._renamed(arn_of(policy))
        kind = policy.kind
        if policy.is_merged:
            kind = _KEYS[0] if "KeyArn" in policy.properties else _BUCKET_POLICY
        elif kind == _BUCKET_POLICY and "Bucket" not in policy.properties:
            arn = _bucket_in(wide) or arn
        unread = "; ".join(f"{location}: {why}" for location, why in read.unreadable)
        is_alike = wide == strict and not unread
        side = Side(
            document=wide,
            strict=None if wide == strict else strict,
            unread=unread,
            context="" if is_alike else self._context(policy.template) + (policy.text if unread else ""),
        )
        found = self._resource(policy.template, policy.logical_id, kind, arn)
        return replace(found, side=side, is_merged=policy.is_merged)

    def _others(self) -> Iterator[_Resource]:
        for template in self._app.templates:
            scope = Scope(self._app, template)
            for logical_id, resource in template.resources.items():
                kind, properties = str(resource.get("Type", "")), properties_of(resource)
                names = [each for each in _OF_BUCKET if each in properties] if kind == _BUCKET else list(properties)
                if kind == _BUCKET or kind in GRANTS:
                    settings = {name: self._renamed(plain(properties[name], scope)) for name in names}
                    name = plain(properties.get("BucketName", ""), scope) if kind == _BUCKET else ""
                    arn = f"arn:aws:s3:::{self._renamed(name)}" if name else ""
                    yield replace(self._resource(template, logical_id, kind, arn), settings=settings)

    def _resource(self, template: Template, logical_id: str, kind: str, arn: str) -> _Resource:
        assembly = self._source.assembly
        condition = template.resources.get(logical_id, {}).get("Condition")
        return _Resource(
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
        return _replaced(value, self._own_names)


def _places(app: App) -> Iterator[tuple[Template, str]]:
    """Yield each template with what is the same on both sides: its stack, and where it is nested."""
    parents = {child: (parent, logical_id) for (parent, logical_id), child in app.nested.items()}
    for template in app.templates:
        around, each = "", template
        while each in parents:
            each, logical_id = parents[each]
            around = f"/{logical_id}{around}"
        yield template, f"{each.stack_path}{around}{'' if template.is_of_stack else ' asset'}"


def _replaced(value: Any, names: Mapping[str, str]) -> Any:
    """Return a value in which some texts are replaced wherever they are."""
    if isinstance(value, str):
        for name, instead in names.items():
            if name and name in value:
                value = value.replace(name, instead)
        return value
    if isinstance(value, Mapping):
        return {key: _replaced(each, names) for key, each in value.items()}
    return [_replaced(each, names) for each in value] if isinstance(value, list) else value


def _bucket_in(document: Mapping[str, Any]) -> str:
    """Return the bucket that a policy without a template is for: AWS takes resources of one bucket only."""
    for statement in document["Statement"]:
        for name in ("Resource", "NotResource"):
            listed = statement.get(name)
            for text in listed if isinstance(listed, list) else [listed]:
                if isinstance(text, str) and text.startswith("arn:") and "*" not in text.partition("/")[0]:
                    return text.partition("/")[0]
    return ""


def _paired(
    old: Sequence[_Resource], new: Sequence[_Resource], *, is_loose: bool
) -> Iterator[tuple[_Resource | None, _Resource | None]]:
    """Yield each resource with the one on the other side that it is; None where there is none.

    A policy without a template, or that of a live bucket, is that of the only resource of its kind on the other side.
    """
    left, right = list(old), list(new)
    is_elsewhere = not {each.place for each in old} & {each.place for each in new}
    keys: list[Callable[[_Resource], object]] = [
        lambda each: (each.place, each.logical_id, each.kind),
        lambda each: (each.arn, each.kind) if each.has_known_name else None,
        lambda each: (each.logical_id, each.kind) if is_elsewhere else None,
        lambda each: each.kind if is_loose and each.service else None,
    ]
    for key in keys:
        for before in list(left):
            alike = [each for each in left if key(each) == key(before)]
            matching = [each for each in right if key(before) is not None and key(each) == key(before)]
            if len(alike) == len(matching) == 1 and not _is_other(before, matching[0]):
                left.remove(before)
                right.remove(matching[0])
                yield before, matching[0]
    yield from ((each, None) for each in left)
    yield from ((None, each) for each in right)


def _is_other(one: _Resource, other: _Resource) -> bool:
    """Tell whether two resources are certainly not the same: their names are written out, and differ."""
    return one.has_known_name and other.has_known_name and one.arn != other.arn


def _compared(old: _Resource | None, new: _Resource | None, account: str, question: Question) -> Iterator[Change]:
    """Yield what changes with one resource."""
    either = new or old
    if either is None:
        return
    if (old.exists_if if old else "") != (new.exists_if if new else "") and old is not None and new is not None:
        said = ("cannot be determined: whether it exists depends on another condition",)
        yield Change(resource=either.name, caller=OTHERS, may_gain=said, may_lose=said)
    yield from _settings(old, new, either.name)
    if either.side is None:
        return
    names: dict[str, str] = {own("AWS::AccountId"): account} if account else {}
    before, after = (_side_of(each, either.arn, names) for each in (old, new))
    if old is not None and new is not None and new.is_merged and not old.is_merged:
        # What is merged is added to the policy that is there.
        listed = [*statements_of(before.document), *statements_of(after.document)]
        after = replace(after, document={"Version": "2012-10-17", "Statement": listed}, strict=None)
    yield from compare(
        before,
        after,
        resource=either.name,
        arn=_replaced(either.arn, names),
        service=either.service,
        account=account or either.account,
        question=replace(question, own_account=account or None),
    )


def _side_of(resource: _Resource | None, arn: str, names: Mapping[str, str]) -> Side:
    if resource is None or resource.side is None:
        return Side()
    same = {**names, **({resource.arn: arn} if resource.arn not in ("", "*") else {})}
    side = resource.side
    return replace(side, document=_replaced(side.document, same), strict=_replaced(side.strict, same))


def _settings(old: _Resource | None, new: _Resource | None, name: str) -> Iterator[Change]:
    """Yield the settings and the grants that differ; each may give access unless it has the strictest value."""
    before, after = (each.settings if each is not None else {} for each in (old, new))
    for setting in dict.fromkeys((*before, *after)):
        first, second = (_plain(each.get(setting)) for each in (before, after))
        if setting == _ENCRYPTION:
            # Without a key, the key's policy protects nothing. A new bucket has no objects.
            if old is None or new is None:
                continue
            was_strict, is_strict = first is None, False
        else:
            strictest = [_plain(each) for each in _STRICTEST.get(setting, (None,))]
            was_strict, is_strict = first in strictest, second in strictest
        if first == second or (was_strict and is_strict):
            continue
        said = (f"{setting} changes, and whom that affects cannot be determined",)
        may_gain = () if is_strict or (setting == _ENCRYPTION and was_strict) else said
        yield Change(
            resource=name,
            caller=OTHERS,
            may_gain=may_gain,
            may_lose=() if was_strict and setting != _ENCRYPTION else said,
        )


def _plain(value: Any) -> Any:
    """Return a setting with its values as text, as CloudFormation takes them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None else str(value).lower() if isinstance(value, bool) else str(value)
