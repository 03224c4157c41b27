"""Adds our statements to a policy that others write, changes them and takes them out again. Text in, text out.

Apart from the calls to AWS so that the one promise that matters, that no statement of somebody else is lost or changed,
is tested without them. Standard library only.

A statement is ours if it has one of our Sids and says what we said under that Sid. Everything else is foreign: it keeps
its place, its Sid or lack of one, and each of its fields, whether we know them or not.
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
    """Nothing was written, for a reason that the reader of CloudFormation's events can act on."""


@dataclass(frozen=True)
class PolicyKind:
    """What differs between a bucket policy and a key policy as documents.

    Attributes:
        name: as people call it.
        limit: the size in bytes that AWS accepts.
        may_be_absent: whether an emptied policy is deleted; a key always has a policy.
        unwritable: the characters that AWS takes only as JSON escapes.
    """

    name: str
    limit: int
    may_be_absent: bool
    unwritable: re.Pattern[str]


BUCKET_POLICY: Final = PolicyKind("bucket policy", 20_480, may_be_absent=True, unwritable=re.compile("[\ud800-\udfff]"))
# The parameter `Policy` of kms:PutKeyPolicy ends at U+00FF.
KEY_POLICY: Final = PolicyKind("key policy", 32_768, may_be_absent=False, unwritable=re.compile("[^\x00-\xff]"))


@dataclass(frozen=True)
class Merged:
    """A policy after our turn.

    Attributes:
        text: the whole policy; None where there is none.
        changed: whether it must be written at all.
        edited: the Sids of statements that stay although we no longer want them, because somebody has edited them.
    """

    text: str | None
    changed: bool
    edited: tuple[str, ...] = ()


def merge(text: str | None, *, old: Statements, new: Statements, kind: PolicyKind) -> Merged:
    """Replace our old statements by our new ones.

    Args:
        text: the policy as AWS gave it, or None if there is none.
        old: by Sid, what we may have put there before; empty when we first come.
        new: by Sid, what is to be there; empty when we leave.
        kind: whose policy it is.

    Raises:
        MergeError: the policy cannot be read without loss, a statement that is not ours has one of our Sids, the result
            would be too long, or a key would be left without a policy.
    """
    if text is None:
        return (
            Merged(_write({"Version": "2012-10-17", "Statement": list(new.values())}, kind), True)
            if new
            else Merged(None, changed=False)
        )
    if not new and not any(sid in text for sid in old):
        # Leaving must work even where coming was refused because the policy cannot be read.
        return Merged(text, changed=False)
    document, present = _read(text, kind)
    result, edited = _replaced(present, old, new, kind)
    # By identity: what stays is the very statement that was read.
    if len(result) == len(present) and all(after is before for after, before in zip(result, present, strict=True)):
        return Merged(text, changed=False, edited=edited)
    if not result:
        if kind.may_be_absent:
            return Merged(None, changed=True)
        raise MergeError(f"The {kind.name} would be left without any statement. Add one that lets its owner in first.")
    written = _write({**document, "Statement": result}, kind)
    size = len(written.encode())
    if new and size > kind.limit:
        raise MergeError(
            f"The {kind.name} would be {size:,} bytes long, and AWS accepts {kind.limit:,}. "
            f"Ours are {len(_write(list(new.values()), kind).encode()):,} of them. "
            "Shorten the policy, or grant iconik fewer prefixes."
        )
    return Merged(written, changed=True, edited=edited)


def present_and_edited(text: str | None, wanted: Statements, kind: PolicyKind) -> tuple[set[str], set[str]]:
    """Return the Sids under which a policy says what is wanted, and those under which it only says something else.

    Raises:
        MergeError: the policy cannot be read without loss.
    """
    if text is None:
        return set(), set()
    _, statements = _read(text, kind)
    named = [(str(each.get("Sid")), each) for each in statements if each.get("Sid") in wanted]
    present = {sid for sid, each in named if same_meaning(each, wanted[sid])}
    return present, {sid for sid, _ in named} - present


