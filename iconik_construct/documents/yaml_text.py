"""Reads YAML as if it were JSON with comments: the same values, and the line of each.

Apart from JSON because it needs PyYAML, and because YAML has surprises. What is no plain number, `true`, `false` or
`null` is text here: `on`, `no`, `1_000`, `0123`, `1e5` and `2026-01-31` stay as they are written. Tags such as
`!!binary` are refused, and aliases count as what they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

import yaml

from .text import Entries, Items

__all__ = ["read_yaml"]

_MOST_VALUES: Final = 100_000
"""A few lines of aliases to aliases can stand for billions of values; no file of storages holds so many."""
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
"""What a scalar without quotes can be: its form, what it begins with, its value."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with JSON's scalars, and a limit to nesting before anything recurses."""

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
"""What a tag such as `!Sub` and the value behind it stand for; None where the tag is not known."""


def read_yaml(text: str, short: Short | None = None) -> Any:
    """Parse YAML and keep in mind which keys stand twice, and the line of everything.

    Args:
        text: the YAML.
        short: what to make of tags that begin with one `!`. Default: they are refused.

    Raises:
        ValueError: not YAML, several documents, a tag, nested too deeply, or too many values behind aliases. The
            message names the line.
    """
    try:
        node = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}: " if mark else ""
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise ValueError(where + said) from error
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
    return None if node is None else _Reading(short).value(node)


class _Reading:
    """Makes values of nodes, and counts them."""

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
        if isinstance(node, yaml.ScalarNode):
            kind = node.tag.removeprefix(_STANDARD)
            if kind not in _PLAIN:
                _refuse(node, f"the tag {node.tag.replace(_STANDARD, '!!')} is not read")
            return self._scalar(node, kind)
        if id(node) in self._open:
            _refuse(node, "an alias refers to a value that contains it")
        self._open.add(id(node))
        found = self._entries(node) if isinstance(node, yaml.MappingNode) else self._items(node)
        self._open.remove(id(node))
        return found

    def _long(self, node: yaml.Node, short: Short) -> Any:
        kind = {yaml.ScalarNode: "str", yaml.SequenceNode: "seq"}.get(type(node), "map")
        # A copy: an alias comes back to the node itself.
        bare = type(node)(_STANDARD + kind, node.value, node.start_mark, node.end_mark)
        found = short(node.tag[1:], self.value(bare))
        if found is None:
            _refuse(node, f"the tag {node.tag[:40]} is not read")
        return found

    def _scalar(self, node: yaml.ScalarNode, kind: str) -> Any:
        try:
            return _PLAIN[kind][2](node.value)
        except ValueError:
            _refuse(node, f"{node.value[:40]!r} is no {kind}")

    def _items(self, node: yaml.Node) -> Items:
        if node.tag != f"{_STANDARD}seq":
            _refuse(node, f"the tag {node.tag.replace(_STANDARD, '!!')} is not read")
        return Items([self.value(item) for item in node.value], [item.start_mark.line + 1 for item in node.value])

    def _entries(self, node: yaml.MappingNode) -> Entries:
        if node.tag != f"{_STANDARD}map":
            _refuse(node, f"the tag {node.tag.replace(_STANDARD, '!!')} is not read")
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
        for one in nodes:
            if not isinstance(one, yaml.MappingNode):
                _refuse(one, f"{_MERGE} must merge objects")
        return [self.value(one) for one in nodes]


def _refuse(node: yaml.Node, why: str) -> NoReturn:
    raise ValueError(f"line {node.start_mark.line + 1}: {why}")
