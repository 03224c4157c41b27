"""What a watch remembers from look to look, in one parameter for all its policies.

How often each was repaired, or two owners would undo each other for ever; and what was wrong with each when it was last
looked at, or a look at another one would call all of them right. Where the parameter cannot be had, what is wrong with
this one policy is told all the same, and nothing is repaired: how often it was is not known.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import time
from collections.abc import Mapping
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

__all__ = ["MOST_REPAIRS", "PERIOD", "Memory"]

_log = logging.getLogger(__name__)

MOST_REPAIRS: Final = 3
PERIOD: Final = 24 * 60 * 60
"""Seconds in which so many repairs are made, for each policy."""

_NAME_LENGTH: Final = 8
_REPAIRS: Final = "repairs"
_WRONG: Final = "wrong"


class Memory:
    """The parameter, as it is read at each look and written where something changes.

    Attributes:
        is_lost: whether it could not be read or written.
    """

    def __init__(self, parameter: str, policy: str, *, every: float) -> None:
        """Read it.

        Args:
            parameter: its name.
            policy: the ARN of the bucket or key whose policy is looked at.
            every: seconds between two looks at each policy; of one that was not looked at in twice that time nothing is
                known any more, as when it left the watch.
        """
        self._parameter = parameter
        self._name = hashlib.sha256(policy.encode()).hexdigest()[:_NAME_LENGTH]
        self._now = int(time.time())
        self.is_lost = False
        read = self._read()
        repairs, wrong = read.get(_REPAIRS, {}), read.get(_WRONG, {})
        self._repairs: dict[str, list[int]] = {
            name: moments for name, moments in repairs.items() if max(moments, default=0) > self._now - PERIOD
        }
        self._wrong: dict[str, tuple[int, int]] = {
            name: (count, moment) for name, (count, moment) in wrong.items() if moment > self._now - 2 * every
        }

    def may_repair(self) -> bool:
        """Tell whether the policy may be repaired once more, and remember that it is."""
        recent = [moment for moment in self._repairs.get(self._name, []) if moment > self._now - PERIOD]
        if self.is_lost or len(recent) >= MOST_REPAIRS:
            return False
        self._repairs[self._name] = [*recent, self._now]
        self._write()
        return not self.is_lost

    def wrong(self, count: int) -> int:
        """Remember how much is wrong with the policy, and return that of all policies of the watch."""
        before = self._wrong.pop(self._name, None)
        if count:
            self._wrong[self._name] = (count, self._now)
        if (count or before) and not self.is_lost:
            self._write()
        found = sum(each for each, _ in self._wrong.values())
        # A watch that cannot remember is wrong itself, or a right policy would set the alarm of a wrong one back.
        return max(found, 1) if self.is_lost else found

    def _read(self) -> Mapping[str, Any]:
        try:
            found = json.loads(_ssm().get_parameter(Name=self._parameter)["Parameter"]["Value"])
        except ValueError:
            return {}
        except (ClientError, BotoCoreError) as error:
            self._lose(error)
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self) -> None:
        held = {_REPAIRS: self._repairs, _WRONG: self._wrong}
        try:
            _ssm().put_parameter(
                Name=self._parameter, Value=json.dumps(held, separators=(",", ":")), Type="String", Overwrite=True
            )
        except (ClientError, BotoCoreError) as error:
            self._lose(error)

    def _lose(self, error: Exception) -> None:
        _log.error("The watch cannot remember in %s, and repairs nothing until it can: %s", self._parameter, error)
        self.is_lost = True


@functools.cache
def _ssm() -> Any:
    return boto3.client("ssm")
