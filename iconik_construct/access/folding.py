"""Folds what several permissions grant into the fewest statements that mean the same. Standard library only.

A statement allows each of its actions below each of its prefixes: a rectangle. What is granted is a set of
(action, prefix) pairs; the task is to cover it with the fewest rectangles, and among those with the smallest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from .prefixes import outermost

__all__ = ["Block", "fold"]

# Up to this many kinds of action the fewest blocks are searched for; iconik's own are three (read, write, delete).
# With more, which takes several sets of extra actions, the better of two simple answers is taken.
_SEARCHED_ROWS = 4


class Block(NamedTuple):
    """One statement's worth: every action below every prefix; the prefix `""` is the whole bucket."""

    actions: tuple[str, ...]
    prefixes: tuple[str, ...]

    @property
    def size(self) -> int:
        """About the bytes it takes, to tell two equally long lists of blocks apart."""
        return sum(map(len, self.actions)) + sum(len(prefix) + len("arn:aws:s3:::bucket/") for prefix in self.prefixes)


def fold(granted: Mapping[str, Iterable[str]]) -> tuple[Block, ...]:
    """Return the fewest blocks that grant each action below its prefixes, and nothing else.

    Args:
        granted: the prefixes of each action; `""` is the whole bucket.
    """
    prefixes = sorted({prefix for below in granted.values() for prefix in below})
    reached = {
        action: frozenset(prefix for prefix in prefixes if prefix.startswith(tuple(below)))
        for action, below in granted.items()
        if below
    }
    if not reached:
        return ()
    by_action = _by_action(reached)
    answers = [by_action, _by_prefix(reached, prefixes)]
    if len(by_action) <= _SEARCHED_ROWS:
        answers.extend(_searched(reached, by_action, len(by_action)))
    trimmed = [_trim(answer) for answer in answers]
    best = min(trimmed, key=lambda blocks: (len(blocks), sum(block.size for block in blocks), blocks_key(blocks)))
    return tuple(sorted(best, key=block_key))


def block_key(block: Block) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what blocks are ordered by: the same permissions give the same bytes."""
    return block.prefixes, block.actions


def blocks_key(blocks: Iterable[Block]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return what lists of blocks are ordered by."""
    return sorted(map(block_key, blocks))


def _by_action(reached: Mapping[str, frozenset[str]]) -> list[Block]:
    """Return a block for each distinct set of prefixes."""
    actions: dict[frozenset[str], list[str]] = {}
    for action, below in sorted(reached.items()):
        actions.setdefault(below, []).append(action)
    return [Block(tuple(names), tuple(sorted(below))) for below, names in actions.items()]


def _by_prefix(reached: Mapping[str, frozenset[str]], prefixes: Sequence[str]) -> list[Block]:
    """Return a block for each distinct set of actions."""
    below: dict[tuple[str, ...], list[str]] = {}
    for prefix in prefixes:
        below.setdefault(tuple(sorted(action for action in reached if prefix in reached[action])), []).append(prefix)
    return [Block(actions, tuple(names)) for actions, names in below.items()]


def _searched(reached: Mapping[str, frozenset[str]], rows: Sequence[Block], most: int) -> list[list[Block]]:
    """Return every way to cover all that is reached with the fewest of the widest possible blocks."""
    widest = set()
    for count in range(1, len(rows) + 1):
        for chosen in combinations(rows, count):
            common = frozenset.intersection(*(frozenset(row.prefixes) for row in chosen))
            if common:
                actions = tuple(sorted(action for action, below in reached.items() if common <= below))
                widest.add(Block(actions, tuple(sorted(common))))
    pairs = {(action, prefix) for action, below in reached.items() for prefix in below}
    covers = {block: {(a, p) for a in block.actions for p in block.prefixes} for block in sorted(widest, key=block_key)}
    for count in range(1, most + 1):
        found = [
            list(chosen) for chosen in combinations(covers, count) if pairs == _union(map(covers.__getitem__, chosen))
        ]
        if found:
            return found
    return []


def _union(sets: Iterable[set[tuple[str, str]]]) -> set[tuple[str, str]]:
    return set().union(*sets)


def _trim(blocks: Sequence[Block]) -> list[Block]:
    """Drop from each block what the others grant already."""
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
