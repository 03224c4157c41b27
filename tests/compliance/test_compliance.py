"""What cdk-nag finds in each way to use the library: what `docs/compliance.md` names, no more and no less."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks

from iconik_construct import IconikRegistration, IconikStorage, StorageEncryption

PAGE = Path(__file__).parents[2] / "docs" / "compliance.md"
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PACKS = {"AwsSolutions": "AWS", "HIPAA.Security": "HIPAA", "NIST.800.53.R5": "NIST", "PCI.DSS.321": "PCI"}

Finding = tuple[str, str, str, str]  # case, pack, rule, type of resource


def create(stack: cdk.Stack) -> None:
    IconikStorage(stack, "Media", system_domain_id=DOMAIN)


def create_kms(stack: cdk.Stack) -> None:
    IconikStorage(stack, "Media", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)


def create_dsse(stack: cdk.Stack) -> None:
    IconikStorage(stack, "Media", system_domain_id=DOMAIN, encryption=StorageEncryption.DSSE)


def adopt(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "media")
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    IconikStorage(stack, "Media", system_domain_id=DOMAIN, bucket=bucket, encryption_key=key)


def register(stack: cdk.Stack) -> None:
    storage = IconikStorage(stack, "Media", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "iconik")
    IconikRegistration(stack, "Registration", storage=storage, credentials=secret, name="Masters")


def naive(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Bucket")
    kms.Key(stack, "Key")


CASES = {"create": create, "KMS": create_kms, "DSSE": create_dsse, "adopt": adopt, "register": register}


def found_in(name: str, make: Callable[[cdk.Stack], None], directory: Path) -> list[Finding]:
    app = cdk.App(outdir=str(directory))
    for pack in (AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks):
        cdk.Validations.of(app).add_plugins(pack(app))
    make(cdk.Stack(app, "Stack"))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report = json.loads((directory / "validation-report.json").read_text(encoding="utf-8"))
    return [
        (name, PACKS[pack["pluginName"]], rule(pack["pluginName"], violation["ruleName"]), kind(construct))
        for pack in report["pluginReports"]
        for violation in pack["violations"]
        for construct in violation["violatingConstructs"]
    ]


def rule(pack: str, name: str) -> str:
    """Return the rule without its pack and without the logical id of our own handler."""
    return re.sub(
        r"<Iconik(Adoption|Registrations)Handler[0-9A-F]{8}\.Arn>", "<handler>", name.removeprefix(f"{pack}-")
    )


def kind(construct: dict[str, str]) -> str:
    return construct["constructFqn"].rpartition(".Cfn")[2]


def named_in_the_page() -> Iterator[Finding]:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if len(cells) == 4 and set(cells[1].split()) <= {*PACKS.values()}:
            name, packs, where, reason = cells
            assert reason, line
            resource, cases = where.split(": ")
            for case, pack in product(cases.split(", "), packs.split()):
                yield case, pack, name, resource


def test_cdk_nag_finds_what_the_page_names_and_nothing_else(tmp_path: Path):
    found = {finding for name, make in CASES.items() for finding in found_in(name, make, tmp_path / name)}
    named = list(named_in_the_page())
    assert len(named) == len(set(named)), "named twice"
    assert sorted(found - set(named)) == [], "found, but not named in docs/compliance.md"
    assert sorted(set(named) - found) == [], "named in docs/compliance.md, but not found"


def test_a_naive_bucket_and_key_are_found_wanting(tmp_path: Path):
    found = found_in("naive", naive, tmp_path)
    counts = {pack: sum(finding[1] == pack for finding in found) for pack in PACKS.values()}
    assert counts == {"AWS": 3, "HIPAA": 7, "NIST": 8, "PCI": 8}
    assert {finding[2] for finding in found} >= {"S10", "KMS5", "S3BucketVersioningEnabled"}


PARAMETERS = {adopt: ":parameter/iconik-construct/*", register: ":parameter/iconik-construct/registrations/*"}


@pytest.mark.parametrize("make", [adopt, register])
def test_the_roles_of_the_handlers_have_no_wildcard_but_the_versions_of_their_function(
    make: Callable[[cdk.Stack], None],
):
    stack = cdk.Stack(cdk.App(), "Stack")
    make(stack)
    statements = list(statements_of_roles(Template.from_stack(stack).to_json()))
    assert {action for statement in statements for action in as_list(statement["Action"])} >= {
        "lambda:InvokeFunction",
        "logs:PutLogEvents",
    }
    for statement in statements:
        assert statement["Effect"] == "Allow"
        assert not [action for action in as_list(statement["Action"]) if "*" in action], statement
        wild = [resource for resource in as_list(statement["Resource"]) if "*" in json.dumps(resource)]
        # Written by CDK's provider framework: `<handler's ARN>:*` stands for the versions of our own handler.
        # The locks and records are parameters below a path of this library.
        expected = {"lambda:InvokeFunction": ":*", "ssm:PutParameter": PARAMETERS[make]}
        ends = [end for action, end in expected.items() if action in as_list(statement["Action"])]
        assert [resource["Fn::Join"][1][-1] for resource in wild] == ends


def statements_of_roles(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Role":
            assert "ManagedPolicyArns" not in properties
            for policy in properties.get("Policies", []):
                yield from policy["PolicyDocument"]["Statement"]
        elif resource["Type"] in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}:
            yield from properties["PolicyDocument"]["Statement"]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
