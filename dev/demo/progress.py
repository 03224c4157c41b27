"""Prints the current step and its duration, so that a failure or Ctrl-C can be located."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

__all__ = ["Progress"]

_WIDTH: Final = 44
_PATIENCE: Final = 2.0
"""The seconds after which a message appears."""


class Progress:
    """The steps of one run. `current` is the running or the failed step."""

    def __init__(self) -> None:
        self.current = "prepare"
        self._begun = time.monotonic()

    @property
    def seconds(self) -> float:
        """The duration of the run."""
        return time.monotonic() - self._begun

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Announce a step, and print its duration at the end."""
        self.current = name
        sys.stdout.write(f"  {name} {'.' * (_WIDTH - len(name))} ")
        sys.stdout.flush()
        started = time.monotonic()
        done = Event()
        # Dots make sense only in a terminal.
        ticks = Thread(target=self._tick, args=(done, f"  {name} {'.' * (_WIDTH - len(name))} "), daemon=True)
        if sys.stdout.isatty():
            ticks.start()
        try:
            yield
        except BaseException as error:
            self._stop(ticks, done)
            sys.stdout.write("interrupted\n" if isinstance(error, KeyboardInterrupt) else "failed\n")
            sys.stdout.flush()
            raise
        self._stop(ticks, done)
        sys.stdout.write(f"{time.monotonic() - started:.1f} s\n")
        sys.stdout.flush()

    @staticmethod
    def _stop(ticks: Thread, done: Event) -> None:
        done.set()
        if ticks.is_alive():
            ticks.join()

    @staticmethod
    def _tick(done: Event, line: str) -> None:
        started = time.monotonic()
        while not done.wait(_PATIENCE):
            sys.stdout.write(f"\r{line}{time.monotonic() - started:.0f} s and going")
            sys.stdout.flush()
        sys.stdout.write(f"\r{line}\033[K")
        sys.stdout.flush()
