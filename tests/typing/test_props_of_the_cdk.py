"""The types of `bucket_props` are those of the installed CDK."""

from __future__ import annotations

from importlib import metadata

from dev.typed_props.bucket_props import FILE, bucket_props, source, version_of


def test_the_committed_types_are_those_that_the_installed_cdk_has():
    written = FILE.read_text(encoding="utf-8")
    assert set(bucket_props()) <= set(typed()), "run: python -m dev.typed_props"
    if version_of(written) == metadata.version("aws-cdk-lib"):
        assert written == source(), "run: python -m dev.typed_props"


def typed() -> set[str]:
    from iconik_construct.storage.bucket_prop_types import BucketProps  # noqa: PLC0415

    return {*BucketProps.__required_keys__, *BucketProps.__optional_keys__}
