"""Writes Terraform: one `aws_iam_policy_document` per policy, for `source_policy_documents` of another document.

Source: the AWS provider's documentation of `aws_iam_policy_document`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from ...errors import IconikValueError
from ..statements import Statement
from .handed_over import HandedOver
from .quoting import quoted

__all__ = ["quoted_for_terraform", "write"]

_HEADER: Final = """\
# iconik's statements for the {resource} policy. Take them into the document that holds the rest of that policy:
#
#   data "aws_iam_policy_document" "..." {{
#     source_policy_documents = [data.aws_iam_policy_document.{name}.json]
#     ...
#   }}
"""
# Terraform's templates begin with these.
_TEMPLATE = re.compile(r"([$%])\{")


def write(handed_over: HandedOver) -> str:
    """Return a data source for the bucket and, with a key, one for the key.

    Raises:
        IconikValueError: a value with `&{`. This data source makes a policy variable of it and has no escape.
    """
    stem = re.sub(r"[^a-z0-9]", "_", handed_over.bucket_name)
    blocks = [
        "\n".join(_data_source(f"iconik_{stem}_{resource}", resource, statements))
        for resource, statements in handed_over.policies.items()
    ]
    return "\n\n".join(blocks) + "\n"


def _data_source(name: str, resource: str, statements: Sequence[Statement]) -> Iterator[str]:
    yield _HEADER.format(resource=resource, name=name) + f'data "aws_iam_policy_document" "{name}" {{'
    for number, statement in enumerate(statements):
        yield from [""] * (number > 0)
        yield from (f"  {line}" if line else "" for line in _statement(statement))
    yield "}"


def _statement(statement: Statement) -> Iterator[str]:
    yield "statement {"
    yield from _attributes(
        sid=_text(statement["Sid"]),
        effect=_text(statement["Effect"]),
        actions=_list(statement["Action"]),
        resources=_list(statement["Resource"]),
    )
    for kind, identifiers in statement["Principal"].items():
        yield from _block("principals", type=_text(kind), identifiers=_list(identifiers))
    for operator, keys in statement["Condition"].items():
        for key, values in keys.items():
            yield from _block("condition", test=_text(operator), variable=_text(key), values=_list(values))
    yield "}"


def _block(name: str, **attributes: str) -> Iterator[str]:
    yield from ("", f"  {name} {{")
    yield from (f"  {line}" for line in _attributes(**attributes))
    yield "  }"


def _attributes(**attributes: str) -> Iterator[str]:
    """Yield the attributes as `terraform fmt` aligns them. Attributes of several lines are not aligned."""
    for spans_lines, run in groupby(attributes.items(), lambda attribute: "\n" in attribute[1]):
        aligned = list(run)
        width = 0 if spans_lines else max(len(name) for name, _ in aligned)
        for name, value in aligned:
            first, *rest = value.split("\n")
            yield f"  {name.ljust(width)} = {first}"
            yield from (f"  {line}" for line in rest)


def _list(value: str | Sequence[str]) -> str:
    """Return one or several values as a list."""
    values = [value] if isinstance(value, str) else value
    if len(values) == 1:
        return f"[{_text(values[0])}]"
    return "\n".join(["[", *(f"  {_text(value)}," for value in values), "]"])


def _text(text: str) -> str:
    if "&{" in text:
        raise IconikValueError(
            "format",
            "'terraform' cannot write '&{', which aws_iam_policy_document turns into '${'",
            got=text,
            fix="Write the policy as JSON (--format json) and use it in jsonencode(...) or file(...).",
        )
    return quoted_for_terraform(text)


def quoted_for_terraform(text: str) -> str:
    """Return the text in double quotes, without anything that Terraform evaluates."""
    return quoted(_TEMPLATE.sub(r"\1\1{", text))
