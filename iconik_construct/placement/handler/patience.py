"""How long to wait before another try, and when to stop trying.

Apart because the Lambda function must end by itself: an answer in our words reaches CloudFormation's events, a function
that is cut off leaves its reader with a time-out.
"""

from __future__ import annotations

import random
from time import sleep
from typing import Protocol

__all__ = ["LEAST_RESERVE", "Context", "Patience"]

TRIES = 9
SHORTEST_PAUSE = 1.0
# Between two reads that must agree, and between a write and the look at what has come of it. AWS gives no bound for how
# late a written policy may be read; seconds are usual.
SETTLING = 6.0
LONGEST_PAUSE = 16.0
# One call at its slowest, and the answer itself.
LEAST_RESERVE = 20.0
# And for taking our statements out again after a create that failed half-way.
RESERVE = 60.0


class Context(Protocol):
    """What Lambda tells a function about its own run."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run."""
        ...


class Patience:
    """Pauses that grow, with jitter, for as long as the function may run."""

    def __init__(self, context: Context, *, reserve: float = RESERVE) -> None:
        self._context = context
        self._reserve = reserve
        self.tries = 1

    def settle(self) -> bool:
        """Wait so long that a policy written just before can be read, and tell whether there was time for it."""
        seconds = random.uniform(SETTLING, 1.5 * SETTLING)  # noqa: S311 - as below
        if self._context.get_remaining_time_in_millis() / 1000 < seconds + self._reserve:
            return False
        sleep(seconds)
        return True

    def pause(self, *, after_write: bool = False) -> bool:
        """Wait, and tell whether another try is worth it.

        After a write so long that the next look shows what has come of ours: who has read the policy without it, which
        is possible until it can be read everywhere, has then written, and that can be read in turn.
        """
        shortest = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** (self.tries - 1))
        if after_write:
            shortest = max(SETTLING, shortest)
        seconds = random.uniform(shortest, 1.5 * shortest)  # noqa: S311 - spreads writers, keeps no secret
        if self.tries >= TRIES or self._context.get_remaining_time_in_millis() / 1000 < seconds + self._reserve:
            return False
        self.tries += 1
        sleep(seconds)
        return True
