"""Note in Parameter Store which registrations hold a storage, so that a Delete never takes it from another one.

Each registration has a parameter of its own for its storage: nothing is read and written back, so nothing is lost when
two registrations come at once.
"""

from __future__ import annotations

import hashlib
from typing import Any

from .errors import RegistrationError
from .request import HOLDERS

__all__ = ["Holders"]

_CREATED, _ADOPTED = "created", "adopted"


class Holders:
    """The registrations that hold storages, seen from one of them.

    Args:
        stack_id: of the registration's stack.
        logical_id: of its custom resource.
    """

    def __init__(self, stack_id: str, logical_id: str) -> None:
        self._claim = hashlib.sha256(f"{stack_id}\n{logical_id}".encode()).hexdigest()[:16]

    def hold(self, storage_id: str, *, created: bool) -> None:
        """Note that this registration holds the storage, and whether a registration created it."""
        value = _CREATED if created else _ADOPTED
        _call("put_parameter", Name=self._name(storage_id), Value=value, Type="String", Overwrite=True)

    def release(self, storage_id: str) -> None:
        """Note that this registration no longer holds the storage."""
        _call("delete_parameters", Names=[self._name(storage_id)])

    def others(self, storage_id: str) -> dict[str, bool]:
        """Return the other registrations that hold the storage, each with whether a registration created it."""
        found: dict[str, bool] = {}
        more: dict[str, Any] = {}
        while True:
            answer = _call("get_parameters_by_path", Path=f"{HOLDERS}/{storage_id}", **more)
            found.update((each["Name"], each["Value"] == _CREATED) for each in answer["Parameters"])
            if not answer.get("NextToken"):
                break
            more = {"NextToken": answer["NextToken"]}
        found.pop(self._name(storage_id), None)
        return found

    def _name(self, storage_id: str) -> str:
        return f"{HOLDERS}/{storage_id}/{self._claim}"


def _call(operation: str, **parameters: Any) -> Any:
    import boto3  # noqa: PLC0415 only the Lambda function has it
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        return getattr(boto3.client("ssm"), operation)(**parameters)
    except (BotoCoreError, ClientError) as error:
        raise RegistrationError(
            f"Which registrations hold the storage is not known: the function must be able to use the parameters below "
            f"{HOLDERS}/ of Parameter Store. AWS says: {error}"
        ) from None
