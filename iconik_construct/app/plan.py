"""Assigns storages to stacks: one stack for each account and region, and further recorded stacks.

A storage never moves to another stack, because its bucket would stay behind and a new, empty bucket would be made.
Storages that fit into one stack are placed by the file alone, with the same result everywhere. Further storages are
placed once, and recorded in a file. Without that record nothing is placed, because their stacks are unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..config.document import Config, IconikConfigError, Storage
from ..config.errors import read_model
from ..config.record import FIX, RECORD
from ..errors import IconikPropError, IconikValueError
from .source import read_file

__all__ = ["STORAGES_PER_STACK", "StackPlan", "extend_record", "plan_stacks", "read_record", "write_record"]

STORAGES_PER_STACK: Final = 25
"""CloudFormation allows 500 resources and 200 outputs in a stack. A registered and handed-over storage with a key has
8 outputs, and no storage has more than 5 resources, so the outputs are the limit."""

_RECORD_IT: Final = "Run 'iconik-construct app FILE --record', and commit the file that it writes."

Record = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class StackPlan:
    """One stack: its name, which is also its construct id, its environment, and its storages in the file's order."""

    name: str
    account: str | None
    region: str | None
    storages: tuple[Storage, ...]


def plan_stacks(config: Config, record: Record) -> tuple[StackPlan, ...]:
    """Return the stacks, in the order in which the file first has their accounts and regions.

    Args:
        config: the storages.
        record: the keys of the storages in each stack, by the stack's name; empty if nothing is recorded.

    Raises:
        IconikConfigError: a storage would leave the stack of its bucket, or that stack is not known.
    """
    stacks = _stacks(record)
    mistakes = [
        *_moved(config, stacks),
        *(_unrecorded(config, stacks) if record or config.record else _too_many(config)),
    ]
    if mistakes:
        raise IconikConfigError(mistakes)
    plans = []
    for base, storages in _places(config).items():
        members: dict[int, list[Storage]] = {}
        for storage in storages:
            members.setdefault(_stack_number(base, stacks.get(storage.key, base)) or 1, []).append(storage)
        plans += [
            StackPlan(_stack_name(base, number), storages[0].account, storages[0].region, tuple(members[number]))
            for number in sorted(members)
        ]
    return tuple(plans)


def extend_record(config: Config, record: Record) -> dict[str, list[str]]:
    """Return the record with a place for each new storage, and without storages that are no longer in the file.

    Raises:
        IconikConfigError: a storage would leave the stack of its bucket.
    """
    stacks = _stacks(record)
    mistakes = list(_moved(config, stacks))
    if mistakes:
        raise IconikConfigError(mistakes)
    extended: dict[str, list[str]] = {}
    for base, storages in _places(config).items():
        taken: dict[str, list[str]] = {}
        for storage in storages:
            if storage.key in stacks:
                taken.setdefault(stacks[storage.key], []).append(storage.key)
        names = [_stack_name(base, number) for number in range(1, len(storages) + 1)]
        for storage in storages:
            if storage.key not in stacks:
                name = next(name for name in names if len(taken.get(name, ())) < STORAGES_PER_STACK)
                taken.setdefault(name, []).append(storage.key)
        extended |= {
            name: sorted(taken[name]) for name in sorted(taken, key=lambda name: _stack_number(base, name) or 0)
        }
    return extended


def read_record(path: Path, *, required: bool = False) -> dict[str, list[str]]:
    """Return the record, or an empty record if there is no file.

    Args:
        path: the file.
        required: whether the file must exist.

    Raises:
        IconikConfigError: the file is missing, or is not a record.
    """
    if not path.exists():
        if not required:
            return {}
        rule = "must be there, because 'record' is true"
        fix = f"{FIX} If nothing is deployed yet: {_RECORD_IT}"
        raise IconikConfigError([IconikValueError(path.name, rule, fix=fix)])
    stacks: dict[str, list[str]] = read_model(RECORD, read_file(path, path.name), path.name, within=True)
    return stacks


def write_record(path: Path, record: Record) -> bool:
    """Write the record, and return whether the file changed.

    Raises:
        IconikConfigError: the file cannot be written.
    """
    text = json.dumps(record, indent=2) + "\n"
    try:
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return False
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        rule = f"must be a file that can be written ({error.strerror or error})"
        fix = "Record on a machine that can write the file, and commit the file."
        raise IconikConfigError([IconikValueError(path.name, rule, got=str(path), fix=fix)]) from error
    return True


def _places(config: Config) -> dict[str, list[Storage]]:
    """Return the storages of each account and region by the name of their first stack."""
    places: dict[str, list[Storage]] = {}
    for storage in config.storages:
        places.setdefault(_base(config, storage), []).append(storage)
    return places


def _base(config: Config, storage: Storage) -> str:
    return "-".join(part for part in (config.stack_name, storage.account, storage.region) if part)


def _stacks(record: Record) -> dict[str, str]:
    return {key: name for name, keys in record.items() for key in keys}


def _moved(config: Config, stacks: Mapping[str, str]) -> Iterator[IconikPropError]:
    for storage in config.storages:
        base, recorded = _base(config, storage), stacks.get(storage.key)
        if recorded is not None and _stack_number(base, recorded) is None:
            content, effect = ("statements", "") if storage.adopt else ("bucket", ", with a new and empty bucket")
            rule = (
                f"must stay in the stack {recorded!r}, which has its {content}; with this 'account', 'region' and "
                f"'stack_name' it would move to {base!r}{effect}"
            )
            fix = (
                "Restore the former values; for a new storage take another key; or remove the key from the record, if "
                f"the old {content} may stay behind."
            )
            yield IconikValueError(f"storages.{storage.key}", rule, fix=fix)


def _unrecorded(config: Config, stacks: Mapping[str, str]) -> Iterator[IconikPropError]:
    for storage in config.storages:
        if storage.key not in stacks:
            rule = "must be recorded before it is deployed, like the other storages"
            yield IconikValueError(f"storages.{storage.key}", rule, fix=_RECORD_IT)


def _too_many(config: Config) -> Iterable[IconikPropError]:
    for base, storages in _places(config).items():
        if len(storages) > STORAGES_PER_STACK:
            rule = (
                f"must be true, because one stack cannot have all storages: {base!r} would have {len(storages)}, and "
                f"the limit is {STORAGES_PER_STACK}"
            )
            fix = f'Write "record": true at the top. {_RECORD_IT}'
            yield IconikValueError("record", rule, fix=fix)


def _stack_name(base: str, number: int) -> str:
    return base if number == 1 else f"{base}-{number}"


def _stack_number(base: str, name: str) -> int | None:
    if name == base:
        return 1
    match = re.fullmatch(re.escape(base) + r"-([2-9]|[1-9][0-9]{1,3})", name)
    return int(match[1]) if match else None
