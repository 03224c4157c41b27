"""Let one run at a time read and write a policy, whichever stack, deployment or watch it is for.

The lock is a parameter that only one run can create. Its value says until when the run may hold the lock. A run that
died holds it no longer than that: the next one takes it over by a write that must be the first after the read.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from types import TracebackType
from typing import Final

from botocore.exceptions import ClientError

from . import backoff, parameters
from .backoff import Context
from .calls import TransientError
from .merge import MergeError

__all__ = ["PolicyLock"]

_log = logging.getLogger(__name__)

LEASE: Final = 180.0
"""Seconds that a run may hold the lock. Every run stops by itself before."""
_SKEW: Final = 15.0
"""How far the clocks of two functions may differ."""
_POLL: Final = 1.0
_FRESH: Final = 5.0
"""Seconds after which a read says too little about the parameter. Every run holds the lock longer."""
_NAME_LENGTH: Final = 16


class PolicyLock:
    """The lock of one policy (an ARN), held in a `with` block. It is also the time that the run has left there."""

    def __init__(self, policy: str, context: Context) -> None:
        self._policy = policy
        self._context = context
        self._name = f"{parameters.PREFIX}locks/{hashlib.sha256(policy.encode()).hexdigest()[:_NAME_LENGTH]}"
        self._end = 0.0
        self._owner = ""

    def __enter__(self) -> PolicyLock:
        if parameters.create(self._name, self._value()):
            return self
        while not self._take():
            if self._context.get_remaining_time_in_millis() / 1000 < backoff.RESERVE + backoff.LEAST_RESERVE:
                raise TransientError(
                    f"The policy of {self._policy} is being changed by another deployment or watch, which holds the "
                    f"lock {self._name} (a parameter of Parameter Store). Deploy again. A lock ends by itself after "
                    f"{LEASE + _SKEW:.0f} seconds."
                )
            backoff.pause(_POLL)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if backoff.now() >= self._end:
            return
        try:
            parameters.delete(self._name)
        except (MergeError, TransientError, ClientError):
            _log.exception("The lock %s is left, and ends by itself", self._name)

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the run may still hold the lock."""
        return min(self._context.get_remaining_time_in_millis(), int((self._end - backoff.now()) * 1000))

    def _take(self) -> bool:
        asked = backoff.now()
        held = parameters.read(self._name)
        if held is None:
            return parameters.create(self._name, self._value())
        owner, until = _read(held.value)
        if owner == self._owner:
            # The answer to the write was lost, and the write was tried again.
            return True
        if backoff.now() < until + _SKEW:
            return False
        _log.warning("The lock %s was left by a run that ended early. It is taken over.", self._name)
        writes = parameters.overwrite(self._name, self._value())
        # Later, others may have taken the lock and released it since the read.
        if writes == held.version + 1 and backoff.now() - asked < _FRESH:
            return True
        self._owner = ""
        return False

    def _value(self) -> str:
        self._end = backoff.now() + LEASE
        self._owner = secrets.token_hex(8)
        return json.dumps({"policy": self._policy, "until": self._end, "owner": self._owner})


def _read(value: str) -> tuple[str, float]:
    """Return the owner of a lock, and until when it holds the lock."""
    try:
        found = json.loads(value)
        return str(found["owner"]), float(found["until"])
    except (KeyError, TypeError, ValueError):
        return "nobody", 0.0
