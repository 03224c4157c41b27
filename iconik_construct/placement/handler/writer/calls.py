"""Make one call to AWS, and translate its error into a text with a fix.

Nothing is retried here, because after a failed write the policy must be read again first.
"""

from __future__ import annotations

import functools
import re
from typing import Any, Final, Literal

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.parsers import ResponseParserError

from .merge import MergeError

__all__ = [
    "AccessDenied",
    "EventualConsistencyError",
    "ResourceNotFound",
    "TransientError",
    "WrongAccountOrRegion",
    "call",
    "client",
    "error_code",
    "public_policy_blocked",
]

_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "MethodNotAllowed", "403"})
_NOT_FOUND: Final = frozenset({"KMSInvalidStateException", "NoSuchBucket", "NotFoundException"})
_MALFORMED: Final = frozenset({"MalformedPolicy", "MalformedPolicyDocumentException", "LimitExceededException"})
_TRANSIENT: Final = frozenset(
    "BandwidthLimitExceeded DependencyTimeoutException InternalError InternalFailure InternalServerError "  # noqa: SIM905
    "KMSInternalException OperationAborted RequestLimitExceeded RequestTimeout RequestTimeoutException "
    "ServiceUnavailable SlowDown Throttling ThrottlingException TooManyRequestsException TooManyUpdates".split()
)
_FIRST_SERVER_ERROR = 500
_TOO_MANY_REQUESTS = 429


class TransientError(Exception):
    """AWS was busy or did not answer. The call may have taken effect. It can be repeated."""


class EventualConsistencyError(MergeError):
    """An error that AWS also returns in the first seconds of a new role, principal, bucket or key."""

    retried_on_delete = True
    """Whether a Delete tries again too."""


class AccessDenied(EventualConsistencyError):  # noqa: N818 - AWS's name for it
    """Access is denied. The permissions of a new role take seconds to be effective everywhere in AWS."""


class UnknownPrincipal(EventualConsistencyError):  # noqa: N818 - as above
    """A principal of the policy does not exist. A new role takes seconds to be known everywhere."""


class ResourceNotFound(EventualConsistencyError):  # noqa: N818 - as above
    """The bucket or key does not exist, or is scheduled for deletion. A new bucket takes seconds to be known."""

    retried_on_delete = False


class WrongAccountOrRegion(MergeError):  # noqa: N818 - as above
    """The bucket or key is in another account or region, so this function never wrote its policy."""


def error_code(error: ClientError) -> str:
    """Return the code of an AWS error; empty if the answer has none."""
    return error.response.get("Error", {}).get("Code", "")


def call(by: Any, operation: str, target: str, denied: str, **parameters: Any) -> Any:
    """Make one call to AWS. An error explains the failure.

    Raises:
        TransientError: AWS was busy or did not answer.
        MergeError: AWS refused.
        ClientError: an error that this function does not know.
    """
    try:
        return getattr(by, operation)(**parameters)
    except (HTTPClientError, NoConnectionError, ResponseParserError) as error:
        raise TransientError(f"AWS did not answer for {target}: {_message(error)}") from error
    except ClientError as error:
        code, message = error_code(error), _message(error)
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _TRANSIENT or status >= _FIRST_SERVER_ERROR or status == _TOO_MANY_REQUESTS:
            raise TransientError(f"AWS did not answer for {target}. Deploy again. AWS says: {message}") from error
        if code in _NOT_FOUND:
            raise ResourceNotFound(
                f"{target[:1].upper()}{target[1:]} does not exist or is about to be deleted: {message}"
            ) from error
        if code in _DENIED and "BlockPublicPolicy" in message:
            raise public_policy_blocked(target) from error
        if code in _DENIED:
            service = by.meta.service_model.service_name
            action = f"{service}:{by.meta.method_to_api_mapping[operation]}"
            raise AccessDenied(
                f"Access to {target} is denied. AWS says: {message}. The function's role needs {action} there, {denied}"
            ) from error
        if code in _MALFORMED:
            kind = UnknownPrincipal if "invalid principal" in message.lower() else MergeError
            raise kind(
                f"AWS does not accept the merged policy for {target}. The policy is not changed: {message}"
            ) from error
        raise
    except BotoCoreError as error:
        raise MergeError(f"The call for {target} could not be made: {_message(error)}") from error


def _message(error: Exception) -> str:
    """Return AWS's text without botocore's number of retries, which are switched off."""
    return re.sub(r" \(reached max retries: \d+\)", "", str(error))


def public_policy_blocked(target: str) -> MergeError:
    """Return the error for a policy that BlockPublicPolicy refuses."""
    return MergeError(
        f"The policy of {target} was not changed. It has a public statement, and with BlockPublicPolicy (of the bucket "
        "or of the account) AWS accepts no public policy. Narrow that statement or switch the setting off, then deploy "
        "again."
    )


@functools.cache
def client(service: Literal["kms", "s3", "ssm"]) -> BaseClient:
    made = boto3.client(
        service,
        config=Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"}),
    )
    if service == "s3":
        made.meta.events.register_first("needs-retry.s3", functools.partial(_stay_in_region, made.meta.region_name))
    return made


def _stay_in_region(here: str, response: tuple[Any, dict[str, Any]] | None, **_: object) -> None:
    """Refuse a bucket of another region. boto3 would redirect to it without an error."""
    if response is None:
        return
    http, parsed = response
    error = parsed.get("Error", {})
    there = http.headers.get("x-amz-bucket-region") or error.get("Region")
    if there not in {None, here} or error.get("Code") == "PermanentRedirect":
        raise WrongAccountOrRegion(
            f"The bucket is in the region {there or 'of another endpoint'} and this stack in {here}: move the storage "
            "to a stack in the bucket's region."
        )
