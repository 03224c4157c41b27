"""Teaches mypy that marked text is for no reader: `shown` must make it readable before it becomes a part of a message.

The types of an f-string, of `str` and of `print` are `object`, so that no signature can refuse a type there.
"""

from __future__ import annotations

from collections.abc import Callable

from mypy.plugin import FunctionContext, MethodContext, Plugin
from mypy.types import Type

_MARKED = "iconik_construct.judge.text.MarkedText"
_WHERE_STR_IS_MADE = "judge/text.py"
# mypy reads an f-string as calls of `str.format`.
_READABLE = frozenset({"builtins.str.format", "builtins.str", "builtins.repr", "builtins.print", "json.dumps"})


class Marks(Plugin):
    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        return _checked if fullname in _READABLE else None

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        return _checked if fullname in _READABLE else None


def _checked(call: FunctionContext | MethodContext) -> Type:
    if _MARKED in str(call.arg_types) and not call.api.path.endswith(_WHERE_STR_IS_MADE):
        call.api.fail(
            "Marked text becomes text by 'shown' or 'if_plain', and is put together by 'joined'", call.context
        )
    return call.default_return_type


def plugin(_version: str) -> type[Plugin]:
    """Return the plugin for mypy."""
    return Marks