def same_meaning(one: object, other: object) -> bool:
    """Tell whether two policies or statements say the same, however AWS has rearranged them since."""
    return _canonical(one) == _canonical(other)


def _replaced(
    present: Sequence[Statement], old: Statements, new: Statements, kind: PolicyKind
) -> tuple[list[Statement], tuple[str, ...]]:
    """Return the statements with ours replaced, new ones last, and the Sids of edited ones that stay."""
    result: list[Statement] = []
    edited: list[str] = []
    placed: set[str] = set()
    for statement in present:
        sid = statement.get("Sid")
        if not isinstance(sid, str) or not (sid in old or sid in new):
            result.append(statement)
            continue
        wanted = new.get(sid)
        if wanted is not None and same_meaning(statement, wanted):
            kept: Statement | None = statement
        elif _is_ours(statement, old.get(sid), wanted):
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
    """Tell whether a statement with our Sid says what we said."""
    for version in versions:
        if version is not None and (
            same_meaning(statement, version)
            or (_names_deleted_role(statement) and same_meaning(_unnamed(statement), _unnamed(version)))
        ):
            return True
    return False


def _taken(sid: str, kind: PolicyKind) -> MergeError:
    return MergeError(
        f"The {kind.name} holds a statement with the Sid '{sid}' that says something else than ours does: somebody "
        "wrote or changed it. It is left as it is. Remove it or give it another Sid, then deploy again."
    )


def _names_deleted_role(statement: Statement) -> bool:
    """Tell whether AWS has put the unique id of a role that is gone in place of its ARN."""
    principal = statement.get("Principal")
    return (
        isinstance(principal, Mapping)
        and list(principal) == ["AWS"]
        and re.fullmatch("AROA[A-Z0-9]+", str(principal["AWS"])) is not None
    )


def _unnamed(statement: Statement) -> Statement:
    return {field: value for field, value in statement.items() if field != "Principal"}


def _canonical(value: object, field: str = "") -> frozenset[object]:
    """Return what two JSON values have in common if they mean the same in a policy.

    AWS gives a list of one back as a scalar and sorts lists as it likes; actions and the keys of conditions are
    case-insensitive; CloudFormation turns numbers and booleans into strings.
    """
    if isinstance(value, dict):
        if field == "Condition":
            return frozenset((operator, _canonical(keys, "condition keys")) for operator, keys in value.items())
        if field == "condition keys":
            return frozenset((key.lower(), _canonical(values)) for key, values in value.items())
        return frozenset((name, _canonical(item, name)) for name, item in value.items())
    if isinstance(value, list):
        found: set[object] = set()
        for item in value:
            if isinstance(item, (dict, list)):
                found.add(_canonical(item, field))
            else:
                found |= _canonical(item, field)
        return frozenset(found)
    text = value if isinstance(value, str) else json.dumps(value)
    return frozenset([text.lower() if field in {"Action", "NotAction"} else text])


def _read(text: str, kind: PolicyKind) -> tuple[dict[str, Any], Sequence[Statement]]:
    """Return a policy and its statements as a list, refusing what could not be written back as it was."""
    try:
        document = json.loads(
            text, object_pairs_hook=_unique, parse_float=_exact, parse_constant=_no_number, parse_int=int
        )
    except (ValueError, RecursionError) as error:
        raise MergeError(f"The {kind.name} cannot be read without loss: {error}. It is left as it is.") from error
    found = document.get("Statement") if isinstance(document, dict) else None
    statements: Any = [found] if isinstance(found, dict) else found
    if not isinstance(statements, list) or not all(isinstance(item, dict) for item in statements):
        raise MergeError(f"The {kind.name} is no policy with a list of statements. It is left as it is.")
    return document, statements


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the field '{name}' occurs twice in one object")
        found[name] = value
    return found


def _exact(number: str) -> float:
    found = float(number)
    if repr(found) != number:
        raise ValueError(f"the number {number} would be rounded")
    return found


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


def _write(value: object, kind: PolicyKind) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return kind.unwritable.sub(lambda found: json.dumps(found.group())[1:-1], text)
