"""Checks AWS regions: valid names, and the regions outside iconik's partition. Standard library only.

Source: AWS General Reference, "AWS service endpoints"; a test compares the patterns with botocore's list of regions.
"""

from __future__ import annotations

import re
from typing import Final

from ..errors import IconikTypeError, IconikValueError

__all__ = [
    "OTHER_PARTITION_PATTERN",
    "REGION_PATTERN",
    "is_in_other_partition",
    "is_region",
    "parse_region",
    "refuse_arn_of_other_partition",
    "refuse_other_partition",
]

OTHER_PARTITION_PATTERN: Final = "(cn|us-gov|us-iso[a-z]?|eu-iso[a-z]?|eusc)-"
"""Starts of the names of regions outside the partition `aws`."""
REGION_PATTERN: Final = (
    f"({OTHER_PARTITION_PATTERN}|[a-z]{{2}}-)([a-z]{{2}}-)?"
    "(north|south|east|west|central|northeast|northwest|southeast|southwest)-[0-9]{1,2}"
)
"""The name of a region of any partition: an area, a direction, a number. A region that AWS adds later has this form."""

_REGION: Final = re.compile(REGION_PATTERN)
_OTHER_PARTITION: Final = re.compile(OTHER_PARTITION_PATTERN)
_ARN_OF_OTHER_PARTITION: Final = re.compile(r"arn:aws-[a-z-]+:")
_RULE: Final = "must be in the partition 'aws': iconik's role is there, and an IAM role is valid in its partition only"
_FIX: Final = "Write a region such as 'eu-west-1'."


def is_region(value: str) -> bool:
    """Return whether the text has the form of a region's name."""
    return _REGION.fullmatch(value) is not None


def is_in_other_partition(region: str) -> bool:
    """Return whether the region is known to be outside the partition `aws`. A CDK token is not."""
    return _OTHER_PARTITION.match(region) is not None


def parse_region(value: str, prop: str = "region") -> str:
    """Return a region of the partition `aws`.

    Raises:
        IconikTypeError: not a string.
        IconikValueError: not a region, or a region of another partition.
    """
    if not isinstance(value, str):
        raise IconikTypeError(prop, "must be a string", got=value, fix=_FIX)
    if not is_region(value):
        raise IconikValueError(prop, "must be an AWS region", got=value, fix=_FIX)
    refuse_other_partition(value, prop)
    return value


def refuse_other_partition(region: str, prop: str = "region") -> None:
    """Refuse a region that is known to be outside the partition `aws`. A CDK token is not checked.

    Raises:
        IconikValueError: a region of China, GovCloud, the European Sovereign Cloud or an isolated partition.
    """
    if is_in_other_partition(region):
        raise IconikValueError(prop, _RULE, got=region, fix="Deploy the stack to a region such as 'eu-west-1'.")


def refuse_arn_of_other_partition(arn: str, prop: str) -> None:
    """Refuse an ARN of a partition other than `aws`. A CDK token is not checked.

    Raises:
        IconikValueError: an ARN of `aws-cn`, `aws-us-gov`, an isolated partition or the European Sovereign Cloud.
    """
    if _ARN_OF_OTHER_PARTITION.match(arn):
        raise IconikValueError(prop, _RULE, got=arn, fix="Give an ARN of the partition 'aws', such as 'arn:aws:...'.")
