"""Store small texts in Parameter Store, below `/iconik-construct/`: locks, and wanted statements.

Every call is repeated while AWS is busy or the permissions of a new role are not effective yet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError

from . import backoff, calls
from .calls import EventualConsistencyError, TransientError, call, error_code

__all__ = ["PREFIX", "Parameter", "create", "delete", "overwrite", "read"]

PREFIX: Final = "/iconik-construct/"

_TRIES: Final = 5
_DENIED: Final = (
    f"on arn:aws:ssm:REGION:ACCOUNT:parameter{PREFIX}*, where the locks of all policies are. The stack gives this "
    "permission to the function's role: look for a permissions boundary, a service control policy or an adoption_role "
    "that removes it."
)


class Parameter(NamedTuple):
    """The value of a parameter, and the number of its writes."""

    value: str
    version: int


def read(name: str) -> Parameter | None:
    """Return a parameter, or None if there is none."""
    try:
        parameter = _call("get_parameter", name, Name=name)["Parameter"]
    except ClientError as error:
        if error_code(error) == "ParameterNotFound":
            return None
        raise
    return Parameter(str(parameter["Value"]), int(parameter["Version"]))


def create(name: str, value: str) -> bool:
    """Create a parameter. Return False if it exists already."""
    try:
        _call("put_parameter", name, Name=name, Value=value, Type="String", Overwrite=False)
    except ClientError as error:
        if error_code(error) == "ParameterAlreadyExists":
            return False
        raise
    return True


def overwrite(name: str, value: str) -> int:
    """Write a new or existing parameter, and return the number of its writes."""
    more = {"Type": "String", "Tier": "Intelligent-Tiering", "Overwrite": True}
    return int(_call("put_parameter", name, Name=name, Value=value, **more)["Version"])


def delete(name: str) -> None:
    """Delete a parameter if it exists."""
    try:
        _call("delete_parameter", name, Name=name)
    except ClientError as error:
        if error_code(error) != "ParameterNotFound":
            raise


def _call(operation: str, name: str, **parameters: Any) -> Any:
    return _patiently(lambda: call(calls.client("ssm"), operation, f"the parameter '{name}'", _DENIED, **parameters))


def _patiently(made: Callable[[], Any]) -> Any:
    for tried in range(_TRIES - 1):
        try:
            return made()
        except (TransientError, EventualConsistencyError):  # noqa: PERF203 - a wait is longer
            backoff.pause(backoff.SHORTEST_PAUSE * 2**tried)
    return made()
