from __future__ import annotations

import re

import pytest
from boto3.session import Session

from iconik_construct import IconikTypeError, IconikValueError
from iconik_construct.access.regions import (
    REGION_PATTERN,
    is_in_other_partition,
    is_region,
    parse_region,
    refuse_other_partition,
)


def test_every_region_that_botocore_knows_is_a_region_of_its_partition():
    session = Session()
    regions = {
        region: partition
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("s3", partition_name=partition)
    }
    assert len(regions) > 30
    assert [region for region in regions if not is_region(region)] == []
    assert {region for region in regions if is_in_other_partition(region)} == {
        region for region, partition in regions.items() if partition != "aws"
    }


@pytest.mark.parametrize(
    "region", ["us-est-1", "eu-west", "Frankfurt", "eu_west_1", "eu-west-1a", "euwest1", "", "EU-WEST-1", "*"]
)
def test_a_misspelt_region_is_refused(region: str):
    assert not re.fullmatch(REGION_PATTERN, region)
    with pytest.raises(IconikValueError, match="'region' must be an AWS region"):
        parse_region(region)


def test_a_region_of_another_type_is_refused():
    with pytest.raises(IconikTypeError, match="'region' must be a string"):
        parse_region(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "region", ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "eusc-de-east-1"]
)
def test_a_region_of_another_partition_is_refused_with_the_reason(region: str):
    with pytest.raises(IconikValueError, match="iconik's role is there"):
        parse_region(region)


@pytest.mark.parametrize(
    "region", ["us-east-1", "eu-west-1", "ap-southeast-7", "mx-central-1", "${Token[AWS.Region.4]}"]
)
def test_a_region_of_the_partition_aws_or_an_unknown_one_is_accepted(region: str):
    refuse_other_partition(region)
