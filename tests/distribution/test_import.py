"""What importing the library loads: of the CDK no more than a new storage needs, and nothing in Node."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

LOADED = """
import sys
from iconik_construct import IconikBucketAccess, IconikKeyAccess, IconikStorage
print(*sorted(name for name in sys.modules if name.startswith("aws_cdk.")))
"""
CALLED = """
import aws_cdk, constructs
from aws_cdk import aws_iam, aws_kms, aws_s3
aws_iam.PolicyStatement, aws_kms.Key, aws_s3.Bucket
from dev.bench.kernel_calls import counted_calls
with counted_calls() as calls:
    from iconik_construct import IconikBucketAccess, IconikKeyAccess, IconikStorage
assert calls == [], calls
"""
PURE = """
import sys
import iconik_construct
from iconik_construct import ICONIK_ROLE_ARN, Adoption, IconikPermissions, IconikValueError, Placement
assert not {"aws_cdk", "jsii", "boto3", "pydantic", "yaml"} & set(sys.modules)
import iconik_construct.config.document, iconik_construct.config.schema
assert not {"aws_cdk", "jsii", "boto3"} & set(sys.modules)
"""
EXTRAS = """
import sys
from iconik_construct import *
from iconik_construct import testing
assert "aws_cdk" in sys.modules
assert not {"pydantic", "yaml", "boto3"} & set(sys.modules)
"""


def run(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603


def test_a_storage_loads_no_part_of_the_cdk_that_only_adoption_needs():
    loaded = run(LOADED).split()
    assert "aws_cdk.aws_s3" in loaded
    assert not {"aws_cdk.aws_lambda", "aws_cdk.aws_logs", "aws_cdk.custom_resources"} & set(loaded)


def test_importing_the_library_calls_nothing_in_the_kernel():
    run(CALLED)


def test_only_the_file_of_storages_loads_what_it_is_read_with():
    run(EXTRAS)


def test_what_has_no_construct_in_it_loads_neither_cdk_nor_boto():
    run(PURE)
