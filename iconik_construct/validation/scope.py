"""Checks the scope and the id of a construct before jsii is entered, and removes a construct that was half made."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import cast

import aws_cdk as cdk
from constructs import Construct

from ..errors import IconikTypeError, IconikValueError

__all__ = ["check_scope", "removed_on_error"]


def check_scope(scope: object, id: object) -> None:  # noqa: A002 - the name CDK gives it
    """Refuse a scope or an id that no construct in a stack can have.

    Raises:
        IconikTypeError: the scope is no construct, or an app or stage; or the id is no string.
        IconikValueError: the id is empty.
    """
    if not isinstance(scope, Construct) or isinstance(scope, cdk.Stage):
        fix = "Give the stack or the construct that contains it, for example self or cdk.Stack(app, 'Media')."
        rule = "must be in a stack" if isinstance(scope, cdk.Stage) else "must be a Construct"
        raise IconikTypeError("scope", rule, got=scope, fix=fix)
    if not isinstance(id, str):
        raise IconikTypeError("id", "must be a string", got=id, fix="Write a construct id such as 'Masters'.")
    if not id:
        raise IconikValueError("id", "must not be empty", got=id, fix="Write a construct id such as 'Masters'.")


@contextlib.contextmanager
def removed_on_error(construct: Construct) -> Iterator[None]:
    """Remove a construct and its children from the tree if the `with` block fails."""
    try:
        yield
    except BaseException:
        cast(Construct, construct.node.scope).node.try_remove_child(construct.node.id)
        raise
