"""Notes which apps want a record in their templates: the guardrail requests it, and the storages write it.

The CDK does not give a validation plugin its app, and calls it only after the templates are written.
"""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
from constructs import IConstruct

__all__ = ["ask_for_record", "when_asked"]

_SCOPES: list[IConstruct] = []
_WRITERS: dict[cdk.Stack, Callable[[], None]] = {}


def ask_for_record(scope: IConstruct) -> None:
    """Request the record from the storages in a scope, also from storages that are made later."""
    _SCOPES.append(scope)
    for stack, write in _WRITERS.items():
        if scope in stack.node.scopes:
            write()


def when_asked(stack: cdk.Stack, write: Callable[[], None]) -> None:
    """Call a function if the record of a stack is requested, now or later. It can be called several times."""
    _WRITERS[stack] = write
    if _SCOPES and not set(_SCOPES).isdisjoint(stack.node.scopes):
        write()
