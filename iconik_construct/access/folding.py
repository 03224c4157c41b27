"""Merges the grants of several permissions into the fewest equivalent statements. Standard library only.

A statement allows each of its actions below each of its prefixes: a rectangle of (action, prefix) pairs. The grants are
a set of such pairs. The task is to cover them with the fewest rectangles, and then with the smallest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from .prefixes import outermost

__all__ = ["Block", "fold"]

# The search for the fewest blocks stops at this number of kinds of action. iconik has three: read, write, delete. With
# more kinds, which needs several sets of extra actions, the better of two simple solutions is used.
_SEARCHED_ROWS = 4


class Block(NamedTuple):
    """The content of one statement: every action below every prefix. The prefix `""` is the whole bucket."""

    actions: tuple[str, ...]
    prefixes: tuple[str, ...]

    @property
    def size(self) -> int:
        """Its approximate size in bytes, to compare lists of the same length."""
        return sum(map(len, self.actions)) + sum(len(prefix) + len("arn:aws:s3:::bucket/") for prefix in self.prefixes)


def fold(granted: Mapping[str, Iterable[str]]) -> tuple[Block, ...]:
    """Return the fewest blocks that grant each action below its prefixes, and nothing else.

    Args:
        granted: the prefixes of each action; `""` is the whole bucket.
    """
    prefixes = sorted({prefix for below in granted.values() for prefix in below})
    prefixes_by_action = {
        action: frozenset(prefix for prefix in prefixes if prefix.startswith(tuple(below)))
        for action, below in granted.items()
        if below
    }
    if not prefixes_by_action:
        return ()
    by_action = _by_action(prefixes_by_action)
    answers = [by_action, _by_prefix(prefixes_by_action, prefixes)]
    if len(by_action) <= _SEARCHED_ROWS:
        answers.extend(_searched(prefixes_by_action, by_action))
    trimmed = [_trim(answer) for answer in answers]
    best = min(trimmed, key=_cost)
    return tuple(sorted(best, key=block_key))


def _cost(blocks: Sequence[Block]) -> tuple[object, ...]:
    """Return the sort key of an answer: fewer blocks first, then smaller ones, then always the same."""
    return len(blocks), sum(block.size for block in blocks), sorted(map(block_key, blocks))


def block_key(block: Block) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sort key of a block. It keeps the template bytes stable."""
    return block.prefixes, block.actions


def _by_action(prefixes_by_action: Mapping[str, frozenset[str]]) -> list[Block]:
    """Return a block for each distinct set of prefixes."""
    actions: dict[frozenset[str], list[str]] = {}
    for action, below in sorted(prefixes_by_action.items()):
        actions.setdefault(below, []).append(action)
    return [Block(tuple(names), tuple(sorted(below))) for below, names in actions.items()]


def _by_prefix(prefixes_by_action: Mapping[str, frozenset[str]], prefixes: Sequence[str]) -> list[Block]:
    """Return a block for each distinct set of actions."""
    below: dict[tuple[str, ...], list[str]] = {}
    for prefix in prefixes:
        below.setdefault(
            tuple(sorted(action for action in prefixes_by_action if prefix in prefixes_by_action[action])), []
        ).append(prefix)
    return [Block(actions, tuple(names)) for actions, names in below.items()]


def _searched(prefixes_by_action: Mapping[str, frozenset[str]], rows: Sequence[Block]) -> list[list[Block]]:
    """Return every way to cover all pairs with the fewest of the widest possible blocks."""
    widest = set()
    for count in range(1, len(rows) + 1):
        for chosen in combinations(rows, count):
            common = frozenset.intersection(*(frozenset(row.prefixes) for row in chosen))
            if common:
                actions = tuple(sorted(action for action, below in prefixes_by_action.items() if common <= below))
                widest.add(Block(actions, tuple(sorted(common))))
    pairs = {(action, prefix) for action, below in prefixes_by_action.items() for prefix in below}
    covers = {block: {(a, p) for a in block.actions for p in block.prefixes} for block in sorted(widest, key=block_key)}
    for count in range(1, len(rows) + 1):
        solutions = [
            list(chosen)
            for chosen in combinations(covers, count)
            if pairs == set().union(*(covers[block] for block in chosen))
        ]
        if solutions:
            return solutions
    return []


def _trim(blocks: Sequence[Block]) -> list[Block]:
    """Remove from each block what the other blocks grant."""
    kept = [Block(block.actions, outermost(block.prefixes)) for block in blocks]
    for index in range(len(kept)):
        others = kept[:index] + kept[index + 1 :]
        block = kept[index]
        prefixes = tuple(p for p in block.prefixes if not all(_granted(others, a, p) for a in block.actions))
        actions = tuple(a for a in block.actions if not all(_granted(others, a, p) for p in prefixes))
        kept[index] = Block(actions, prefixes)
    return [block for block in kept if block.actions and block.prefixes]


def _granted(blocks: Iterable[Block], action: str, prefix: str) -> bool:
    return any(action in block.actions and prefix.startswith(block.prefixes) for block in blocks)
