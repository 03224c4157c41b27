"""Makes errors of this library from what the CDK refuses while it makes a bucket."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct
from jsii.errors import JSIIError

from ..errors import IconikTypeError, IconikValueError

__all__ = ["refusals_of_cdk"]

_LOGS_FLAG: Final = "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy"
_PLACE: Final = re.compile(r"(Key '\w+'|Index \d+): ")
"""A part of a value, in the tree that jsii prints of a value that it cannot use."""


@contextlib.contextmanager
def refusals_of_cdk(scope: Construct, props: Mapping[str, Any], prop: str) -> Iterator[None]:
    """Raise errors of this library for a bucket that is made in the `with` block.

    Args:
        scope: the scope of the bucket.
        props: the finished props of the new bucket.
        prop: the name for an error that is not about one prop.

    Raises:
        IconikTypeError: the CDK refuses the type of a part of a prop.
        IconikValueError: the CDK refuses the props; or the bucket for the logs has no ACLs, and a flag is off.
    """
    _refuse_logs_without_flag(scope, props)
    rule = "must have props that s3.Bucket accepts, but the CDK reports: {}"
    fix = "Change the props that the report names."
    try:
        yield
    except TypeError as error:
        raise IconikTypeError(prop, rule.format(error), fix=fix) from error
    except (RuntimeError, JSIIError) as error:
        if "LogDeliveryWrite" in str(error) and props.get("access_control") is None:
            if (logs := props.get("server_access_logs_bucket")) is not None:
                raise _logs_by_acl_elsewhere(logs) from error
            # A property injector has added the prefix.
            raise _logs_by_acl("a prefix of a property injector") from error
        raise IconikValueError(prop, rule.format(_reason(str(error))), fix=fix) from error


def _reason(text: str) -> str:
    """Return an error of the CDK in one line. Of jsii's tree, these are the places and the last reason."""
    *_, reason = text.split("╰─ ")
    return " ".join(f"{', '.join(_PLACE.findall(text))}: {reason}".split()).removeprefix(": ").removesuffix(".")


def _refuse_logs_without_flag(scope: Construct, props: Mapping[str, Any]) -> None:
    """Refuse logs that the CDK would allow by an ACL, on a bucket without ACLs.

    Without the flag, `s3.Bucket` fails with an error about an ownership that the caller did not set.
    Source: aws-cdk issue 22183.
    """
    prefix = props.get("server_access_logs_prefix")
    is_off = not cdk.FeatureFlags.of(scope).is_enabled(_LOGS_FLAG) if prefix is not None else None
    without_acls = props.get("object_ownership") is s3.ObjectOwnership.BUCKET_OWNER_ENFORCED
    if is_off and without_acls and props.get("server_access_logs_bucket") is None:
        raise _logs_by_acl(prefix)


def _logs_by_acl(got: object) -> IconikValueError:
    return IconikValueError(
        "bucket_props.server_access_logs_prefix",
        "must be left out without 'server_access_logs_bucket': the CDK allows S3 to write logs by an ACL, and "
        "this bucket has no ACLs",
        got=got,
        fix=f"Set the feature flag '{_LOGS_FLAG}' to true in cdk.json, or give a 'server_access_logs_bucket'.",
    )


def _logs_by_acl_elsewhere(logs: Construct) -> IconikValueError:
    return IconikValueError(
        "bucket_props.server_access_logs_bucket",
        "must be a bucket with ACLs: the CDK allows S3 to write logs by an ACL",
        got=logs.node.path,
        fix=f"Set the feature flag '{_LOGS_FLAG}' to true in cdk.json, and S3 writes logs without an ACL.",
    )
