"""What type checkers see of the props is what the CDK in use takes, in the lowest and in the newest version."""

from __future__ import annotations

import inspect

from aws_cdk import aws_s3 as s3

from iconik_construct.storage.bucket_prop_types import BucketProps, BucketPropsWithoutCors


def test_every_prop_of_the_installed_bucket_has_a_type():
    known = {*inspect.signature(s3.Bucket.__init__).parameters} - {"self", "scope", "id"}
    assert known - BucketProps.__optional_keys__ == set(), "run: python -m dev.typed_props"


def test_in_place_of_a_bucket_cors_alone_has_a_parameter_of_its_own():
    assert BucketProps.__optional_keys__ - BucketPropsWithoutCors.__optional_keys__ == {"cors"}
