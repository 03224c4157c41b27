"""Reads YAML as JSON with comments: the same values, each with its line.

It needs PyYAML, so it is not in the file for JSON. Values other than a plain number, `true`, `false` or `null` are
text: `on`, `no`, `1_000`, `0123`, `1e5` and `2026-01-31` are not converted. Tags such as `!!binary` are refused, and
an alias counts as its value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

import yaml

from .text import Entries, Items

__all__ = ["read_yaml"]

_MOST_VALUES: Final = 100_000
"""The limit. A few lines of aliases to aliases can have billions of values. No file of storages has so many."""
_DEEPEST: Final = 100

_STANDARD: Final = "tag:yaml.org,2002:"
_MERGE: Final = "<<"
_PLAIN: Final[Mapping[str, tuple[str, str, Callable[[str], Any]]]] = {
    "null": (r"null|Null|NULL|~|", "nN~", lambda _: None),
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF", lambda text: text.lower() == "true"),
    "int": (r"-?(0|[1-9][0-9]*)", "-0123456789", int),
    "float": (r"-?(0|[1-9][0-9]*)\.[0-9]+", "-0123456789", float),
    "str": (r"(?!)", "", str),
}
"""The possible scalars without quotes: form, first characters, value."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with JSON's scalars, and a limit of nesting that prevents recursion."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise yaml.YAMLError(f"line {self.line + 1}: nested too deeply")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


_Loader.yaml_implicit_resolvers = {}
for _kind, (_form, _first, _) in _PLAIN.items():
    _Loader.add_implicit_resolver(_STANDARD + _kind, re.compile(f"^(?:{_form})$"), [*_first, ""])


Short = Callable[[str, Any], Any]
"""Returns the meaning of a tag such as `!Sub` and its value; None if the tag is unknown."""


def read_yaml(text: str, short: Short | None = None) -> Any:
    """Parse YAML, and record duplicate keys and all lines.

    Args:
        text: the YAML.
        short: converts tags that begin with one `!`. Default: they are refused.

    Raises:
        ValueError: not YAML, several documents, an unknown tag, too deep nesting, or too many values in aliases. The
            message names the line.
    """
    try:
        node = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}: " if mark else ""
        problem = ", ".join(part for part in (error.context, error.problem) if part)
        raise ValueError(where + problem) from error
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
    return None if node is None else _Reading(short).value(node)


class _Reading:
    """Makes values from nodes, and counts them."""

    def __init__(self, short: Short | None = None) -> None:
        self._short = short
        self._values = 0
        self._open: set[int] = set()

    def value(self, node: yaml.Node) -> Any:
        self._values += 1
        if self._values > _MOST_VALUES:
            _refuse(node, f"aliases refer to more than {_MOST_VALUES:,} values")
        if self._short is not None and node.tag.startswith("!"):
            return self._long(node, self._short)
        kind = node.tag.removeprefix(_STANDARD)
        known = _PLAIN if isinstance(node, yaml.ScalarNode) else (_kind_of(node),)
        if kind not in known:
            _refuse(node, f"the tag {node.tag.replace(_STANDARD, '!!')} is not read")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, kind)
        if id(node) in self._open:
            _refuse(node, "an alias refers to a value that contains it")
        self._open.add(id(node))
        value = self._entries(node) if isinstance(node, yaml.MappingNode) else self._items(node)
        self._open.remove(id(node))
        return value

    def _long(self, node: yaml.Node, short: Short) -> Any:
        # A copy, because an alias refers to the node itself.
        bare = type(node)(_STANDARD + _kind_of(node), node.value, node.start_mark, node.end_mark)
        converted = short(node.tag[1:], self.value(bare))
        if converted is None:
            _refuse(node, f"the tag {node.tag[:40]} is not read")
        return converted

    def _scalar(self, node: yaml.ScalarNode, kind: str) -> Any:
        try:
            return _PLAIN[kind][2](node.value)
        except ValueError:
            _refuse(node, f"{node.value[:40]!r} is not a valid {kind}")

    def _items(self, node: yaml.Node) -> Items:
        return Items([self.value(item) for item in node.value], [item.start_mark.line + 1 for item in node.value])

    def _entries(self, node: yaml.MappingNode) -> Entries:
        pairs: list[tuple[str, Any]] = []
        merged: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                _refuse(key, "a key must be text")
            lines[key.value] = key.start_mark.line + 1
            if key.value == _MERGE and key.style is None:
                for other in self._merged(value):
                    merged = {**other, **merged}
            else:
                pairs.append((key.value, self.value(value)))
        own = {key for key, _ in pairs}
        inherited = [(key, value) for key, value in merged.items() if key not in own]
        lines.update({key: node.start_mark.line + 1 for key, _ in inherited})
        return Entries([*inherited, *pairs], lines)

    def _merged(self, node: yaml.Node) -> list[dict[str, Any]]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for merged in nodes:
            if not isinstance(merged, yaml.MappingNode):
                _refuse(merged, f"{_MERGE} must merge objects")
        return [self.value(merged) for merged in nodes]


def _kind_of(node: yaml.Node) -> str:
    """Return the tag of a node without a tag, after the standard prefix. Of a scalar it is a text."""
    return {yaml.ScalarNode: "str", yaml.SequenceNode: "seq"}.get(type(node), "map")


def _refuse(node: yaml.Node, why: str) -> NoReturn:
    raise ValueError(f"line {node.start_mark.line + 1}: {why}")
