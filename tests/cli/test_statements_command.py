"""The command `iconik-construct statements`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from iconik_construct import Adoption, Cors, IconikPermissions, IconikStorage, StoragePurpose
from iconik_construct.access.perimeter import perimeter_policy
from iconik_construct.cli.main import main

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
KEY = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"

CALLS = {
    "as it is": ([], {}),
    "below prefixes": (
        ["--prefix", "masters/", "--prefix", "proxies/"],
        {"permissions": IconikPermissions.read_write("masters/", "proxies/")},
    ),
    "reading": (["--permissions", "read"], {"permissions": IconikPermissions.read()}),
    "no delete": (["--no-delete"], {"permissions": IconikPermissions.read_write(delete=False)}),
    "an archive": (
        ["--permissions", "ARCHIVE"],
        {"permissions": IconikPermissions.for_purpose(StoragePurpose.ARCHIVE)},
    ),
    "admin": (["--permissions", "admin"], {"permissions": IconikPermissions.admin()}),
    "CORS by you": (["--no-cors"], {"cors": Cors.by_template()}),
    "through S3 only": (["--via-s3-only", "eu-west-1"], {"via_s3_only": True}),
}


def deployed(value: Any) -> str:
    """Return what CloudFormation makes of an output whose only function is a join with the partition."""
    if isinstance(value, str):
        return value
    separator, parts = value["Fn::Join"]
    return separator.join("aws" if part == {"Ref": "AWS::Partition"} else part for part in parts)


def call(*more: str) -> list[str]:
    return ["statements", "--system-domain-id", DOMAIN, "--bucket", "acme-media", "--key-arn", KEY, *more]


@pytest.mark.parametrize("name", CALLS)
def test_it_prints_the_statements_of_the_construct(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    options, props = CALLS[name]
    app = cdk.App()
    stack = cdk.Stack(app, "Media", env=cdk.Environment(account="444455556666", region="eu-west-1"))
    IconikStorage(
        stack,
        "Masters",
        system_domain_id=DOMAIN,
        bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "acme-media"),
        encryption_key=kms.Key.from_key_arn(stack, "Key", KEY),
        adoption=Adoption.HAND_OVER,
        **props,
    )
    outputs = Template.from_stack(stack).find_outputs("*")
    by_construct = {
        kind: next(json.loads(deployed(one["Value"])) for name, one in outputs.items() if f"{kind}Policy" in name)
        for kind in ("Bucket", "Key")
    }
    # The construct tells its statements from those of others by a suffix.
    suffix = by_construct["Key"]["Statement"][0]["Sid"].removeprefix("IconikKey")
    assert main(call(*options, "--sid-suffix", suffix)) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == {f"{kind}Policy": policy for kind, policy in by_construct.items()}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--system-domain-id", "acme"], "'--system-domain-id' must be a UUID, got 'acme'"),
        (["--bucket", "ACME"], "'--bucket' must be 3 to 63 lower case letters"),
        (["--bucket", "${Token[TOKEN.1]}"], "'--bucket' must be written out"),
        (["--system-domain-id", "${Token[TOKEN.1]}"], "'--system-domain-id' must be written out"),
        (["--key-arn", "alias/media"], "'--key-arn' must be the ARN of a key, not of an alias"),
        (["--prefix", "masters"], "'prefixes' must end with '/', got 'masters'"),
        (["--permissions", "admin", "--no-delete"], "'delete' must be True for the role Admin"),
        (["--via-s3-only", "Ireland"], "'--via-s3-only' must be an AWS region"),
        (["--via-s3-only", "cn-north-1"], "'--via-s3-only' must be in the partition 'aws'"),
        (
            ["--iconik-role-arn", "arn:aws:iam::283217727627:root"],
            "'--iconik-role-arn' must be the ARN of one",
        ),
        (["--sid-suffix", "of-two"], "'--sid-suffix' must be letters and digits"),
        (["--format", "terraform", "--prefix", "&{a}/"], "'terraform' cannot write '&{'"),
    ],
)
def test_a_wrong_call_prints_the_fix(more: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(call(*more)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err


def test_a_service_for_no_key_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statements", "--system-domain-id", DOMAIN, "--bucket", "media", "--via-s3-only", "eu-west-1"]) == 2
    assert "Name the key with --key-arn." in capsys.readouterr().err


def test_the_example_domain_causes_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(call("--system-domain-id", "1297C8B6-3563-11e7-adf1-6c4008b85488")) == 0
    printed = capsys.readouterr()
    assert "gives access to the domain of another customer" in printed.err
    assert json.loads(printed.out)


def test_neither_jsii_nor_an_extra_is_needed() -> None:
    code = (
        "import sys\n"
        "for name in ('jsii', 'aws_cdk', 'constructs', 'yaml', 'pydantic', 'boto3'): sys.modules[name] = None\n"
        "from iconik_construct.cli.main import main\n"
        f"sys.exit(main({call('--format', 'cloudformation')!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("# Add to Properties.PolicyDocument.Statement")


def perimeter(*more: str) -> list[str]:
    return ["statements", "--perimeter", "--system-domain-id", DOMAIN, "--target", "ou-abcd-12345678", *more]


def test_a_perimeter_is_printed_as_the_policy_that_the_construct_writes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(perimeter()) == 0
    assert json.loads(capsys.readouterr().out) == perimeter_policy([DOMAIN])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (perimeter("--bucket", "acme-media"), "'--bucket' is about a bucket, not about a perimeter. Leave it out."),
        (perimeter("--prefix", "masters/"), "'--prefix' is about a bucket"),
        (perimeter("--no-cors"), "'--no-cors' is about a bucket"),
        (perimeter("--target", "acme"), "'--target' must hold ids of roots"),
        (perimeter("--target", "${Token[TOKEN.1]}"), "'--target' must be written out"),
        (perimeter("--name", ""), "'--name' must be 1 to 128 printable ASCII characters"),
        (["statements", "--perimeter", "--system-domain-id", DOMAIN], "'--target' must name at least one target"),
        (["statements", "--system-domain-id", DOMAIN], "'--bucket' must be given"),
        (call("--target", "r-abcd"), "'--target' and --name are for a perimeter. Add --perimeter."),
    ],
)
def test_what_does_not_go_together_is_refused(call: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(call) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
