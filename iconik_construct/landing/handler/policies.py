"""The bucket policy and the key policy as AWS gives and takes them, and its errors in words to act on.

Apart from the merging because nothing else here speaks to AWS. Nothing is retried here: after a failed write the policy
must be read again first.
"""

from __future__ import annotations

import functools
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.parsers import ResponseParserError

from .merge import BUCKET_POLICY, KEY_POLICY, PolicyKind, Refusal

__all__ = ["BucketPolicy", "Denied", "Elsewhere", "Gone", "KeyPolicy", "Policy", "Unsure"]

_HAND_OVER = "With Adoption.HAND_OVER the stack gives the statements to whoever owns the policy."

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


class Denied(Refusal):
    """Access denied, which may pass: a new role's permissions take seconds to reach every part of AWS."""


class Gone(Refusal):
    """The bucket or key does not exist, or is about to be deleted."""


class Elsewhere(Refusal):
    """The bucket or key is in another account or region, so nothing of ours can ever have come there."""


class Policy(Protocol):
    """A policy that others write too."""

    kind: PolicyKind
    physical_id: str
    touched: bool
    """Whether a write was tried, which may have taken effect even if it failed."""

    def read(self) -> str | None:
        """Return the policy, or None if there is none."""

    def write(self, text: str | None) -> None:
        """Replace the whole policy, or delete it."""


class BucketPolicy:
    """The policy of a bucket in this account and region."""

    kind = BUCKET_POLICY

    def __init__(self, bucket: str, account: str) -> None:
        self.touched = False
        self.physical_id = f"iconik-bucket-policy:{bucket}"
        self._bucket = bucket
        # AWS then refuses if the bucket belongs to somebody else.
        self._where = {"Bucket": bucket, "ExpectedBucketOwner": account}
        self._owner = account

    def read(self) -> str | None:
        """Return the bucket policy, or None if there is none."""
        try:
            return str(self._call("get_bucket_policy")["Policy"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
                return None
            raise

    def write(self, text: str | None) -> None:
        """Replace the whole bucket policy, or delete it."""
        self.touched = True
        if text is None:
            self._call("delete_bucket_policy")
        else:
            self._call("put_bucket_policy", Policy=text)

    def _call(self, operation: str, **more: str) -> Any:
        return _call(
            _client("s3"),
            operation,
            f"the bucket '{self._bucket}'",
            f"or the bucket is not in the account {self._owner}, and only its owner can change its policy. "
            f"{_HAND_OVER}",
            **self._where,
            **more,
        )


class KeyPolicy:
    """The policy of a customer managed key in this account and region."""

    kind = KEY_POLICY

    def __init__(self, arn: str, account: str) -> None:
        self.touched = False
        self.physical_id = f"iconik-key-policy:{arn}"
        self._arn = arn
        self._owner = account

    def read(self) -> str | None:
        """Return the key policy; every key has one."""
        self._check_reach()
        return str(self._call("get_key_policy")["Policy"])

    def write(self, text: str | None) -> None:
        """Replace the whole key policy. AWS's check that it leaves its writer in is never bypassed."""
        self.touched = True
        self._call("put_key_policy", Policy=str(text))

    def _check_reach(self) -> None:
        region, owner = self._arn.split(":")[3:5]
        here = _client("kms").meta.region_name
        for what, theirs, ours in (("account", owner, self._owner), ("region", region, here)):
            if theirs != ours:
                raise Elsewhere(
                    f"The key '{self._arn}' is in the {what} {theirs} and this stack in {ours}: its policy cannot be "
                    f"written from here. {_HAND_OVER}"
                )

    def _call(self, operation: str, **more: str) -> Any:
        hint = "or the key policy itself keeps the account's IAM policies out: then its owner must let this role in."
        return _call(
            _client("kms"), operation, f"the key '{self._arn}'", hint, KeyId=self._arn, PolicyName="default", **more
        )


def _call(client: Any, operation: str, target: str, denied: str, **parameters: str) -> Any:
    """Make one call to AWS, and say in our words why it did not work."""
    try:
        return getattr(client, operation)(**parameters)
    except (HTTPClientError, NoConnectionError, ResponseParserError) as error:
        raise Unsure(f"AWS did not answer for {target}: {error}") from error
    except ClientError as error:
        code = error.response["Error"]["Code"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in _UNSURE or status >= _FIRST_SERVER_ERROR or status == _TOO_MANY_REQUESTS:
            raise Unsure(f"AWS was not able to answer for {target}: {error}") from error
        if code in _GONE:
            raise Gone(f"{target[:1].upper()}{target[1:]} does not exist or is about to be deleted: {error}") from error
        if code in _DENIED:
            service = client.meta.service_model.service_name
            action = f"{service}:{client.meta.method_to_api_mapping[operation]}"
            raise Denied(
                f"Access to {target} is denied: its role needs {action} there, {denied} AWS says: {error}"
            ) from error
        if code in _MALFORMED:
            raise Refusal(
                f"AWS does not accept the merged policy for {target}, which is left as it was: {error}"
            ) from error
        raise
    except BotoCoreError as error:
        raise Refusal(f"The call for {target} could not be made: {error}") from error


@functools.cache
def _client(service: str) -> Any:
    client = boto3.client(
        service,
        config=Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"}),
    )
    if service == "s3":
        client.meta.events.register_first("needs-retry.s3", functools.partial(_stay_in_region, client.meta.region_name))
    return client


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
