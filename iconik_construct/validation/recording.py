"""Which apps want a record in their templates: the guardrail asks for it, and the storages write it.

The CDK tells a validation plugin neither its app nor anything before the templates are written.
"""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
from constructs import IConstruct

__all__ = ["ask_for_record", "when_asked"]

_SCOPES: list[IConstruct] = []
_WRITERS: dict[cdk.Stack, Callable[[], None]] = {}


def ask_for_record(scope: IConstruct) -> None:
    """Have the storages in a scope record their policies, those too that are made later."""
    _SCOPES.append(scope)
    for stack, write in _WRITERS.items():
        if scope in stack.node.scopes:
            write()


def when_asked(stack: cdk.Stack, write: Callable[[], None]) -> None:
    """Call a function if the record of a stack is asked for, now or later. It can be called again."""
    _WRITERS[stack] = write
    if _SCOPES and not set(_SCOPES).isdisjoint(stack.node.scopes):
        write()
