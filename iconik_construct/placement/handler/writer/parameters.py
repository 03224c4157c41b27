"""Store small texts in Parameter Store, below `/iconik-construct/`: locks, and wanted statements.

Every call is repeated while AWS is busy or the permissions of a new role are not effective yet.
"""

from __future__ import annotations

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
    answer = _call("get_parameter", name, otherwise="ParameterNotFound")
    return None if answer is None else Parameter(str(answer["Parameter"]["Value"]), int(answer["Parameter"]["Version"]))


def create(name: str, value: str) -> bool:
    """Create a parameter. Return False if it exists already."""
    made: dict[str, Any] = {"Value": value, "Type": "String", "Overwrite": False}
    return _call("put_parameter", name, otherwise="ParameterAlreadyExists", **made) is not None


def overwrite(name: str, value: str) -> int:
    """Write a new or existing parameter, and return the number of its writes."""
    made: dict[str, Any] = {"Value": value, "Type": "String", "Tier": "Intelligent-Tiering", "Overwrite": True}
    return int(_call("put_parameter", name, **made)["Version"])


def delete(name: str) -> None:
    """Delete a parameter if it exists."""
    _call("delete_parameter", name, otherwise="ParameterNotFound")


def _call(operation: str, name: str, *, otherwise: str = "", **more: Any) -> Any:
    """Make a call for a parameter. Return None if AWS answers with the error code `otherwise`."""
    tried = 1
    while True:
        try:
            return call(calls.client("ssm"), operation, f"the parameter '{name}'", _DENIED, Name=name, **more)
        except ClientError as error:
            if error_code(error) == otherwise:
                return None
            raise
        except (TransientError, EventualConsistencyError):
            if tried == _TRIES:
                raise
        backoff.pause(backoff.SHORTEST_PAUSE * 2 ** (tried - 1))
        tried += 1
