"""Record in Parameter Store which registrations use a storage, so that a Delete does not remove a storage in use.

Each registration has its own two parameters for its storage: one is found by the storage, and one by the registration.
No parameter is read and written back, so parallel registrations lose nothing.
"""

from __future__ import annotations

import hashlib
from typing import Any

from .errors import RegistrationError
from .request import HOLDERS

__all__ = ["Holders"]

_CREATED, _ADOPTED = "created", "adopted"


class Holders:
    """The registrations that use storages, from the view of one of them.

    Args:
        stack_id: the id of the registration's stack.
        logical_id: the logical id of its custom resource.

    Attributes:
        claim: identifies the registration.
    """

    def __init__(self, stack_id: str, logical_id: str) -> None:
        self.claim = hashlib.sha256(f"{stack_id}\n{logical_id}".encode()).hexdigest()[:16]

    def hold(self, storage_id: str, *, created: bool) -> None:
        """Record that this registration uses the storage, and whether a registration created it."""
        value = _CREATED if created else _ADOPTED
        for name in self._names(storage_id):
            _call("put_parameter", Name=name, Value=value, Type="String", Overwrite=True)

    def release(self, storage_id: str) -> None:
        """Record that this registration no longer uses the storage."""
        _call("delete_parameters", Names=self._names(storage_id))

    def users(self, storage_id: str) -> dict[str, bool]:
        """Return the claims of the registrations that use the storage, each with whether a registration created it."""
        return _below(storage_id)

    def others(self, storage_id: str) -> list[str]:
        """Return the claims of the other registrations that use the storage."""
        return [claim for claim in self.users(storage_id) if claim != self.claim]

    def storages(self) -> list[str]:
        """Return the storages that this registration uses: one, if no run was interrupted."""
        return sorted(_below(self.claim))

    def _names(self, storage_id: str) -> list[str]:
        return [f"{HOLDERS}/{storage_id}/{self.claim}", f"{HOLDERS}/{self.claim}/{storage_id}"]


def _below(place: str) -> dict[str, bool]:
    """Return the last part of the name of each parameter, with whether a registration created the storage."""
    found: dict[str, bool] = {}
    more: dict[str, Any] = {}
    while True:
        answer = _call("get_parameters_by_path", Path=f"{HOLDERS}/{place}", **more)
        found.update((each["Name"].rpartition("/")[2], each["Value"] == _CREATED) for each in answer["Parameters"])
        if not answer.get("NextToken"):
            return found
        more = {"NextToken": answer["NextToken"]}


def _call(operation: str, **parameters: Any) -> Any:
    import boto3  # noqa: PLC0415 only the Lambda function has it
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        return getattr(boto3.client("ssm"), operation)(**parameters)
    except (BotoCoreError, ClientError) as error:
        raise RegistrationError(
            "The registrations that use the storage are not known: the function must be able to use the parameters "
            f"below {HOLDERS}/ of Parameter Store. AWS says: {error}"
        ) from None
