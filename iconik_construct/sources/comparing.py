"""Compares two sides, each of whatever form: who gains and who loses access to which resource.

Policies are compared for each caller. Settings and grants that decide about access beside the policies are compared as
text: a change of them may give access unless it removes them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ..assessment import Finding, Question, Verdict, rules, verdict_of
from ..assessment.changes import OTHERS, Change, Side, compare
from ..assessment.facts import statements_of
from ..judge.text import is_marked, map_texts, own
from ..templates.grants import GRANTS
from .deciding import NETWORK, Reading, Resource, buckets_in, replaced
from .reading import Source

__all__ = ["Comparison", "compare_sources"]

_ENCRYPTION: Final = "BucketEncryption"
_ALL_BLOCKED: Final = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), "true"
)
_STRICTEST: Final[Mapping[str, tuple[Any, ...]]] = {
    NETWORK: ("VPC",),
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


def compare_sources(old: Source, new: Source, question: Question) -> Comparison:
    """Return what changes between two sides."""
    first, second = Reading(old, question), Reading(new, question)
    account = next((each.account for each in (*second.found, *first.found) if not is_marked(each.account)), "")
    paired = list(_paired(first.found, second.found, is_loose=old.is_loose or new.is_loose))
    keys = {one.arn: other.arn for one, other in paired if one and other and one.service == other.service == "kms"}
    kinds = {each.kind for each in first.found}

    def is_compared(one: Resource | None, other: Resource | None) -> bool:
        """Tell whether both sides know of it: a file holds less than an account, of which one bucket was read."""
        if other is None:
            return not (old.is_live or new.is_live)
        return one is not None or not (new.is_live and old.is_loose) or other.kind in kinds

    changes = [each for pair in paired if is_compared(*pair) for each in _compared(*pair, account, question, keys)]
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


def _paired(
    old: Sequence[Resource], new: Sequence[Resource], *, is_loose: bool
) -> Iterator[tuple[Resource | None, Resource | None]]:
    """Yield each resource with the one on the other side that it is; None where there is none.

    A policy without a template, or that of a live bucket, is that of the only resource of its kind on the other side.
    """
    left, right = list(old), list(new)
    is_elsewhere = not {each.place for each in old} & {each.place for each in new}
    keys: list[Callable[[Resource], object]] = [
        lambda each: (each.place, each.logical_id, each.kind),
        lambda each: (each.arn, each.kind) if each.has_known_name else None,
        lambda each: (each.logical_id, each.kind) if is_elsewhere else None,
        lambda each: (each.kind, str(each.settings)) if is_loose and each.kind in GRANTS else None,
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


def _is_other(one: Resource, other: Resource) -> bool:
    """Tell whether two resources are certainly not the same: their names are written out, and differ."""
    return one.has_known_name and other.has_known_name and one.arn != other.arn


def _compared(
    old: Resource | None, new: Resource | None, account: str, question: Question, keys: Mapping[str, str]
) -> Iterator[Change]:
    """Yield what changes with one resource; `keys` are the keys of the old side by what they are on the new one."""
    either = new or old
    if either is None:
        return
    if (old.exists_if if old else "") != (new.exists_if if new else "") and old is not None and new is not None:
        said = ("cannot be determined: whether it exists depends on another condition",)
        yield Change(resource=either.name, caller=OTHERS, may_gain=said, may_lose=said)
    yield from _settings(old and replace(old, settings=replaced(old.settings, keys)), new, either.name)
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
        arn=replaced(either.arn, names),
        service=either.service,
        account=account or either.account,
        question=replace(question, own_account=account or None),
    )


def _side_of(resource: Resource | None, arn: str, names: Mapping[str, str]) -> Side:
    """Return the policy of a resource, in which its bucket or key is written as on the other side.

    AWS takes resources of the bucket itself only, so a bucket that is written out is that bucket.
    """
    if resource is None or resource.side is None:
        return Side()
    side = resource.side
    own_names = {resource.arn, *(buckets_in(side.document) if resource.service == "s3" else ())} - {"", "*", arn}
    documents = [replaced(_moved(each, own_names, arn), names) for each in (side.document, side.strict)]
    return replace(side, document=documents[0], strict=documents[1])


def _moved(value: Any, arns: Collection[str], arn: str) -> Any:
    """Return a value in which some buckets or keys, and what is in them, are another one."""

    def change(text: str) -> str:
        found = next((each for each in arns if text == each or text.startswith(f"{each}/")), None)
        return text if found is None else arn + text[len(found) :]

    return map_texts(value, change)


def _settings(old: Resource | None, new: Resource | None, name: str) -> Iterator[Change]:
    """Yield the settings and the grants that differ; each may give access unless it has the strictest value."""
    before, after = (each.settings if each is not None else {} for each in (old, new))
    for setting in dict.fromkeys((*before, *after)):
        first, second = (_plain(each.get(setting)) for each in (before, after))
        if setting in (_ENCRYPTION, NETWORK) and (old is None or new is None):
            # A new bucket has no objects, and the policy of a new access point says who can use it.
            continue
        if setting == _ENCRYPTION:
            # Without a key, the key's policy protects nothing.
            first, second = _encryption(first), _encryption(second)
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


def _encryption(value: Any) -> Any:
    """Return a default encryption without what AWS fills in: its own keys, and no bucket key."""
    listed = value.get("ServerSideEncryptionConfiguration") if isinstance(value, Mapping) else None
    if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
        return value
    left = [
        {name: each for name, each in rule.items() if (name, each) != ("BucketKeyEnabled", "false")} for rule in listed
    ]
    return None if left == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}] else left


def _plain(value: Any) -> Any:
    """Return a setting with its values as text, as CloudFormation takes them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None else str(value).lower() if isinstance(value, bool) else str(value)
