"""One storage with a key, beside the same resources written by hand: calls to Node, time and template bytes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import aws_cdk as cdk
from aws_cdk.assertions import Template

from iconik_construct import IconikPermissions, IconikStorage, StorageEncryption

from .hand_written import HandWritten
from .kernel_calls import counted_calls
from .table import table

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
_IN_A_STACK = 20

Make = Callable[[cdk.Stack, str], object]


def by_library(stack: cdk.Stack, id: str) -> object:  # noqa: A002
    """Make a storage with three statements, as `HandWritten` does."""
    return IconikStorage(stack, id, system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)


def by_hand(stack: cdk.Stack, id: str) -> object:  # noqa: A002
    """Make the same without the library."""
    return HandWritten(stack, id, system_domain_id=DOMAIN)


def admin_by_library(stack: cdk.Stack, id: str) -> object:  # noqa: A002
    """Make a storage with two statements, the policies of iconik's help page."""
    admin = IconikPermissions.admin()
    return IconikStorage(stack, id, system_domain_id=DOMAIN, encryption=StorageEncryption.KMS, permissions=admin)


def admin_by_hand(stack: cdk.Stack, id: str) -> object:  # noqa: A002
    """Make the same without the library."""
    return HandWritten(stack, id, system_domain_id=DOMAIN, admin=True)


def kernel_calls(make: Make) -> tuple[int, int]:
    """Return the calls for the first storage of a stack and for each one after it.

    The first storage of a process makes some more, for constants that are kept, such as `BlockPublicAccess.BLOCK_ALL`.
    """
    make(cdk.Stack(cdk.App(), "Stack"), "Media")
    stack = cdk.Stack(cdk.App(), "Stack")
    counts = []
    for number in range(2):
        with counted_calls() as calls:
            make(stack, f"Media{number}")
        counts.append(len(calls))
    return counts[0], counts[1]


def template_bytes(make: Make) -> int:
    """Return the size of a template with one storage, as it is uploaded."""
    stack = cdk.Stack(cdk.App(), "Stack")
    make(stack, "Media")
    return len(json.dumps(Template.from_stack(stack).to_json(), indent=1))


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds for one storage, of several runs: making it, and making and synthesizing it."""

    made: tuple[float, ...]
    synthesized: tuple[float, ...]


def times(first: Make, second: Make, turns: int = 15) -> tuple[Times, Times]:
    """Measure two ways in turns, so that what else the machine does hits both alike."""
    found: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    for turn in range(-1, turns):
        for make, runs in zip((first, second), found, strict=True):
            run = _run(make)
            if turn >= 0:  # the first synthesis of a process loads JavaScript
                runs.append(run)
    one, two = (Times(*zip(*runs, strict=True)) for runs in found)
    return one, two


def _run(make: Make) -> tuple[float, float]:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    start = time.perf_counter()
    for number in range(_IN_A_STACK):
        make(stack, f"Media{number}")
    made = time.perf_counter() - start
    app.synth()
    return made / _IN_A_STACK * 1000, (time.perf_counter() - start) / _IN_A_STACK * 1000


def report() -> str:
    """Return the table."""
    rows: list[tuple[object, ...]] = []
    ways = {"": (by_library, by_hand), " (Admin)": (admin_by_library, admin_by_hand)}
    for name, (ours, theirs) in ways.items():
        for kind, mine, hand in zip(("first", "each further"), kernel_calls(ours), kernel_calls(theirs), strict=True):
            rows.append((f"calls to Node{name}, {kind} in a stack", mine, hand, f"{mine / hand:.2f}"))
        mine, hand = template_bytes(ours), template_bytes(theirs)
        rows.append((f"template bytes{name}", f"{mine:,}", f"{hand:,}", f"{mine / hand:.2f}"))
    ours_taken, hand_taken = times(by_library, by_hand)
    for name, one, two in (
        ("ms to make", ours_taken.made, hand_taken.made),
        ("ms to make and synthesize", ours_taken.synthesized, hand_taken.synthesized),
    ):
        rows.append((f"{name}, best of {len(one)}", f"{min(one):.2f}", f"{min(two):.2f}", f"{min(one) / min(two):.2f}"))
        middle = median(mine / hand for mine, hand in zip(one, two, strict=True))
        rows.append((f"{name}, median ratio of two runs, one after the other", "", "", f"{middle:.2f}"))
    return table("One storage with a new key", ("", "this library", "by hand", "ratio"), rows)
