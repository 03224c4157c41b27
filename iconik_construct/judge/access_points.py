"""Who gets in through an access point: where its policy and the policy of its bucket both let him."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .iconik import Caller
from .questions import answerer
from .verdict import Verdict

__all__ = ["who_gets_in_through"]

_ASKED: Final = (
    ("s3:GetObject", "/object/x", "/x"),
    ("s3:PutObject", "/object/x", "/x"),
    ("s3:DeleteObject", "/object/x", "/x"),
    ("s3:ListBucket", "", ""),
)
"""An action, and what it acts upon, behind the ARN of the access point and behind that of the bucket."""


def who_gets_in_through(
    policy: Mapping[str, Any] | str,
    *,
    arn: str,
    network: str,
    bucket_policy: Mapping[str, Any] | str,
    bucket_arn: str,
    account: str,
    people: Iterable[Caller],
) -> set[str]:
    """Return the names of those of another account who get in through an access point, or of whom that is not known.

    Args:
        policy: the policy of the access point.
        arn: the access point.
        network: where it takes requests from, "Internet" or "VPC".
        bucket_policy: the policy of the bucket.
        bucket_arn: the bucket.
        account: the account that owns both.
        people: who ask.
    """
    through = {
        "s3:DataAccessPointArn": arn,
        "s3:DataAccessPointAccount": account,
        "s3:AccessPointNetworkOrigin": network,
    }
    point, bucket = answerer(policy), answerer(bucket_policy)

    def is_let_in(who: Caller, action: str, at_point: str, at_bucket: str) -> bool:
        for answer, resource in ((point, f"{arn}{at_point}"), (bucket, f"{bucket_arn}{at_bucket}")):
            request = who.asks(action, resource, account, {}, ())
            request = dataclasses.replace(
                request, context={**request.context, **through}, absent=frozenset(request.absent - set(through))
            )
            if answer(request).verdict is Verdict.DENIED:
                return False
        return True

    return {who.name for who in people if any(is_let_in(who, *asked) for asked in _ASKED)}
