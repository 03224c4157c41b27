"""What stands in a template, as the judge takes it: each value with the marks of what only the deployment knows.

What the report needs of the guardrail's reading is here; its marks become the judge's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..guardrail.intrinsics import Scope, if_parts, intrinsic, texts
from ..guardrail.template import Template
from ..judge.text import own, shown, unknown
from .model import Right

__all__ = ["account_of", "bucket_arn_of", "document_of", "merged_document_of", "plain", "rights_of", "values_under"]

_MARKS = re.compile("\x01([^\x01]*)\x01|\x00([^\x00]*)\x00")
_VERSION: Final = "2012-10-17"
_UNIONS: Final = ("Principal", "Action", "Resource")
"""Of an Allow: with all that these can be it lets in whoever gets in by any of it."""


def plain(node: Any, scope: Scope) -> list[str]:
    """Return every text that a node can be, with the judge's marks."""
    return [_MARKS.sub(_mark, text) for text in texts(node, scope)]


def account_of(template: Template) -> str:
    """Return the account that a template is deployed to; where it is not said, the one that it is."""
    return template.account or own("AWS::AccountId")


def bucket_arn_of(node: Any, scope: Scope) -> str | None:
    """Return the ARN of a bucket that a template makes and names by a reference, as its statements write it."""
    logical_id = node.get("Ref") if isinstance(node, dict) else None
    made = scope.template.resources.get(logical_id, {}) if isinstance(logical_id, str) else {}
    if made.get("Type") != "AWS::S3::Bucket":
        return None
    return next(iter(plain({"Fn::GetAtt": [logical_id, "Arn"]}, scope)), None)


def document_of(node: Any, scope: Scope) -> dict[str, Any]:
    """Return a policy, resolved."""
    found = _resolved(node, scope)
    return found if isinstance(found, dict) else {"Version": _VERSION, "Statement": [{"Effect": found}]}


def merged_document_of(properties: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """Return the statements that a custom resource merges, as a policy."""
    given = properties.get("Statements")
    statements = list(given.values()) if isinstance(given, dict) else []
    return {"Version": _VERSION, "Statement": [_resolved(one, scope) for one in statements]}


def rights_of(document: Any, scope: Scope) -> Iterator[Right]:
    """Yield what an identity policy gives."""
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    for one in statements if isinstance(statements, list) else [statements]:
        if isinstance(one, dict):
            yield Right(
                actions=tuple(map(shown, plain(one.get("Action"), scope))),
                resources=tuple(map(shown, plain(one.get("Resource"), scope))),
            )


def values_under(node: Any, name: str) -> Iterator[Any]:
    """Yield what stands under a name, however deep."""
    if isinstance(node, dict):
        if name in node:
            yield node[name]
        for value in node.values():
            yield from values_under(value, name)
    elif isinstance(node, list):
        for item in node:
            yield from values_under(item, name)


def _mark(found: re.Match[str]) -> str:
    return own(found[1]) if found[1] is not None else unknown(found[2])


def _resolved(node: Any, scope: Scope, *, is_union: bool = False) -> Any:
    """Return a value; one that can be several is all of them where that is a union, and else not known."""
    if intrinsic(node) is not None:
        found = plain(node, scope)
        if is_union:
            return found[0] if len(found) == 1 else found
        return found[0] if len(found) == 1 and if_parts(node) is None else unknown(json.dumps(node, sort_keys=True))
    if isinstance(node, dict):
        allows = node.get("Effect") == "Allow"
        return {
            key: _resolved(value, scope, is_union=is_union or (allows and key in _UNIONS))
            for key, value in node.items()
        }
    if isinstance(node, list):
        found = [_resolved(item, scope, is_union=is_union) for item in node if item != {"Ref": "AWS::NoValue"}]
        return [text for one in found for text in (one if isinstance(one, list) else [one])]
    return plain(node, scope)[0] if isinstance(node, str) else node
