"""Whether the bucket policy denies requests without TLS, in every form that IAM has for it."""

from __future__ import annotations

import pytest

from tests.assessment.asking import DOMAIN, OTHER, OURS, TAG, TLS, assessed, ids, policy


@pytest.mark.parametrize(
    ("condition", "is_warned"),
    [
        ({"StringEquals": {"aws:SecureTransport": "false"}}, False),
        ({"StringNotEquals": {"aws:SecureTransport": "true"}}, False),
        ({"StringEqualsIgnoreCase": {"AWS:securetransport": "FALSE"}}, False),
        ({"Bool": {"aws:SecureTransport": ["false"]}}, False),
        ({"Null": {"s3:TlsVersion": "true"}}, False),
        # Without TLS the key is missing, and a comparison of a missing key is false.
        ({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, True),
        ({"NumericLessThanIfExists": {"s3:TlsVersion": 1.3}}, False),
        ({"NumericNotEquals": {"s3:TlsVersion": ["1.2", "1.3"]}}, False),
        ({"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"StringEquals": {"aws:SecureTransport": "true"}}, True),
        ({"Null": {"s3:TlsVersion": "false"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}, "NumericLessThan": {"s3:TlsVersion": "1.2"}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {TAG: OTHER}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}, "StringLike": {"s3:prefix": "x/*"}}, True),
    ],
)
def test_a_deny_of_requests_without_tls_counts_however_it_is_written(condition, is_warned):
    found = assessed(policy=policy(*OURS, {**TLS, "Condition": condition}))
    assert ("ICONIK007" in ids(found)) is is_warned


@pytest.mark.parametrize(
    ("condition", "is_warned"),
    [
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"StringEquals": {"aws:SecureTransport": "true"}}, False),
        ({"NumericGreaterThanEquals": {"s3:TlsVersion": "1.2"}}, False),
        ({"Null": {"aws:SecureTransport": "false"}}, True),
        ({"NumericGreaterThanEqualsIfExists": {"s3:TlsVersion": "1.2"}}, True),
    ],
)
def test_an_allow_that_requires_tls_needs_no_deny(condition, is_warned):
    ours = [{**one, "Condition": {**one["Condition"], **condition}} for one in OURS]
    for one in ours:
        one["Condition"] |= {"StringEquals": {**condition.get("StringEquals", {}), TAG: DOMAIN}}
    assert ("ICONIK007" in ids(assessed(policy=policy(*ours)))) is is_warned
