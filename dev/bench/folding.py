"""How many prefixes of 24 characters fit into a bucket policy, beside one pair of statements for each prefix."""

from __future__ import annotations

from collections.abc import Callable

from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.access.statements import BUCKET_POLICY_LIMIT, bucket_statements, size_in_bytes

from .table import table

_BUCKET_ARN = "arn:aws:s3:::acme-media-masters"
_DOMAINS = ["0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"]


def folded(count: int) -> int:
    """Return the bytes of the library's policy for that many prefixes."""
    permissions = [IconikPermissions.read_write(prefix) for prefix in _prefixes(count)]
    return _policy_size(bucket_statements(permissions, _DOMAINS, _BUCKET_ARN))


def one_by_one(count: int) -> int:
    """Return the bytes with statements of its own for each prefix."""
    found = []
    for prefix in _prefixes(count):
        found.extend(bucket_statements([IconikPermissions.read_write(prefix)], _DOMAINS, _BUCKET_ARN))
    unique = {str(statement["Resource"]) + str(statement["Condition"]): statement for statement in found}
    return _policy_size(list(unique.values()))


def most_that_fit(size: Callable[[int], int]) -> int:
    """Return the largest number of prefixes whose policy AWS takes."""
    low, high = 0, 2000
    while low < high:
        middle = (low + high + 1) // 2
        if size(middle) <= BUCKET_POLICY_LIMIT:
            low = middle
        else:
            high = middle - 1
    return low


def report() -> str:
    """Return the table."""
    ours, naive = most_that_fit(folded), most_that_fit(one_by_one)
    rows = [
        ("prefixes that fit", ours, naive, f"{ours / naive:.1f}"),
        *(
            (f"bytes for {n} prefixes", f"{folded(n):,}", f"{one_by_one(n):,}", f"{folded(n) / one_by_one(n):.2f}")
            for n in (1, 10, naive)
        ),
    ]
    return table(
        "Prefixes of 24 characters, read and write", ("", "all in one statement", "one statement each", "ratio"), rows
    )


def _prefixes(count: int) -> list[str]:
    return [f"productions/title-{number:0>5}/" for number in range(count)]


def _policy_size(statements: list[dict[str, object]]) -> int:
    return size_in_bytes({"Version": "2012-10-17", "Statement": statements})
