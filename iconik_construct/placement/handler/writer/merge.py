"""Adds this library's statements to a policy of another owner, changes and removes them. Text in, text out.

It makes no calls to AWS, so that its one promise is tested without AWS: no foreign statement is lost or changed.
Standard library only.

A statement is own if it has one of the own Sids and the content that was written under that Sid. Every other statement
is foreign: it keeps its place, its Sid or missing Sid, and all its fields, known or unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

__all__ = [
    "BUCKET_POLICY",
    "KEY_POLICY",
    "MergeError",
    "Merged",
    "PolicyKind",
    "merge",
    "present_and_edited",
    "same_meaning",
]

Statement = Mapping[str, Any]
Statements = Mapping[str, Statement]


class MergeError(Exception):
    """Nothing was written. The message gives the reason and the fix to readers of CloudFormation's events."""


@dataclass(frozen=True)
class PolicyKind:
    """The differences between a bucket policy and a key policy as documents.

    Attributes:
        name: its name for a reader.
        limit: the maximum size in bytes.
        may_be_absent: whether an empty policy is deleted. A key always has a policy.
        unwritable: the characters that AWS accepts only as JSON escapes.
    """

    name: str
    limit: int
    may_be_absent: bool
    unwritable: re.Pattern[str]


BUCKET_POLICY: Final = PolicyKind("bucket policy", 20_480, may_be_absent=True, unwritable=re.compile("[\ud800-\udfff]"))
# The parameter `Policy` of kms:PutKeyPolicy accepts characters up to U+00FF.
KEY_POLICY: Final = PolicyKind("key policy", 32_768, may_be_absent=False, unwritable=re.compile("[^\x00-\xff]"))


@dataclass(frozen=True)
class Merged:
    """A policy after the merge.

    Attributes:
        text: the whole policy; None if there is none.
        changed: whether it must be written.
        edited: the Sids of unwanted statements that stay, because somebody has edited them.
    """

    text: str | None
    changed: bool
    edited: tuple[str, ...] = ()


def merge(text: str | None, *, old: Sequence[Statements], new: Statements, kind: PolicyKind) -> Merged:
    """Replace the old own statements by the new ones.

    Args:
        text: the policy from AWS, or None if there is none.
        old: the versions of the own statements that can be in the policy, each by Sid; empty for a Create.
        new: the wanted own statements, by Sid; empty for a Delete.
        kind: the kind of the policy.

    Raises:
        MergeError: the policy cannot be read without loss, a foreign statement has one of the own Sids, the result
            would be too long, or a key would have no policy.
    """
    if text is None:
        document = {"Version": "2012-10-17", "Statement": list(new.values())}
        return Merged(_write(document, kind) if new else None, changed=bool(new))
    if not new and not any(sid in text for version in old for sid in version):
        # A Delete must work even if a Create was refused because the policy cannot be read.
        return Merged(text, changed=False)
    document, present = _read(text, kind)
    result, edited = _replaced(present, old, new, kind)
    # Compared by identity: an unchanged statement is the object that was read.
    if len(result) == len(present) and all(after is before for after, before in zip(result, present, strict=True)):
        return Merged(text, changed=False, edited=edited)
    if not result:
        if kind.may_be_absent:
            return Merged(None, changed=True)
        raise MergeError(f"The {kind.name} would have no statement. First add a statement that allows its owner.")
    written = _write({**document, "Statement": result}, kind)
    size = len(written.encode())
    if new and size > kind.limit:
        raise MergeError(
            f"The {kind.name} would be {size:,} bytes long, and AWS accepts {kind.limit:,}. "
            f"The statements for iconik are {len(_write(list(new.values()), kind).encode()):,} of them. "
            "Shorten the policy, or grant iconik fewer prefixes."
        )
    return Merged(written, changed=True, edited=edited)


def present_and_edited(text: str | None, wanted: Statements, kind: PolicyKind) -> tuple[set[str], set[str]]:
    """Return the Sids with the wanted content in a policy, and the Sids that have only other content.

    Raises:
        MergeError: the policy cannot be read without loss.
    """
    if text is None:
        return set(), set()
    _, statements = _read(text, kind)
    named = [(str(each.get("Sid")), each) for each in statements if each.get("Sid") in wanted]
    present = {sid for sid, each in named if same_meaning(each, wanted[sid])}
    return present, {sid for sid, _ in named} - present


def same_meaning(first: object, second: object) -> bool:
    """Return whether two policies or statements have the same meaning, however AWS rearranged them."""
    return _canonical(first) == _canonical(second)


