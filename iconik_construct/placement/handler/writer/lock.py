"""Let only one run at a time read and write a policy, for all stacks, deployments and watches.

The lock is a parameter, which only one run can create. Its value is the end time of the lock. If the run dies, the
lock ends at that time: the next run takes it over by a write that must be the first one after the read.
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
"""The maximum seconds for which a run can hold the lock. Every run stops before that."""
_SKEW: Final = 15.0
"""The maximum difference between the clocks of two functions."""
_POLL: Final = 1.0
_FRESH: Final = 5.0
"""The seconds after which a read of the parameter is too old. Every run holds the lock longer."""
_NAME_LENGTH: Final = 16


class PolicyLock:
    """The lock of one policy (an ARN), for a `with` block. It is also the context with the remaining time."""

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
                    f"lock {self._name} (a parameter of Parameter Store). Deploy again. The lock ends by itself after "
                    f"at most {LEASE + _SKEW:.0f} seconds."
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
            _log.exception("The lock %s could not be released, and ends by itself", self._name)

    def get_remaining_time_in_millis(self) -> int:
        """Return the time for which the run can still hold the lock."""
        return min(self._context.get_remaining_time_in_millis(), int((self._end - backoff.now()) * 1000))

    def _take(self) -> bool:
        started = backoff.now()
        parameter = parameters.read(self._name)
        if parameter is None:
            return parameters.create(self._name, self._value())
        owner, until = _read(parameter.value)
        if owner == self._owner:
            # The answer to the write was lost, and the write was repeated.
            return True
        if backoff.now() < until + _SKEW:
            return False
        _log.warning("The lock %s was left by a run that ended early. It is taken over.", self._name)
        writes = parameters.overwrite(self._name, self._value())
        # If more time has passed, others may have taken and released the lock since the read.
        if writes == parameter.version + 1 and backoff.now() - started < _FRESH:
            return True
        self._owner = ""
        return False

    def _value(self) -> str:
        self._end = backoff.now() + LEASE
        self._owner = secrets.token_hex(8)
        return json.dumps({"policy": self._policy, "until": self._end, "owner": self._owner})


def _read(value: str) -> tuple[str, float]:
    """Return the owner of a lock, and its end time."""
    try:
        fields = json.loads(value)
        return str(fields["owner"]), float(fields["until"])
    except (KeyError, TypeError, ValueError):
        return "nobody", 0.0
