"""Notes which apps want a record in their templates: the guardrail requests it, and the storages write it.

The CDK does not give a validation plugin its app, and calls it only after the templates are written.
"""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
from constructs import IConstruct

__all__ = ["ask_for_record", "when_asked", "without_new_stacks"]

_SCOPES: list[IConstruct] = []
_WRITERS: dict[cdk.Stack, Callable[[], None]] = {}
_RECORDED: dict[cdk.Stack, bool] = {}


def ask_for_record(scope: IConstruct) -> None:
    """Request the record from the storages in a scope, also from storages that are made later."""
    _SCOPES.append(scope)
    for stack, write in _WRITERS.items():
        if scope in stack.node.scopes:
            _RECORDED[stack] = True
            write()


def without_new_stacks(scope: IConstruct) -> None:
    """End the request for stacks that are made later, because the templates of the scope are written.

    Another app in the same process then makes no calls into the kernel to ask whether the request is for it.
    """
    if scope in _SCOPES:
        _SCOPES.remove(scope)


def when_asked(stack: cdk.Stack, write: Callable[[], None]) -> None:
    """Call a function if the record of a stack is requested, now or later. It can be called several times."""
    _WRITERS[stack] = write
    if _SCOPES and stack not in _RECORDED:
        _RECORDED[stack] = not set(_SCOPES).isdisjoint(stack.node.scopes)
    if _RECORDED.get(stack):
        write()
