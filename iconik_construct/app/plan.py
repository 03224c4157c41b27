"""Which stack holds which storage: one stack for each account and region, and further ones when it is full.

A storage never moves to another stack: its bucket would stay behind and a new, empty one be made. Nothing in a file
without a memory tells which of its storages are deployed already, so the plan is recorded beside the file from the
time a stack is half full, and what is recorded stays. Standard library only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..config.document import Config, IconikConfigError
from ..config.json_document import Place
from ..config.source import read_json_file
from ..config.storage import StorageConfig
from ..errors import IconikPropError, IconikValueError

__all__ = ["STORAGES_PER_STACK", "StackPlan", "plan_stacks", "read_record", "write_record"]

STORAGES_PER_STACK: Final = 25
"""CloudFormation allows 500 resources and 200 outputs in a stack. A storage that is registered and handed over, with a
key, has 8 outputs, and no storage has more than 5 resources: the outputs run out first."""

_WAY_OUT: Final = "Take the file back from version control."

Record = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class StackPlan:
    """One stack: its name, which is its construct id too, where it goes, and its storages in the order of the file."""

    name: str
    account: str | None
    region: str | None
    storages: tuple[StorageConfig, ...]


def plan_stacks(config: Config, record: Record) -> tuple[StackPlan, ...]:
    """Return the stacks, in the order in which the file first names their accounts and regions.

    Args:
        config: the storages.
        record: the keys of the storages that each stack held before, by the stack's name.
    """
    places: dict[tuple[str | None, str | None], list[StorageConfig]] = {}
    for storage in config.storages:
        places.setdefault((storage.account, storage.region), []).append(storage)
    plans = []
    for (account, region), storages in places.items():
        base = "-".join(part for part in (config.stack_name, account, region) if part)
        for number, members in sorted(_assign(base, storages, record).items()):
            plans.append(StackPlan(_stack_name(base, number), account, region, tuple(members)))
    return tuple(plans)


def read_record(path: Path) -> dict[str, list[str]]:
    """Return the recorded plan; an empty one where nothing is recorded.

    Raises:
        IconikConfigError: the file is there and no such record.
    """
    if not path.exists():
        return {}
    mistakes: list[IconikPropError] = []
    stacks = Place(path.name, read_json_file(path, path.name), mistakes).entries(_WAY_OUT) or {}
    for stack in stacks.values():
        for item in stack.items(_WAY_OUT) or ():
            item.text("must be the key of a storage", _WAY_OUT)
    if mistakes:
        raise IconikConfigError(mistakes)
    return {name: stack.value for name, stack in stacks.items()}


def write_record(path: Path, plans: Iterable[StackPlan]) -> bool:
    """Record the plan, if a stack is half full or a plan is recorded already; tell whether the file was changed.

    Raises:
        IconikConfigError: the file cannot be written.
    """
    record = {plan.name: sorted(storage.key for storage in plan.storages) for plan in plans}
    if not path.exists() and all(2 * len(keys) <= STORAGES_PER_STACK for keys in record.values()):
        return False
    text = json.dumps(record, indent=2) + "\n"
    try:
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return False
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        rule = f"must be a file that can be written ({error.strerror or error})"
        way_out = "Synthesize once where it can be written, and commit the file."
        raise IconikConfigError([IconikValueError(path.name, rule, got=str(path), way_out=way_out)]) from error
    return True


def _assign(base: str, storages: Sequence[StorageConfig], record: Record) -> dict[int, list[StorageConfig]]:
    """Return the storages of one account and region by the number of their stack."""
    numbers: dict[str, int] = {}
    for name, keys in record.items():
        number = _stack_number(base, name)
        if number is not None:
            numbers.update(dict.fromkeys(keys, number))
    taken: dict[int, int] = {}
    for storage in storages:
        if storage.key in numbers:
            taken[numbers[storage.key]] = taken.get(numbers[storage.key], 0) + 1
    found: dict[int, list[StorageConfig]] = {}
    for storage in storages:
        number = numbers.get(storage.key)
        if number is None:
            number = next(n for n in range(1, len(storages) + 1) if taken.get(n, 0) < STORAGES_PER_STACK)
            taken[number] = taken.get(number, 0) + 1
        found.setdefault(number, []).append(storage)
    return found


def _stack_name(base: str, number: int) -> str:
    return base if number == 1 else f"{base}-{number}"


def _stack_number(base: str, name: str) -> int | None:
    if name == base:
        return 1
    found = re.fullmatch(re.escape(base) + r"-([2-9]|[1-9][0-9]{1,3})", name)
    return int(found[1]) if found else None
