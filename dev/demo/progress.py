"""Says which step is under way and how long it took, so that a failure or Ctrl-C can be placed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["Progress"]

_WIDTH: Final = 44


class Progress:
    """The steps of one run; `current` is the one under way, or the one that failed."""

    def __init__(self) -> None:
        self.current = "prepare"

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Announce a step and, once it is done, say how long it took."""
        self.current = name
        sys.stdout.write(f"  {name} {'.' * (_WIDTH - len(name))} ")
        sys.stdout.flush()
        started = time.monotonic()
        try:
            yield
        except BaseException as error:
            sys.stdout.write("interrupted\n" if isinstance(error, KeyboardInterrupt) else "failed\n")
            sys.stdout.flush()
            raise
        sys.stdout.write(f"{time.monotonic() - started:.1f} s\n")
        sys.stdout.flush()
