"""What can go wrong between us and iconik, switched on by a test for the next requests that match."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto


class FaultKind(Enum):
    """What happens instead of the answer."""

    STATUS = auto()
    """Another status, with `{"errors": [...]}`."""
    DROP = auto()
    """The connection is closed without an answer."""
    NOT_JSON = auto()
    """A page in HTML under status 200."""
    SLOW = auto()
    """The answer comes after `seconds`."""
    REDIRECT = auto()
    """A redirect to `location`."""
    ECHO = auto()
    """A 400 whose text repeats the token that was sent."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault.

    Args:
        kind: what happens.
        method: the HTTP method that it is for; empty for all.
        path: what the request's path must end with; empty for all.
        times: how often.
        after_effect: whether the request is carried out before its answer is replaced.
        status: for STATUS.
        headers: for STATUS.
        seconds: for SLOW.
        location: for REDIRECT.
    """

    kind: FaultKind
    method: str = ""
    path: str = ""
    times: int = 1
    after_effect: bool = False
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0
    location: str = ""


class Faults:
    """The faults switched on, in the order they were added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[list[Fault]] = []

    def add(self, *faults: Fault) -> None:
        """Switch faults on."""
        with self._lock:
            self._waiting.extend([fault] * fault.times for fault in faults)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the next fault for such a request, and count it."""
        with self._lock:
            for times in self._waiting:
                fault = times[0]
                if method.startswith(fault.method) and path.endswith(fault.path):
                    times.pop()
                    if not times:
                        self._waiting.remove(times)
                    return fault
        return None

    @property
    def left(self) -> int:
        """How many have not happened yet."""
        return sum(map(len, self._waiting))
