"""Resolves a statement of a template: without intrinsic functions, with marks for unknown values.

A value with several possibilities has two forms. Wide: an Allow contains all of them. Strict: the value is unknown.
Access that the wide form does not allow is not allowed. Access that the strict form allows is certain.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..assessment.public import is_negated
from ..judge.text import AnyText, MarkedText, joined, shown, unknown
from .documents import is_made_later
from .intrinsics import Scope, branches_of, intrinsic, items, lost, possible_values

__all__ = ["Forms", "effect_of", "forms_of", "plain"]

_LISTS: Final = ("Action", "NotAction", "Resource", "NotResource")
_NO_VALUE: Final = {"Ref": "AWS::NoValue"}


@dataclass(frozen=True, slots=True)
class Forms:
    """The wide and the strict form of a statement, or of a part of it."""

    wide: Any
    strict: Any


def effect_of(statement: Mapping[str, Any], scope: Scope) -> AnyText:
    """Return the effect of a statement, or a mark if it is unknown."""
    effect = statement.get("Effect")
    if effect in ("Allow", "Deny"):
        return str(effect)
    possible = possible_values(effect, scope)
    return possible[0] if len(possible) == 1 else unknown("Effect")


def forms_of(statement: Mapping[str, Any], scope: Scope) -> Forms:
    """Return both forms of a statement. They are the same object if no value has several possibilities."""
    effect = effect_of(statement, scope)
    reading = _Reading(scope, is_union=effect != "Deny")
    wide: dict[str, Any] = {}
    strict: dict[str, Any] = {}
    for name, node in statement.items():
        if node == _NO_VALUE:
            continue
        if name == "Effect":
            forms = _alike(effect)
        elif name == "Sid":
            forms = _alike(joined(*possible_values(node, scope)[:1]))
        elif name in {"Principal", "NotPrincipal"}:
            forms = reading.principal(node, is_union=reading.is_union and name == "Principal")
        elif name == "Condition":
            forms = reading.condition(node)
            if forms.wide is None:
                continue
        elif name in _LISTS:
            forms = reading.values(node, is_union=reading.is_union and not name.startswith("Not"))
        else:
            forms = _alike(plain(node, scope))
        wide[name], strict[name] = forms.wide, forms.strict
    return Forms(wide, strict if reading.has_several else wide)


@dataclass(slots=True)
class _Reading:
    """Resolves the parts of one statement. `has_several` is true as soon as a value has several possibilities."""

    scope: Scope
    is_union: bool
    has_several: bool = field(default=False)

    def values(self, node: Any, *, is_union: bool) -> Forms:
        if node is None or (isinstance(node, list) and None in node):
            return _alike(unknown("null"))
        wide: list[MarkedText] = []
        strict: list[MarkedText] = []
        for possible, is_certain in items(node, self.scope):
            if is_certain:
                wide += possible
                strict += possible
                continue
            self.has_several = True
            mark = lost([shown(each) for each in possible], self.scope.template)
            wide += possible if is_union else [mark]
            strict.append(mark)
        return Forms(_single(wide), _single(strict))

    def principal(self, node: Any, *, is_union: bool) -> Forms:
        """Return a principal. In a union, it contains all possibilities under a condition of the template."""
        branches = branches_of(node, self.scope.decided)
        if len(branches) == 1:
            return self.principal(branches[0], is_union=is_union)
        if branches:
            self.has_several = True
            mark = unknown("a principal that depends on a condition of the template")
            if not is_union:
                return _alike(mark)
            by_kind: dict[str, list[Any]] = {}
            for branch in branches:
                wide = self.principal(branch, is_union=is_union).wide
                for kind, named in (wide if isinstance(wide, dict) else {"AWS": wide}).items():
                    by_kind.setdefault(kind, []).extend(named if isinstance(named, list) else [named])
            return Forms(by_kind, mark)
        if not isinstance(node, Mapping) or intrinsic(node) is not None:
            return self.values(node, is_union=is_union)
        if is_made_later(node):
            return _alike(unknown("a principal that is written at deployment"))
        kinds = {str(kind): self.values(named, is_union=is_union) for kind, named in node.items()}
        return _mapping(kinds)

    def condition(self, node: Any) -> Forms:
        """Return a condition block, or None. A part that is written at deployment is a mark."""
        if node is None:
            return _alike(None)
        if _is_opaque(node):
            return _alike(unknown("a condition that is written at deployment"))
        block: dict[str, Forms] = {}
        for operator, entries in node.items():
            if entries == _NO_VALUE:
                continue
            if _is_opaque(entries):
                block[str(operator)] = _alike(unknown("conditions that are written at deployment"))
                continue
            is_union = self.is_union and not is_negated(str(operator))
            block[str(operator)] = _mapping(
                {
                    str(key): self.values(value, is_union=is_union)
                    for key, value in entries.items()
                    if value != _NO_VALUE
                }
            )
        return _mapping(block)


def _alike(value: Any) -> Forms:
    """Return a part that is the same in both forms."""
    return Forms(value, value)


def _is_opaque(node: Any) -> bool:
    return not isinstance(node, Mapping) or intrinsic(node) is not None or is_made_later(node)


def _mapping(parts: Mapping[str, Forms]) -> Forms:
    return Forms({name: each.wide for name, each in parts.items()}, {name: each.strict for name, each in parts.items()})


def _single(possible: list[MarkedText]) -> Any:
    return possible[0] if len(possible) == 1 else possible


def plain(node: Any, scope: Scope) -> Any:
    """Return a node without intrinsic functions, or None for `AWS::NoValue`.

    A text with several possibilities is unknown.
    """
    node = _decided(node, scope)
    if isinstance(node, list):
        return [plain(item, scope) for item in node if _decided(item, scope) != _NO_VALUE]
    if isinstance(node, Mapping):
        if node == _NO_VALUE:
            return None
        if intrinsic(node) is None:
            return {str(key): plain(value, scope) for key, value in node.items() if _decided(value, scope) != _NO_VALUE}
        possible = possible_values(node, scope)
        return possible[0] if len(possible) == 1 else unknown(json.dumps(node, sort_keys=True, default=str)[:200])
    return possible_values(node, scope)[0] if isinstance(node, str) else node


def _decided(node: Any, scope: Scope) -> Any:
    """Return the branch of an `Fn::If` whose condition is decided, or else the node."""
    while len(branches := branches_of(node, scope.decided)) == 1:
        node = branches[0]
    return node
