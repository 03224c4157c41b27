"""Writes the statements as YAML, to be added to a CloudFormation template of another author.

It does not use PyYAML, which is installed only with the extra `app`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .handed_over import HandedOver
from .quoting import quoted

__all__ = ["mapping_lines", "write"]

_PLACES: Final = {
    "bucket": "Properties.PolicyDocument.Statement of the AWS::S3::BucketPolicy of the bucket {bucket_name}",
    "key": "Properties.KeyPolicy.Statement of the AWS::KMS::Key {key_arn}",
}


def write(handed_over: HandedOver) -> str:
    """Return two lists of statements, each under a comment with the place in the template."""
    lines = []
    for resource, statements in handed_over.policies.items():
        place = _PLACES[resource].format(bucket_name=handed_over.bucket_name, key_arn=handed_over.key_arn)
        lines += [f"# Add to {place}", f"{resource.capitalize()}PolicyStatements:"]
        lines += _sequence(statements, "  ")
    return "\n".join(lines) + "\n"


def _sequence(items: Sequence[Any], indent: str) -> Iterator[str]:
    for item in items:
        if isinstance(item, Mapping):
            first, *rest = mapping_lines(item, f"{indent}  ")
            yield f"{indent}- {first.lstrip(' ')}"
            yield from rest
        else:
            yield f"{indent}- {quoted(item)}"


def mapping_lines(entries: Mapping[str, Any], indent: str) -> Iterator[str]:
    """Yield the lines of a YAML mapping. Each string is quoted."""
    for name, value in entries.items():
        key = name if name.isalnum() else quoted(name)
        if isinstance(value, str):
            yield f"{indent}{key}: {quoted(value)}"
        else:
            yield f"{indent}{key}:"
            deeper = f"{indent}  "
            yield from mapping_lines(value, deeper) if isinstance(value, Mapping) else _sequence(value, deeper)
