"""Calls to AWS, and its errors in words to act on.

Nothing is retried here: after a failed write the policy must be read again first.
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

from .merge import Refusal

__all__ = ["Denied", "Elsewhere", "Gone", "Passing", "Unsure", "call", "client", "public_is_barred"]

_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "MethodNotAllowed", "403"})
_GONE: Final = frozenset({"KMSInvalidStateException", "NoSuchBucket", "NotFoundException"})
_MALFORMED: Final = frozenset({"MalformedPolicy", "MalformedPolicyDocumentException", "LimitExceededException"})
_UNSURE: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "DependencyTimeoutException",
        "InternalError",
        "InternalFailure",
        "KMSInternalException",
        "OperationAborted",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_FIRST_SERVER_ERROR = 500
_TOO_MANY_REQUESTS = 429


class Unsure(Exception):  # noqa: N818 - neither done nor refused
    """AWS was busy or did not answer: the call may or may not have taken effect, and may be made again."""


class Passing(Refusal):
    """A refusal of the kind that AWS gives in a thing's first seconds."""

    on_leaving = True
    """Whether it may pass also when our statements are taken out."""


class Denied(Passing):
    """Access denied: a new role's permissions take seconds to reach every part of AWS."""


class NoPrincipal(Passing):
    """A principal of the policy does not exist: a new role takes seconds to be known everywhere."""


class Gone(Passing):
    """The bucket or key does not exist, or is about to be deleted; a new bucket is not seen everywhere at once."""

    on_leaving = False


class Elsewhere(Refusal):
    """The bucket or key is in another account or region, so nothing of ours can ever have come there."""


def call(by: Any, operation: str, target: str, denied: str, **parameters: str) -> Any:
    """Make one call to AWS, and say in our words why it did not work."""
    try:
        return getattr(by, operation)(**parameters)
    except (HTTPClientError, NoConnectionError, ResponseParserError) as error:
        raise Unsure(f"AWS did not answer for {target}: {_said(error)}") from error
    except ClientError as error:
        code = error.response["Error"]["Code"]
        said = _said(error)
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in _UNSURE or status >= _FIRST_SERVER_ERROR or status == _TOO_MANY_REQUESTS:
            raise Unsure(f"AWS was not able to answer for {target}: {said}") from error
        if code in _GONE:
            raise Gone(f"{target[:1].upper()}{target[1:]} does not exist or is about to be deleted: {said}") from error
        if code in _DENIED and "BlockPublicPolicy" in said:
            raise public_is_barred(target) from error
        if code in _DENIED:
            service = by.meta.service_model.service_name
            action = f"{service}:{by.meta.method_to_api_mapping[operation]}"
            raise Denied(
                f"Access to {target} is denied: its role needs {action} there, {denied} AWS says: {said}"
            ) from error
        if code in _MALFORMED:
            kind = NoPrincipal if "invalid principal" in said.lower() else Refusal
            raise kind(
                f"AWS does not accept the merged policy for {target}, which is left as it was: {said}"
            ) from error
        raise
    except BotoCoreError as error:
        raise Refusal(f"The call for {target} could not be made: {_said(error)}") from error


def _said(error: Exception) -> str:
    """Return AWS's words, without botocore's count of tries that were never meant to be made."""
    return re.sub(r" \(reached max retries: \d+\)", "", str(error))


def public_is_barred(target: str) -> Refusal:
    return Refusal(
        f"The policy of {target} is left as it is: a statement in it is public, and under BlockPublicPolicy (of the "
        "bucket or of the account) AWS lets nobody write a public policy. Narrow the statement for everyone, or take "
        "the setting away, then deploy again."
    )


@functools.cache
def client(service: Literal["kms", "s3"]) -> BaseClient:
    made = boto3.client(
        service,
        config=Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"}),
    )
    if service == "s3":
        made.meta.events.register_first("needs-retry.s3", functools.partial(_stay_in_region, made.meta.region_name))
    return made


def _stay_in_region(here: str, response: tuple[Any, dict[str, Any]] | None, **_: object) -> None:
    """Refuse a bucket of another region, to which boto3 would silently redirect."""
    if response is None:
        return
    http, parsed = response
    error = parsed.get("Error", {})
    there = http.headers.get("x-amz-bucket-region") or error.get("Region")
    if there not in {None, here} or error.get("Code") == "PermanentRedirect":
        raise Elsewhere(
            f"The bucket is in the region {there or 'of another endpoint'} and this stack in {here}: put the storage "
            "into a stack of the bucket's region."
        )
