"""The entry point of the Lambda function: reads the token and handles the event."""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

from .client import Credentials, IconikClient
from .errors import RegistrationError
from .holders import Holders
from .registrar import Registered, Registrar, storage_id_of
from .request import RegistrationRequest

logging.getLogger().setLevel(logging.INFO)

_RESERVED_SECONDS: Final = 120.0
"""The seconds that are reserved for the steps after the wait."""


class Context(Protocol):
    """The part of Lambda's context that is used here."""

    def get_remaining_time_in_millis(self) -> int: ...


def on_event(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Answer one event of the custom resource."""
    request = RegistrationRequest.from_properties(event["ResourceProperties"])
    if event["RequestType"] == "Delete":
        withdraw(request, event["PhysicalResourceId"], _holders(event))
        return {"PhysicalResourceId": event["PhysicalResourceId"]}
    seconds = min(request.settle_seconds, context.get_remaining_time_in_millis() / 1000 - _RESERVED_SECONDS)
    registrar = _registrar(request, _countdown(seconds), _holders(event))
    if event["RequestType"] == "Create":
        return _answer(registrar.register())
    return _answer(registrar.update(event["PhysicalResourceId"]))


def withdraw(request: RegistrationRequest, physical_id: str, holders: Holders) -> None:
    """Withdraw the storage. If it stays in iconik, an unreadable token is not an error."""
    try:
        registrar = _registrar(request, _countdown(0), holders)
    except RegistrationError:
        if request.removed_on_delete:
            raise
        with contextlib.suppress(RegistrationError):
            holders.release(storage_id_of(physical_id))
        logging.getLogger(__name__).warning("The token cannot be read: storage %s is not changed", physical_id)
        return
    registrar.withdraw(physical_id)


def read_credentials(secret_arn: str) -> Credentials:
    """Read App-ID and Auth-Token from Secrets Manager.

    Raises:
        RegistrationError: the secret does not exist, cannot be read, or has another form. Its value is never quoted.
    """
    import boto3  # noqa: PLC0415 only the Lambda function has it
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        text = boto3.client("secretsmanager").get_secret_value(SecretId=secret_arn)["SecretString"]
        secret = json.loads(text)
        return Credentials(secret["app_id"], secret["auth_token"])
    except (BotoCoreError, ClientError) as error:
        # If the role may read only one secret, AWS also denies access to a secret that does not exist.
        raise RegistrationError(
            f"The secret {secret_arn} cannot be read. Either this account and region has no secret of this name, or "
            f"this function may not read it or its key: {error}"
        ) from None
    except (KeyError, TypeError, ValueError):
        raise RegistrationError(
            f'The secret {secret_arn} must hold {{"app_id": "…", "auth_token": "…"}}: the App-ID and the Auth-Token of '
            "an application in iconik (Admin > Settings > Application Tokens)."
        ) from None


def _holders(event: dict[str, Any]) -> Holders:
    return Holders(event.get("StackId", ""), event.get("LogicalResourceId", ""))


def _registrar(request: RegistrationRequest, remaining: Callable[[], float], holders: Holders) -> Registrar:
    credentials = read_credentials(request.credentials_arn)
    return Registrar(request, IconikClient(request.base_url, credentials), remaining=remaining, holders=holders)


def _countdown(seconds: float) -> Callable[[], float]:
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


def _answer(registered: Registered) -> dict[str, Any]:
    attributes = {
        f"{finding.check.name.capitalize()}": str(finding.passed).lower()
        for finding in registered.verification.findings
    }
    return {
        "PhysicalResourceId": registered.physical_id,
        "Data": {"StorageId": registered.storage_id, **attributes},
    }
