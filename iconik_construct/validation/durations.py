"""Checks durations. The CDK itself refuses parts of a second, and values of the deployment, with errors of jsii."""

from __future__ import annotations

import aws_cdk as cdk

from ..errors import IconikTypeError, IconikValueError

__all__ = ["seconds_of"]


def seconds_of(value: object, prop: str, fix: str) -> float:
    """Return the seconds of a duration, which can be a part of a second.

    Raises:
        IconikTypeError: not a `cdk.Duration`.
        IconikValueError: a CDK token, whose value only the deployment knows.
    """
    if not isinstance(value, cdk.Duration):
        raise IconikTypeError(prop, "must be a cdk.Duration", got=value, fix=fix)
    if value.is_unresolved():
        raise IconikValueError(prop, "must be known at synthesis, and is a CDK token", fix=fix)
    return float(value.to_seconds(integral=False))
