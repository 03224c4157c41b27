"""Decide how long to wait before another try, and when to stop trying.

The Lambda function must end by itself: then its own error text reaches CloudFormation's events. A function that Lambda
stops leaves the reader with a time-out.
"""

from __future__ import annotations

import random
from time import sleep, time
from typing import Protocol

__all__ = ["LEAST_RESERVE", "SETTLING", "Backoff", "Context", "now", "pause"]

TRIES = 9
SHORTEST_PAUSE = 1.0
# Before a second read. AWS gives no bound for how late a written policy can be read; seconds are usual.
SETTLING = 6.0
LONGEST_PAUSE = 16.0
LEAST_RESERVE = 20.0  # One call at its slowest, and the answer itself.
RESERVE = 60.0  # And for the roll back of a create that failed half-way.


class Context(Protocol):
    """What Lambda tells a function about its own run."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run."""
        ...


class Backoff:
    """Pauses that grow, with jitter, for as long as the function may run."""

    def __init__(self, context: Context, *, reserve: float = RESERVE) -> None:
        self._context = context
        self._reserve = reserve
        self.tries = 1

    def settle(self) -> bool:
        """Wait until a policy written just before can be read. Return False if there is no time for that."""
        seconds = random.uniform(SETTLING, 1.5 * SETTLING)  # noqa: S311 - spreads writers, keeps no secret
        if not self._has_time(seconds):
            return False
        sleep(seconds)
        return True

    def retry(self) -> bool:
        """Wait before another try. Return False if another try is not worth it."""
        shortest = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** (self.tries - 1))
        seconds = random.uniform(shortest, 1.5 * shortest)  # noqa: S311 - as above
        if self.tries >= TRIES or not self._has_time(seconds):
            return False
        self.tries += 1
        sleep(seconds)
        return True

    def _has_time(self, seconds: float) -> bool:
        return self._context.get_remaining_time_in_millis() / 1000 >= seconds + self._reserve


def pause(shortest: float) -> None:
    """Wait at least so many seconds, with jitter."""
    sleep(random.uniform(shortest, 1.5 * shortest))  # noqa: S311 - as above


def now() -> float:
    """Return the seconds since 1970."""
    return time()
