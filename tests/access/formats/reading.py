"""Reads each format back into IAM's JSON, with parsers that nobody here wrote where there is one."""

from __future__ import annotations

import json
import re
from typing import Any

import hcl2
import yaml

__all__ = ["read_cloudformation", "read_json", "read_terraform"]

Statements = dict[str, list[dict[str, Any]]]

_ESCAPE = re.compile(r'\\(["\\nrt]|u[0-9a-f]{4}|U[0-9a-f]{8})|([$%])\2\{|([$%]\{)')
_NAMED = {"n": "\n", "r": "\r", "t": "\t"}


def read_json(text: str) -> Statements:
    return {name.removesuffix("Policy").lower(): policy["Statement"] for name, policy in json.loads(text).items()}


def read_cloudformation(text: str) -> Statements:
    return {name.removesuffix("PolicyStatements").lower(): found for name, found in yaml.safe_load(text).items()}


def read_terraform(text: str) -> Statements:
    found = {}
    for block in hcl2.loads(text)["data"]:
        ((kind, named),) = block.items()
        ((name, document),) = named.items()
        assert _text(kind) == "aws_iam_policy_document"
        found[_text(name).rpartition("_")[2]] = [_statement(one) for one in document["statement"]]
    return found


def _statement(block: dict[str, Any]) -> dict[str, Any]:
    condition: dict[str, dict[str, Any]] = {}
    for one in block["condition"]:
        condition.setdefault(_text(one["test"]), {})[_text(one["variable"])] = _scalar(one["values"])
    return {
        "Sid": _text(block["sid"]),
        "Effect": _text(block["effect"]),
        "Principal": {_text(one["type"]): _scalar(one["identifiers"]) for one in block["principals"]},
        "Action": _scalar(block["actions"]),
        "Resource": _scalar(block["resources"]),
        "Condition": condition,
    }


def _scalar(values: list[str]) -> Any:
    found = [_text(value) for value in values]
    return found[0] if len(found) == 1 else found


def _text(quoted: str) -> str:
    """Return what Terraform makes of a quoted template; the parser leaves that to the reader."""
    assert quoted[0] == quoted[-1] == '"'
    return _ESCAPE.sub(_unescaped, quoted[1:-1])


def _unescaped(found: re.Match[str]) -> str:
    escape, sign, begun = found.groups()
    assert begun is None, "Terraform would evaluate this"
    if sign:
        return f"{sign}{{"
    return chr(int(escape[1:], 16)) if escape[0] in "uU" else _NAMED.get(escape, escape)
