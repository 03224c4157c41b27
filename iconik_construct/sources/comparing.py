"""Compares two sides of any form: who gains and who loses access to which resource.

Policies are compared for each caller. Settings and grants that decide about access are compared as text: a change may
give access, unless the new value is the strictest one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ..assessment import Finding, Question, Verdict, rules, verdict_of
from ..assessment.changes import OTHERS, Change, Side, compare
from ..assessment.facts import statements_of
from ..judge.text import AnyText, MarkedText, is_plain, joined, map_texts, own, shown
from ..templates.grants import GRANTS
from ..templates.own_resources import with_own_resources
from .deciding import ENABLED, NETWORK, TARGETS, Reading, Resource, buckets_in, replaced
from .reading import Source

__all__ = ["Comparison", "compare_sources"]

_ENCRYPTION: Final = "BucketEncryption"
_ALL_BLOCKED: Final = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), "true"
)
_STRICTEST: Final[Mapping[str, tuple[Any, ...]]] = {
    ENABLED: ("false",),
    "AbacStatus": (None, "Disabled"),
    "AccessControl": (None, "Private"),
    "OwnershipControls": (None, {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}),
    "PublicAccessBlockConfiguration": (None, _ALL_BLOCKED),
}
"""The values that allow nobody access. A new bucket has them if its template sets none."""
_REMOVABLE: Final = ("OwnershipControls", "PublicAccessBlockConfiguration")
"""The settings whose removal from a template gives an existing bucket a less strict value than a new one has."""
_OF_OTHERS: Final = (_ENCRYPTION, ENABLED, NETWORK, *TARGETS)
"""The settings of a bucket, a key and an access point that a policy or objects must exist for."""
_INTERNET: Final = "Internet"
_MOST: Final = 6
"""The number of changes that a finding names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The changes between two sides, and the parts that could not be read."""

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """Whether anybody gains access, or may."""
        return verdict_of(self.findings)


def compare_sources(old: Source, new: Source, question: Question) -> Comparison:
    """Return the changes between two sides."""
    first, second = Reading(old, question, "OLD"), Reading(new, question, "NEW")
    known = {each.account for each in (*second.resources, *first.resources) if is_plain(each.account)}
    only = known.pop() if len(known) == 1 else ""
    paired = list(_paired(first.resources, second.resources, is_loose=old.is_loose or new.is_loose))
    keys = {
        before.arn: after.arn
        for before, after in paired
        if before and after and before.service == after.service == "kms"
    }
    kinds = {each.kind for each in first.resources}

    def is_compared(before: Resource | None, after: Resource | None) -> bool:
        """Return whether both sides know the resource. A file has fewer resources than a read bucket."""
        if after is None:
            return not (old.is_live or new.is_live)
        return before is not None or not (new.is_live and old.is_loose) or after.kind in kinds

    if old.is_live or new.is_live:
        # A live side has only the parts of them that concern its bucket.
        paired = [(_without_targets(before), _without_targets(after)) for before, after in paired]
    if old.is_live:
        # The deployment of a template changes no setting that the template does not have.
        paired = [(before, _kept(before, after)) for before, after in paired]
    changes = [each for pair in paired if is_compared(*pair) for each in _compared(*pair, only, question, keys)]
    findings = [
        Finding(rule=rule, where=change.resource, text=f"{change.caller}: {_first_of(texts)}")
        for change in changes
        for rule, texts in ((rules.WIDER, change.gained), (rules.MAY_BE_WIDER, change.may_gain))
        if texts
    ]
    return Comparison(changes=tuple(changes), findings=(*first.unread, *second.unread, *findings))


def _first_of(texts: Sequence[str]) -> str:
    more = [f"and {len(texts) - _MOST} more"] if len(texts) > _MOST else []
    return "; ".join([*texts[:_MOST], *more])


def _paired(
    old: Sequence[Resource], new: Sequence[Resource], *, is_loose: bool
) -> Iterator[tuple[Resource | None, Resource | None]]:
    """Yield each resource with its counterpart on the other side, or None.

    A policy without a template, or of a live bucket, belongs to the only resource of its kind on the other side.
    """
    left, right = list(old), list(new)
    # Several products of a stack have templates with equal logical ids.
    for unchanged in old:
        if unchanged in right:
            left.remove(unchanged)
            right.remove(unchanged)
            yield unchanged, unchanged
    kept = {each.arn for each in old if not each.side} & {each.arn for each in new if not each.side} - {""}
    is_elsewhere = not {each.place for each in old} & {each.place for each in new}
    keys: list[Callable[[Resource], object]] = [
        lambda each: (each.place, each.logical_id, each.kind),
        lambda each: (each.arn, each.kind) if each.has_known_name else None,
        # Without its template, the policy of an unnamed bucket is that of the bucket's logical id.
        lambda each: (each.place, shown(each.arn), each.kind) if each.arn else None,
        lambda each: (each.logical_id, each.kind) if is_elsewhere else None,
        lambda each: (each.kind, str(each.settings)) if is_loose and each.kind in GRANTS else None,
        lambda each: each.kind if is_loose and each.service else None,
    ]
    for key in keys:
        for before in list(left):
            alike = [each for each in left if key(each) == key(before)]
            matching = [each for each in right if key(before) is not None and key(each) == key(before)]
            if len(alike) == len(matching) == 1 and not _is_other(before, matching[0], kept):
                left.remove(before)
                right.remove(matching[0])
                yield before, matching[0]
    yield from ((each, None) for each in left)
    yield from ((None, each) for each in right)


def _without_targets(resource: Resource | None) -> Resource | None:
    if resource is None:
        return None
    return replace(resource, settings={name: each for name, each in resource.settings.items() if name not in TARGETS})


def _kept(before: Resource | None, after: Resource | None) -> Resource | None:
    if before is None or after is None:
        return after
    kept = {name: before.settings[name] for name in _REMOVABLE if name in before.settings}
    return replace(after, settings={**kept, **after.settings})


def _is_other(first: Resource, second: Resource, kept: Collection[AnyText]) -> bool:
    """Return whether two resources certainly differ: their literal names differ, or both sides have one of them."""
    if first.arn == second.arn or not (first.arn and second.arn):
        return False
    return (first.has_known_name and second.has_known_name) or first.arn in kept or second.arn in kept


def _compared(
    old: Resource | None, new: Resource | None, account: str, question: Question, keys: Mapping[AnyText, AnyText]
) -> Iterator[Change]:
    """Yield the changes of one resource.

    Args:
        old: the resource before.
        new: the resource after.
        account: its account, if neither side knows it.
        question: the question.
        keys: the keys of the old side, with those of the new side.
    """
    either = new or old
    if either is None:
        return
    account = next((each.account for each in (new, old) if each is not None and is_plain(each.account)), account)
    if (old.exists_if if old else "") != (new.exists_if if new else "") and old is not None and new is not None:
        reason = ("access, because the resource exists under another condition",)
        yield Change(resource=either.name, caller=OTHERS, may_gain=reason, may_lose=reason)
    yield from _settings(old and replace(old, settings=replaced(old.settings, keys)), new, either.name)
    if either.side is None:
        return
    names: dict[AnyText, AnyText] = {own("AWS::AccountId"): account} if account else {}
    before, after = (_side_of(each, either.arn, names) for each in (old, new))
    if old is not None and new is not None and new.is_merged and not old.is_merged:
        # Merged statements are added to the existing policy.
        listed = [*statements_of(before.document), *statements_of(after.document)]
        written = (*before.written, *after.written)
        after = replace(after, document={"Version": "2012-10-17", "Statement": listed}, strict=None, written=written)
    yield from compare(
        before,
        after,
        resource=either.name,
        arn=replaced(either.arn, names),
        service=either.service,
        account=joined(account or either.account),
        question=question.of_account(account),
    )


def _side_of(resource: Resource | None, arn: AnyText, names: Mapping[AnyText, AnyText]) -> Side:
    """Return the policy of a resource, with its bucket or key written as on the other side.

    AWS accepts only resources of the bucket itself, so a literal bucket is that bucket.
    """
    if resource is None or resource.side is None:
        return Side()
    side = resource.side
    own_names = {resource.arn, *(buckets_in(side.document) if resource.service == "s3" else ())} - {"", "*", arn}
    documents = [
        replaced(_with_own_resources(_moved(each, own_names, arn), joined(arn), resource.service), names)
        for each in (side.document, side.strict)
    ]
    return replace(side, document=documents[0], strict=documents[1])


def _with_own_resources(document: Any, arn: MarkedText, service: str) -> Any:
    if not isinstance(document, Mapping):
        return document
    # AWS refuses a policy of a bucket with other resources. In a policy of a key, they have no effect.
    is_own = service == "s3"
    statements = [with_own_resources(each, arn, service, is_own=is_own) for each in statements_of(document)]
    return {**document, "Statement": statements}


def _moved(value: Any, arns: Collection[AnyText], arn: AnyText) -> Any:
    """Return a value in which some buckets or keys, and their objects, are replaced by another one."""

    def change(text: MarkedText) -> MarkedText:
        match = next((each for each in arns if text == each or text.startswith(joined(each, "/"))), None)
        return text if match is None else joined(arn, text[len(match) :])

    return map_texts(value, change)


def _settings(old: Resource | None, new: Resource | None, name: str) -> Iterator[Change]:
    """Yield the different settings and grants. Each may give access, unless it has the strictest value."""
    before, after = (each.settings if each is not None else {} for each in (old, new))
    for setting in dict.fromkeys((*before, *after)):
        first, second = (_plain(each.get(setting)) for each in (before, after))
        if setting in _OF_OTHERS and (old is None or new is None):
            # A new bucket has no objects. The policy of a new access point or key decides who can use it.
            continue
        if setting in (ENABLED, NETWORK) and _INTERNET not in (first, second) and not (first and second):
            # A live side does not have the state of each key, nor the VPC of an access point.
            continue
        if setting == _ENCRYPTION:
            # Without a key, the key's policy protects nothing.
            first, second = _encryption(first), _encryption(second)
            was_strict, is_strict = first is None, False
        elif setting == NETWORK:
            # From the internet, every VPC has access.
            was_strict, is_strict = second == _INTERNET, first == _INTERNET
        else:
            strictest = [_plain(each) for each in _STRICTEST.get(setting, (None,))]
            was_strict, is_strict = first in strictest, second in strictest
            if setting in _REMOVABLE and old is not None and new is not None and second is None:
                is_strict = False
        if first == second or (was_strict and is_strict):
            continue
        texts = (f"access, because {setting} changes: it cannot be determined who is affected",)
        may_gain = () if is_strict or (setting == _ENCRYPTION and was_strict) else texts
        yield Change(
            resource=name,
            caller=OTHERS,
            may_gain=may_gain,
            may_lose=() if was_strict and setting != _ENCRYPTION else texts,
        )


def _encryption(value: Any) -> Any:
    """Return a default encryption without AWS's default values: its own keys, and no bucket key."""
    listed = value.get("ServerSideEncryptionConfiguration") if isinstance(value, Mapping) else None
    if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
        return value
    left = [
        {name: each for name, each in rule.items() if (name, each) != ("BucketKeyEnabled", "false")} for rule in listed
    ]
    return None if left == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}] else left


def _plain(value: Any) -> Any:
    """Return a setting with its values as text, as CloudFormation reads them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None else str(value).lower() if isinstance(value, bool) else str(value)
