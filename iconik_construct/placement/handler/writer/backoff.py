"""Decide how long to wait before the next try, and when to stop.

The Lambda function must end by itself, so that CloudFormation's events show its error text. If Lambda stops a
function, the reader sees only a timeout.
"""

from __future__ import annotations

import random
from time import sleep, time
from typing import Protocol

__all__ = ["LEAST_RESERVE", "SETTLING", "Backoff", "Context", "now", "pause"]

TRIES = 9
SHORTEST_PAUSE = 1.0
# The wait before a second read. AWS gives no limit for the delay of reads; seconds are usual.
SETTLING = 6.0
LONGEST_PAUSE = 16.0
LEAST_RESERVE = 20.0  # One slow call, and the answer.
RESERVE = 60.0  # And the roll back of a Create that failed halfway.


class Context(Protocol):
    """The part of Lambda's context that is used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining run time."""
        ...


class Backoff:
    """Growing pauses with jitter, within the run time of the function."""

    def __init__(self, context: Context, *, reserve: float = RESERVE) -> None:
        self._context = context
        self._reserve = reserve
        self.tries = 1

    def settle(self) -> bool:
        """Wait until a policy that was just written can be read. Return False if there is no time for that."""
        seconds = random.uniform(SETTLING, 1.5 * SETTLING)  # noqa: S311 - spreads writers, keeps no secret
        if not self._has_time(seconds):
            return False
        sleep(seconds)
        return True

    def retry(self) -> bool:
        """Wait before another try. Return False if there is no time for another try."""
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
