"""Estimates the size of a policy after CloudFormation has filled in the values of the deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["largest_text"]

# Such values count with their maximum length: a bucket name has up to 63 characters.
_LONGEST_BUCKET_NAME: Final = "b" * 63
_LONGEST_BUCKET_ARN: Final = f"arn:aws:s3:::{_LONGEST_BUCKET_NAME}"
_PSEUDO_PARAMETERS: Final = {
    "AWS::AccountId": "1" * 12,
    "AWS::Partition": "aws",
    "AWS::Region": "ap-southeast-2",
    "AWS::URLSuffix": "amazonaws.com",
}


def largest_text(value: Any) -> Any:
    """Return a resolved policy with every CloudFormation function replaced by its longest possible text."""
    if isinstance(value, Mapping):
        if len(value) == 1:
            (name, argument) = next(iter(value.items()))
            if name == "Ref" or name.startswith("Fn::"):
                return _longest(name, argument)
        return {name: largest_text(item) for name, item in value.items()}
    return [largest_text(item) for item in value] if isinstance(value, list) else value


def _longest(name: str, argument: Any) -> str:
    if name == "Fn::Join":
        separator, parts = argument
        return str(separator).join(map(str, largest_text(parts))) if isinstance(parts, list) else _LONGEST_BUCKET_ARN
    if name == "Ref":
        return _PSEUDO_PARAMETERS.get(str(argument), _LONGEST_BUCKET_NAME)
    return _LONGEST_BUCKET_ARN