def _replaced(
    present: Sequence[Statement], old: Sequence[Statements], new: Statements, kind: PolicyKind
) -> tuple[list[Statement], tuple[str, ...]]:
    """Return the statements with the own ones replaced, new ones last, and the Sids of edited ones that stay."""
    result: list[Statement] = []
    edited: list[str] = []
    placed: set[str] = set()
    for statement in present:
        sid = statement.get("Sid")
        if not isinstance(sid, str) or not any(sid in version for version in (*old, new)):
            result.append(statement)
            continue
        wanted = new.get(sid)
        if wanted is not None and same_meaning(statement, wanted):
            kept: Statement | None = statement
        elif _is_ours(statement, *(version.get(sid) for version in (*old, new))):
            kept = wanted
        elif wanted is not None:
            raise _taken(sid, kind)
        else:
            edited.append(sid)
            result.append(statement)
            continue
        if kept is not None and sid not in placed:
            placed.add(sid)
            result.append(kept)
    return result + [statement for sid, statement in new.items() if sid not in placed], tuple(edited)


def _is_ours(statement: Statement, *versions: Statement | None) -> bool:
    """Return whether a statement with an own Sid has the content that was written."""
    for version in versions:
        if version is not None and (
            same_meaning(statement, version)
            or (_names_deleted_role(statement) and same_meaning(_unnamed(statement), _unnamed(version)))
        ):
            return True
    return False


def _taken(sid: str, kind: PolicyKind) -> MergeError:
    return MergeError(
        f"The {kind.name} has a statement with the Sid '{sid}' and other content than this stack's: somebody "
        "wrote or changed it. It is not changed. Remove it or give it another Sid, then deploy again."
    )


def _names_deleted_role(statement: Statement) -> bool:
    """Return whether AWS has replaced the ARN of a deleted role by its unique id."""
    principal = statement.get("Principal")
    return (
        isinstance(principal, Mapping)
        and list(principal) == ["AWS"]
        and re.fullmatch("AROA[A-Z0-9]+", str(principal["AWS"])) is not None
    )


def _unnamed(statement: Statement) -> Statement:
    return {field: value for field, value in statement.items() if field != "Principal"}


def _canonical(value: object, field: str = "") -> frozenset[object]:
    """Return a value that is equal for two JSON values with the same meaning in a policy.

    AWS returns a list with one item as a scalar, and sorts lists. Actions and condition keys are case-insensitive.
    CloudFormation turns numbers and booleans into strings.
    """
    if isinstance(value, dict):
        if field == "Condition":
            return frozenset((operator, _canonical(keys, "condition keys")) for operator, keys in value.items())
        if field == "condition keys":
            return frozenset((key.lower(), _canonical(values)) for key, values in value.items())
        return frozenset((name, _canonical(item, name)) for name, item in value.items())
    if isinstance(value, list):
        parts: set[object] = set()
        for item in value:
            if isinstance(item, (dict, list)):
                parts.add(_canonical(item, field))
            else:
                parts |= _canonical(item, field)
        return frozenset(parts)
    text = value if isinstance(value, str) else json.dumps(value)
    return frozenset([text.lower() if field in {"Action", "NotAction"} else text])


def _read(text: str, kind: PolicyKind) -> tuple[dict[str, Any], Sequence[Statement]]:
    """Return a policy and its statements as a list. Refuse a policy that could not be written back unchanged."""
    try:
        document = json.loads(
            text, object_pairs_hook=_unique, parse_float=_exact, parse_constant=_no_number, parse_int=int
        )
    except (ValueError, RecursionError) as error:
        raise MergeError(f"The {kind.name} cannot be read without loss: {error}. It is not changed.") from error
    content = document.get("Statement") if isinstance(document, dict) else None
    statements: Any = [content] if isinstance(content, dict) else content
    if not isinstance(statements, list) or not all(isinstance(item, dict) for item in statements):
        raise MergeError(f"The {kind.name} is not a policy with a list of statements. It is not changed.")
    return document, statements


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise ValueError(f"the field '{name}' occurs twice in one object")
        fields[name] = value
    return fields


def _exact(number: str) -> float:
    value = float(number)
    if repr(value) != number:
        raise ValueError(f"the number {number} would be rounded")
    return value


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _write(value: object, kind: PolicyKind) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return kind.unwritable.sub(lambda match: json.dumps(match.group())[1:-1], text)
