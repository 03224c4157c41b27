"""Writes a statement in its canonical form, which is the same for all spellings that AWS treats as equal.

S3 and KMS keep neither order nor blanks of a policy, and write an account as the ARN of its root.

Source: AWS, IAM User Guide, "Grammar of the IAM JSON policy language" and "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from ..judge.document import read
from ..judge.scalars import scalars
from ..judge.text import AnyText, MarkedText, in_document, is_plain, literal, map_texts
from .facts import PolicyText
from .foreign_access import name_of

__all__ = ["canonical_statement", "statement_digests"]

_ACCOUNT: Final = re.compile("[0-9]{12}")
_VARIABLE: Final = "$${"
_LISTS: Final = ("Action", "NotAction", "Resource", "NotResource")
_PRINCIPALS: Final = ("Principal", "NotPrincipal")


def statement_digests(document: PolicyText, names: Mapping[AnyText, str]) -> dict[str, str] | None:
    """Return the SHA-256 of each statement's canonical form, with its name; None if a value is unknown.

    Args:
        document: the policy.
        names: replacements for the names of the resources and the account, which only a deployment knows.

    Raises:
        Unreadable: no statement of the document can be read.
    """
    named = partial(_named_alike, names=names)
    digests: dict[str, str] = {}
    policy = read(document)
    for index, statement in enumerate(policy.statements):
        text = json.dumps(canonical_statement(map_texts(canonical_statement(statement), named)), sort_keys=True)
        if "\\u0000" in text or "\\u0001" in text or policy.more:
            return None
        text += str(policy.variables) if _VARIABLE in text else ""
        name = name_of(statement, index) if isinstance(statement, Mapping) else f"statement {index + 1}"
        digests[hashlib.sha256(text.encode()).hexdigest()] = name
    return digests


def _named_alike(text: MarkedText, names: Mapping[AnyText, str]) -> MarkedText:
    # A policy that has "${bucket}" itself is another policy.
    text = text.replace(literal("${"), literal(_VARIABLE))
    for name, instead in names.items():
        pattern = f"(?<![\\w-]){re.escape(in_document(name))}(?![\\w-])"
        text = literal(re.sub(pattern, instead, in_document(text)))
    return text


def canonical_statement(statement: Any) -> dict[str, Any]:
    """Return a statement in its canonical form, without its Sid. Unreadable parts stay unchanged."""
    if not isinstance(statement, Mapping):
        return {"Unreadable": statement}
    canonical: dict[str, Any] = {}
    for name, value in statement.items():
        if name in _LISTS:
            canonical[name] = _texts(value, lower="Action" in name)
        elif name in _PRINCIPALS:
            canonical[name] = _principals(value)
        elif name == "Condition":
            if value != {}:
                canonical[name] = _conditions(value)
        elif name != "Sid":
            canonical[str(name)] = value
    return canonical


def _texts(value: Any, *, lower: bool = False) -> list[Any]:
    listed = value if isinstance(value, (list, tuple)) else [value]
    read_as = zip(scalars(value), listed, strict=True)
    known: list[Any] = [written if text is None else text.lower() if lower else text for text, written in read_as]
    return sorted({json.dumps(each, sort_keys=True, default=str): each for each in known}.values(), key=str)


def _principals(value: Any) -> Any:
    if value == "*":
        value = {"AWS": "*"}
    if not isinstance(value, Mapping):
        return value
    return {
        str(kind): _texts([_root(each) for each in scalars(named)]) if None not in scalars(named) else named
        for kind, named in value.items()
    }


def _root(text: MarkedText | None) -> AnyText | None:
    return f"arn:aws:iam::{text}:root" if text is not None and is_plain(text) and _ACCOUNT.fullmatch(text) else text


def _conditions(block: Any) -> Any:
    if not isinstance(block, Mapping):
        return block
    canonical: dict[str, Any] = {}
    for operator, entries in block.items():
        if not isinstance(entries, Mapping):
            canonical[str(operator)] = entries
            continue
        keys: dict[str, Any] = {}
        for key, values in entries.items():
            name = str(key).lower()
            # The same key twice under one operator, in two spellings, is two conditions.
            while name in keys:
                name += "\n"
            keys[name] = _texts(values, lower=str(operator).startswith(("Bool", "Null")))
        if keys:
            canonical[str(operator)] = keys
    return canonical
