"""Who gets in through an access point: where its policy and the policy of its bucket both let him."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from .iconik import Caller
from .questions import answerer
from .verdict import Verdict

__all__ = ["gets_in_through"]

_ASKED: Final = (
    ("s3:GetObject", "/object/x", "/x"),
    ("s3:PutObject", "/object/x", "/x"),
    ("s3:DeleteObject", "/object/x", "/x"),
    ("s3:ListBucket", "", ""),
)
"""An action, and what it acts upon, behind the ARN of the access point and behind that of the bucket."""


def gets_in_through(
    policy: Mapping[str, Any] | str,
    *,
    arn: str,
    network: str,
    bucket_policy: Mapping[str, Any] | str,
    bucket_arn: str,
    account: str,
    who: Caller,
) -> bool:
    """Tell whether somebody of another account gets in through an access point, or whether that is not known.

    Args:
        policy: the policy of the access point.
        arn: the access point.
        network: where it takes requests from, "Internet" or "VPC".
        bucket_policy: the policy of the bucket.
        bucket_arn: the bucket.
        account: the account that owns both.
        who: who asks.
    """
    through = {
        "s3:DataAccessPointArn": arn,
        "s3:DataAccessPointAccount": account,
        "s3:AccessPointNetworkOrigin": network,
    }
    both = ((answerer(policy), arn, 1), (answerer(bucket_policy), bucket_arn, 2))
    for asked in _ASKED:
        verdicts = []
        for answer, of, place in both:
            request = who.asks(asked[0], f"{of}{asked[place]}", account, {}, ())
            request = dataclasses.replace(
                request, context={**request.context, **through}, absent=frozenset(request.absent - set(through))
            )
            verdicts.append(answer(request).verdict)
        if Verdict.DENIED not in verdicts:
            return True
    return False
