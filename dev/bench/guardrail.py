"""What the guardrail adds to a synthesis of 100 storages: `python -m dev.bench.guardrail`.

Both syntheses run in turns and the best of each counts, because whatever else a machine does only makes one slower. The
ratio is what compares across machines.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import aws_cdk as cdk

from iconik_construct import IconikGuardrail, IconikStorage, StorageEncryption

__all__ = ["Cost", "measure"]

_DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
_STACKS = 4


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of a synthesis, without and with the guardrail."""

    storages: int
    without: float
    with_guardrail: float

    @property
    def ratio(self) -> float:
        """How many times as long the synthesis takes with the guardrail."""
        return self.with_guardrail / self.without

    def __str__(self) -> str:
        added = (self.with_guardrail - self.without) * 1000
        return (
            f"synthesis of {self.storages} storages: {self.without * 1000:.0f} ms; "
            f"the guardrail adds {added:.0f} ms, ratio {self.ratio:.3f}"
        )


def measure(storages: int = 100, turns: int = 9) -> Cost:
    """Return the best of several syntheses of half plain, half KMS-encrypted storages in four stacks."""
    without, with_guardrail = [], []
    # The first synthesis of a process loads the library's JavaScript.
    _seconds(_STACKS, guarded=True)
    for _ in range(turns):
        without.append(_seconds(storages, guarded=False))
        with_guardrail.append(_seconds(storages, guarded=True))
    return Cost(storages, min(without), min(with_guardrail))


def _seconds(storages: int, *, guarded: bool) -> float:
    app = cdk.App()
    if guarded:
        cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=_DOMAIN))
    stacks = [cdk.Stack(app, f"Media{number}") for number in range(_STACKS)]
    for number in range(storages):
        encryption = StorageEncryption.KMS if number % 2 else StorageEncryption.S3_MANAGED
        stack = stacks[number * _STACKS // storages]
        IconikStorage(stack, f"Storage{number}", system_domain_id=_DOMAIN, encryption=encryption)
    start = time.perf_counter()
    app.synth()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.stdout.write(f"{measure()}\n")
