"""Chooses values of parameters and the region, if the name of a bucket depends on them.

A policy names the bucket by the same parameter. Policy and bucket match only with the same value in both places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

from ..judge.text import MarkedText, literal
from .intrinsics import possible_values
from .template import parts_of
from .values import Scope, choice_of, parameter_values

__all__ = ["choices_for"]

_MOST_CHOICES: Final = 16
_REGION: Final = "AWS::Region"
_SUBSTITUTION: Final = re.compile(r"\$\{([^}!]*)\}")


def choices_for(name: MarkedText, node: Any, scope: Scope) -> Iterator[Mapping[str, bool]]:
    """Yield the choices that make a node the text `name`, as answers for a scope; an empty choice if none is needed.

    If there are too many choices, none is yielded: the node then stays all its texts.
    """
    texts = possible_values(node, scope)
    if len(texts) < 2:  # noqa: PLR2004 - one text needs no choice
        # The conditions that are decided in the scope can choose another text.
        if name in texts or name not in possible_values(node, Scope(scope.app, scope.template)):
            yield {}
        return
    values = {
        parameter: candidates
        for parameter in sorted(_names_in(node))
        if len(candidates := list(_values_of(parameter, node, scope))) > 1
    }
    count = 1
    for candidates in values.values():
        count *= len(candidates)
    if not values or count > _MOST_CHOICES:
        yield {}
        return
    for chosen in product(*values.values()):
        answers = {choice_of(parameter, value): True for parameter, value in zip(values, chosen, strict=True)}
        if name in possible_values(node, Scope(scope.app, scope.template, {**scope.decided, **answers})):
            yield answers


def _names_in(node: Any) -> set[str]:
    """Return the names that a node refers to."""
    names: set[str] = set()
    for part in parts_of(node):
        if isinstance(part, str):
            names.update(_SUBSTITUTION.findall(part))
        elif isinstance(part, dict) and isinstance(part.get("Ref"), str):
            names.add(part["Ref"])
    return names


def _values_of(name: str, node: Any, scope: Scope) -> Iterator[MarkedText]:
    template = scope.template
    if name == _REGION:
        yield from _regions_in(node, scope) if template.region is None else ()
    elif name in template.given:
        yield from template.given[name]
    elif isinstance(parameter := template.section("Parameters").get(name), dict):
        yield from parameter_values(parameter) or ()


def _regions_in(node: Any, scope: Scope) -> Iterator[MarkedText]:
    """Yield the keys of the mappings in which a node looks up the region."""
    for part in parts_of(node):
        looked_up = part.get("Fn::FindInMap") if isinstance(part, dict) else None
        if isinstance(looked_up, list) and looked_up[1:2] == [{"Ref": _REGION}]:
            mapping = scope.template.section("Mappings").get(str(looked_up[0]))
            yield from map(literal, map(str, mapping if isinstance(mapping, dict) else ()))
