"""Storages whose System Domain ID only the deployment knows: their finished policies are assessed all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from test_finished_policies import DOMAIN, all_of, deny, merge_changed_by_an_aspect, synthesized

from iconik_construct import IconikBucketAccess, IconikKeyAccess, IconikStorage, StorageEncryption

OTHER = "5d0a9f3e-2c1b-4f6a-8a4e-7b9c1d2e3f02"
ITSELF = "${aws:PrincipalTag/IconikSystemDomainId}"


def parameter(stack: cdk.Stack, default: str | None = None) -> str:
    return cdk.CfnParameter(stack, "Domain", default=default).value_as_string


def one_of_two(stack: cdk.Stack) -> str:
    production = cdk.CfnCondition(stack, "Production", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-west-1"))
    return cdk.Token.as_string(cdk.Fn.condition_if(production.logical_id, DOMAIN, OTHER))


SOURCES: dict[str, Callable[[cdk.Stack], str]] = {
    "a parameter": parameter,
    "a parameter with a default": lambda stack: parameter(stack, DOMAIN),
    "a parameter with a default that is no id": lambda stack: parameter(stack, "GIVE-ME"),
    "Parameter Store": lambda stack: ssm.StringParameter.value_for_string_parameter(stack, "/iconik/domain"),
    "a dynamic reference": lambda _: cdk.CfnDynamicReference(
        cdk.CfnDynamicReferenceService.SSM, "/iconik/domain"
    ).to_string(),
    "an import": lambda _: cdk.Fn.import_value("Domain"),
    "one of two, by a condition": one_of_two,
    "one of two values of a parameter": lambda stack: (
        cdk.CfnParameter(stack, "Domain", allowed_values=[DOMAIN, OTHER]).value_as_string
    ),
}


def stored(domain: Callable[[cdk.Stack], str], change: Callable[[IconikStorage], Any], **props: Any) -> Any:
    return lambda stack: change(IconikStorage(stack, "Masters", system_domain_id=domain(stack), **props))


def denied(storage: IconikStorage) -> None:
    storage.bucket.add_to_resource_policy(deny(*all_of(storage.bucket)))


def opened(storage: IconikStorage) -> None:
    storage.bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.AnyPrincipal()], actions=["s3:GetObject"], resources=[all_of(storage.bucket)[1]]
        )
    )


def removed(storage: IconikStorage) -> None:
    policy = storage.bucket.policy
    assert policy is not None
    child = policy.node.default_child
    assert isinstance(child, s3.CfnBucketPolicy)
    child.add_property_override("PolicyDocument.Statement", [])


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (denied, ("error", "ICONIK012")),
        (removed, ("error", "ICONIK013")),
        (opened, ("warning", "ICONIK004")),
    ],
)
def test_what_is_wrong_is_found_whatever_the_domain_is(
    source: str, change: Callable[[IconikStorage], None], finding: tuple[str, str], tmp_path: Path
) -> None:
    found, text = synthesized(tmp_path, stored(SOURCES[source], change))
    assert finding in found
    assert "00000000-0000-4000-8000" not in text


@pytest.mark.parametrize("source", SOURCES)
def test_a_right_storage_has_no_finding(source: str, tmp_path: Path) -> None:
    make = stored(SOURCES[source], lambda storage: storage, encryption=StorageEncryption.KMS)
    assert synthesized(tmp_path, make)[0] == []


def limited(storage: IconikStorage) -> None:
    assert storage.bucket.policy is not None
    child = storage.bucket.policy.node.default_child
    assert isinstance(child, s3.CfnBucketPolicy)
    statements = cdk.Stack.of(storage).resolve(child.policy_document)["Statement"]
    for number in (2, 3):
        condition = {"StringLike": {"aws:RequestedRegion": "eu-west-1"}, **statements[number]["Condition"]}
        child.add_property_override(f"PolicyDocument.Statement.{number}.Condition", condition)


@pytest.mark.parametrize("source", SOURCES)
def test_a_choice_of_the_domain_hides_no_other_doubt(source: str, tmp_path: Path) -> None:
    assert ("warning", "ICONIK014") in synthesized(tmp_path, stored(SOURCES[source], limited))[0]


def denied_in_some_cases(storage: IconikStorage) -> None:
    statement = deny(
        *all_of(storage.bucket), conditions={"StringNotEquals": {ITSELF[2:-1]: DOMAIN}}
    ).to_statement_json()
    stack = cdk.Stack.of(storage)
    assert storage.bucket.policy is not None
    child = storage.bucket.policy.node.default_child
    assert isinstance(child, s3.CfnBucketPolicy)
    # Not all of so many conditions are decided.
    for number in range(4, 10):
        case = cdk.CfnCondition(stack, f"Z{number}", expression=cdk.Fn.condition_equals(stack.region, str(number)))
        one = {"Fn::If": [case.logical_id, statement, {"Ref": "AWS::NoValue"}]}
        child.add_property_override(f"PolicyDocument.Statement.{number}", one)


def test_a_deny_that_may_be_missing_is_read_with_a_choice_of_the_domain(tmp_path: Path) -> None:
    found, text = synthesized(tmp_path, stored(one_of_two, denied_in_some_cases))
    assert {rule for _, rule in found} <= {"ICONIK012", "ICONIK014"}
    assert "may deny iconik" in text or "denies iconik" in text


def in_nested_stack(stack: cdk.Stack) -> cdk.Stack:
    return cdk.NestedStack(stack, "Nested")


def in_nested_stack_of_nested_stack(stack: cdk.Stack) -> cdk.Stack:
    return cdk.NestedStack(in_nested_stack(stack), "Inner")


def beside_nested_stack(stack: cdk.Stack) -> cdk.Stack:
    IconikStorage(in_nested_stack(stack), "Other", system_domain_id=OTHER)
    return stack


def weakened(storage: IconikStorage) -> None:
    child = storage.bucket.node.default_child
    assert isinstance(child, s3.CfnBucket)
    child.add_property_override("VersioningConfiguration.Status", "Suspended")


@pytest.mark.parametrize("place", [in_nested_stack, in_nested_stack_of_nested_stack, beside_nested_stack])
@pytest.mark.parametrize(
    ("change", "findings"),
    [
        (lambda storage: storage, []),
        (denied, [("error", "ICONIK012")]),
        (removed, [("error", "ICONIK013")]),
        (weakened, [("warning", "ICONIK161")]),
    ],
)
@pytest.mark.parametrize("domain", [lambda _: DOMAIN, parameter])
def test_each_template_of_nested_stacks_is_assessed(
    place: Callable[[cdk.Stack], cdk.Stack],
    change: Callable[[IconikStorage], None],
    findings: list[tuple[str, str]],
    domain: Callable[[cdk.Stack], str],
    tmp_path: Path,
) -> None:
    make = stored(domain, change)
    assert synthesized(tmp_path, lambda stack: make(place(stack)))[0] == findings


def test_a_merge_that_an_aspect_empties_is_refused(tmp_path: Path) -> None:
    make = merge_changed_by_an_aspect("KeyPolicy", "Statements", {})
    found, _ = synthesized(tmp_path, lambda stack: make(stack, parameter(stack)))
    assert ("error", "ICONIK008") in found


def test_the_mixins_are_assessed_too(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        domain = parameter(stack)
        key = kms.Key(stack, "Key")
        bucket = s3.Bucket(stack, "B", encryption_key=key, encryption=s3.BucketEncryption.KMS, enforce_ssl=True)
        bucket.with_(IconikBucketAccess(system_domain_id=domain))
        if with_key:
            key.with_(IconikKeyAccess(system_domain_id=domain))

    with_key = True
    assert synthesized(tmp_path / "right", make)[0] == []
    with_key = False
    assert ("error", "ICONIK008") in synthesized(tmp_path / "wrong", make)[0]


def test_a_value_that_refers_to_the_tag_itself_is_a_warning(tmp_path: Path) -> None:
    found, _ = synthesized(tmp_path, stored(lambda stack: parameter(stack, ITSELF), lambda storage: storage))
    assert ("warning", "ICONIK002") in found


def test_two_stacks_with_parameters_of_their_own(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        for each in (stack, cdk.Stack(stack.node.root, "Second")):
            IconikStorage(each, "Masters", system_domain_id=parameter(each))

    assert synthesized(tmp_path, make)[0] == []
