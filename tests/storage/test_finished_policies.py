"""The finished policies and buckets of an app, assessed at synthesis without a plugin of the user's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from iconik_construct import IconikBucketAccess, IconikGuardrail, IconikKeyAccess, IconikStorage, StorageEncryption
from iconik_construct.placement.handler import claim

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
ROLE = "arn:aws:iam::283217727627:role/IconikS3AccessRole"
TAG = "aws:PrincipalTag/IconikSystemDomainId"
OUTSIDE = {
    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abcdefghij"},
    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
}


def deny(*resources: str, action: str = "s3:*", conditions: Any = None) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=[action],
        resources=list(resources),
        conditions=OUTSIDE if conditions is None else conditions,
    )


def all_of(bucket: s3.IBucket) -> tuple[str, str]:
    return bucket.bucket_arn, bucket.arn_for_objects("*")


def synthesized(tmp_path: Path, make: Any) -> tuple[list[tuple[str, str]], str]:
    """Return severity and rule of each violation, and the text of the report; a refusal raises in `synth`."""
    app = cdk.App(outdir=str(tmp_path / "out"))
    make(cdk.Stack(app, "Media"))
    refused = ""
    try:
        app.synth()
    except RuntimeError as error:
        refused = str(error)
    file = tmp_path / "out" / "validation-report.json"
    text = file.read_text() if file.exists() else "{}"
    found = [
        (violation["severity"], violation["ruleName"])
        for report in json.loads(text).get("pluginReports", [])
        if report["pluginName"] == "iconik-construct"
        for violation in report["violations"]
    ]
    assert bool(refused) is any(severity == "error" for severity, _ in found)
    return sorted(set(found)), text


def storage(stack: cdk.Stack, **props: Any) -> IconikStorage:
    return IconikStorage(stack, "Masters", system_domain_id=DOMAIN, **props)


def denied_in_the_second_of_two(stack: cdk.Stack) -> None:
    IconikStorage(stack, "First", system_domain_id=DOMAIN)
    denied_later(stack)


def denied_later(stack: cdk.Stack) -> None:
    bucket = storage(stack).bucket
    bucket.add_to_resource_policy(deny(*all_of(bucket)))


def denied_in_the_key(stack: cdk.Stack) -> None:
    key = storage(stack, encryption=StorageEncryption.KMS).encryption_key
    assert key is not None
    key.add_to_resource_policy(deny("*", action="kms:*"))


def denied_by_an_aspect(stack: cdk.Stack) -> None:
    bucket = storage(stack).bucket

    @jsii.implements(cdk.IAspect)
    class Deny:
        def visit(self, node: Any) -> None:
            if isinstance(node, s3.CfnBucketPolicy):
                document = node.policy_document
                assert isinstance(document, iam.PolicyDocument)
                document.add_statements(deny(*all_of(bucket)))

    cdk.Aspects.of(stack).add(Deny())


def denied_by_an_override(stack: cdk.Stack) -> None:
    bucket = storage(stack).bucket
    policy = bucket.policy
    assert policy is not None
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": OUTSIDE}
    child = policy.node.default_child
    assert isinstance(child, s3.CfnBucketPolicy)
    child.add_property_override("PolicyDocument.Statement.4", statement)


def denied_by_not_principal(stack: cdk.Stack) -> None:
    bucket = storage(stack).bucket
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            not_principals=[iam.AccountRootPrincipal()],
            actions=["s3:*"],
            resources=list(all_of(bucket)),
        )
    )


def encrypted_otherwise(**rule: Any) -> Any:
    def make(stack: cdk.Stack) -> None:
        child = storage(stack).bucket.node.default_child
        assert isinstance(child, s3.CfnBucket)
        rules = [{"ServerSideEncryptionByDefault": rule}]
        child.add_property_override("BucketEncryption.ServerSideEncryptionConfiguration", rules)

    return make


def encrypted_by_an_injector(stack: cdk.Stack) -> None:
    @jsii.implements(cdk.IPropertyInjector)
    class Injector:
        @property
        def construct_unique_id(self) -> str:
            return str(s3.Bucket.PROPERTY_INJECTION_ID)

        def inject(self, original_props: Any, *, scope: Any, id: str) -> Any:  # noqa: A002
            return {**original_props, "encryption": s3.BucketEncryption.KMS_MANAGED}

    cdk.PropertyInjectors.of(stack).add(Injector())
    storage(stack)


def key_forgotten(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "B", encryption=s3.BucketEncryption.KMS, enforce_ssl=True)
    bucket.with_(IconikBucketAccess(system_domain_id=DOMAIN))


def key_disabled(stack: cdk.Stack) -> None:
    storage(stack, encryption_key=kms.Key(stack, "Key", enabled=False))


def in_another_stack(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(cdk.Stack(cdk.App.of(stack), "Owner"), "B", enforce_ssl=True)  # type: ignore[arg-type]
    storage(stack, bucket=bucket, encryption=StorageEncryption.S3_MANAGED)
    bucket.add_to_resource_policy(deny(*all_of(bucket)))


def changed_by_an_aspect(change: Callable[[list[Any]], list[Any]]) -> Any:
    def make(stack: cdk.Stack) -> None:
        storage(stack)

        @jsii.implements(cdk.IAspect)
        class Change:
            def visit(self, node: Any) -> None:
                if isinstance(node, s3.CfnBucketPolicy):
                    document = stack.resolve(node.policy_document)
                    node.policy_document = {**document, "Statement": change(document["Statement"])}

        cdk.Aspects.of(stack).add(Change())

    return make


def without(sid: str) -> Any:
    return changed_by_an_aspect(lambda statements: [each for each in statements if each.get("Sid") != sid])


def with_fewer_actions(statements: list[Any]) -> list[Any]:
    return [{**each, "Action": "s3:GetObject"} if each.get("Sid") == "IconikObjects" else each for each in statements]


def merge_changed_by_an_aspect(policy: str, path: str, value: Any) -> Any:
    """`{sid}` in the path is the Sid of the last statement."""

    def make(stack: cdk.Stack, domain: str = DOMAIN) -> None:
        key = kms.Key.from_key_arn(stack, "K", f"arn:aws:kms:us-east-1:123456789012:key/{DOMAIN}")
        bucket = s3.Bucket.from_bucket_name(stack, "B", "acme-media")
        made = IconikStorage(stack, "Masters", system_domain_id=domain, bucket=bucket, encryption_key=key)
        sid = f"{made.placements[-1].statements[-1]['Sid']}{claim.PLACE}"

        @jsii.implements(cdk.IAspect)
        class Change:
            def visit(self, node: Any) -> None:
                if isinstance(node, cdk.CfnResource) and node.cfn_resource_type == f"Custom::Iconik{policy}Statements":
                    node.add_property_override(path.format(sid=sid), value)

        cdk.Aspects.of(stack).add(Change())

    return make


def bucket_policy_of(bucket: s3.IBucket) -> s3.CfnBucketPolicy:
    policy = bucket.policy
    assert policy is not None
    child = policy.node.default_child
    assert isinstance(child, s3.CfnBucketPolicy)
    return child


def with_policy_changed(path: str, value: Any, *, by_mixin: bool = False) -> Any:
    def make(stack: cdk.Stack) -> None:
        if by_mixin:
            bucket = s3.Bucket(stack, "B", enforce_ssl=True)
            bucket.with_(IconikBucketAccess(system_domain_id=DOMAIN))
        else:
            bucket = storage(stack).bucket
        bucket_policy_of(bucket).add_property_override(path, value)

    return make


def policy_left_out(stack: cdk.Stack) -> None:
    policy = storage(stack).bucket.policy
    assert policy is not None
    assert policy.node.try_remove_child("Resource")


def merge_left_out(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "B", "acme-media")
    storage(stack, bucket=bucket, encryption=StorageEncryption.S3_MANAGED)
    for node in stack.node.find_all():
        if isinstance(node, cdk.CfnResource) and node.cfn_resource_type == "Custom::IconikBucketPolicyStatements":
            node.add_override("Type", "Custom::Nothing")


DENY_ALL = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}


def in_a_bucket_of_the_app(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "B", enforce_ssl=True)
    storage(stack, bucket=bucket, encryption=StorageEncryption.S3_MANAGED)
    bucket_policy_of(bucket).add_property_override("PolicyDocument.Statement", [])


def nested_and_left_out(stack: cdk.Stack) -> None:
    policy_left_out(cdk.NestedStack(stack, "Nested"))


def beside_a_nested_stack_and_left_out(stack: cdk.Stack) -> None:
    s3.Bucket(cdk.NestedStack(stack, "Nested"), "Other")
    policy_left_out(stack)


def bucket_of_another_stack(stack: cdk.Stack, **props: Any) -> s3.Bucket:
    owner = cdk.Stack(cast("cdk.App", stack.node.root), "Owner")
    bucket = s3.Bucket(owner, "B", enforce_ssl=True, **props)
    storage(stack, bucket=bucket, encryption=StorageEncryption.S3_MANAGED)
    s3.Bucket(stack, "Other")
    return bucket


def of_another_stack_and_left_out(stack: cdk.Stack) -> None:
    assert bucket_of_another_stack(stack).node.try_remove_child("Policy")


_OF_OBJECTS = "PolicyDocument.Statement.3"
_A_PART = {"Fn::Join": ["", [{"Fn::GetAtt": ["MastersEA6F689C", "Arn"]}, "/masters/*"]]}

LOCKED_OUT = {
    "a policy that is left out, in a nested stack": (nested_and_left_out, "ICONIK013"),
    "a policy that is left out, beside a nested stack": (beside_a_nested_stack_and_left_out, "ICONIK013"),
    "a policy that is left out, in another stack": (of_another_stack_and_left_out, "ICONIK013"),
    "a statement for a part of the bucket": (with_policy_changed(f"{_OF_OBJECTS}.Resource", _A_PART), "ICONIK015"),
    "an aspect that puts another policy in its place": (changed_by_an_aspect(lambda _: [DENY_ALL]), "ICONIK012"),
    "an aspect that empties the policy": (changed_by_an_aspect(lambda _: []), "ICONIK013"),
    "an aspect that removes a statement": (without("IconikObjects"), "ICONIK013"),
    "an aspect that removes actions": (changed_by_an_aspect(with_fewer_actions), "ICONIK013"),
    "an aspect that empties the statements to merge": (
        merge_changed_by_an_aspect("BucketPolicy", "Statements", []),
        "ICONIK013",
    ),
    "an aspect that empties the merge into a key policy": (
        merge_changed_by_an_aspect("KeyPolicy", "Statements", []),
        "ICONIK008",
    ),
    "an aspect that removes an action for the key": (
        merge_changed_by_an_aspect("KeyPolicy", "Statements.{sid}.Action", "kms:Decrypt"),
        "ICONIK008",
    ),
    "an override of the policy of a bucket of the app": (in_a_bucket_of_the_app, "ICONIK013"),
    "an override of one action of a mixin": (
        with_policy_changed("PolicyDocument.Statement.2.Action", "s3:GetObjectTagging", by_mixin=True),
        "ICONIK013",
    ),
    "an override of all statements of a mixin": (
        with_policy_changed("PolicyDocument.Statement", [], by_mixin=True),
        "ICONIK013",
    ),
    "an override that makes an Allow a Deny": (
        with_policy_changed("PolicyDocument.Statement.2.Effect", "Deny"),
        "ICONIK012",
    ),
    "a policy for another bucket": (with_policy_changed("Bucket", "another"), "ICONIK013"),
    "a policy that is left out": (policy_left_out, "ICONIK013"),
    "a merge that is left out": (merge_left_out, "ICONIK013"),
    "a later call": (denied_later, "ICONIK012"),
    "one of two that are otherwise equal": (denied_in_the_second_of_two, "ICONIK012"),
    "the key policy": (denied_in_the_key, "ICONIK012"),
    "an aspect": (denied_by_an_aspect, "ICONIK012"),
    "an override": (denied_by_an_override, "ICONIK012"),
    "NotPrincipal": (denied_by_not_principal, "ICONIK012"),
    "aws:kms without a key": (encrypted_otherwise(SSEAlgorithm="aws:kms"), "ICONIK008"),
    "DSSE without a key": (encrypted_otherwise(SSEAlgorithm="aws:kms:dsse"), "ICONIK008"),
    "the AWS managed key": (encrypted_otherwise(SSEAlgorithm="aws:kms", KMSMasterKeyID="alias/aws/s3"), "ICONIK008"),
    "an injector": (encrypted_by_an_injector, "ICONIK008"),
    "the key without a mixin": (key_forgotten, "ICONIK008"),
    "a disabled key": (key_disabled, "ICONIK110"),
}


def test_two_stacks_that_merge_into_one_policy_are_no_lock_out(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    for name, domain in (("One", DOMAIN), ("Two", "5d0a9f3e-2c1b-4f6a-8a4e-7b9c1d2e3f02")):
        stack = cdk.Stack(app, name)
        bucket = s3.Bucket.from_bucket_name(stack, "B", "acme-media")
        IconikStorage(stack, "Masters", system_domain_id=domain, bucket=bucket)
    app.synth()


OPEN_BY_CONDITION = {
    "the account": {"StringEquals": {"aws:PrincipalAccount": "283217727627"}},
    "the role": {"ArnEquals": {"aws:PrincipalArn": ROLE}},
    "an endpoint": {"StringEquals": {"aws:VpceAccount": "283217727627"}},
}


@pytest.mark.parametrize("name", OPEN_BY_CONDITION)
def test_a_statement_for_everyone_that_names_iconik_in_its_condition_is_a_warning(name: str, tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        bucket = storage(stack).bucket
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"{bucket.bucket_arn}/*",
        }
        bucket.add_to_resource_policy(
            iam.PolicyStatement.from_json({**statement, "Condition": OPEN_BY_CONDITION[name]})
        )

    found, _ = synthesized(tmp_path, make)
    assert ("warning", "ICONIK001") in found


def allowing(stack: cdk.Stack, principal: iam.IPrincipal, conditions: Any = None) -> None:
    bucket = storage(stack).bucket
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject"], resources=[all_of(bucket)[1]], principals=[principal], conditions=conditions
        )
    )


def tagged_as(value: Any) -> Callable[[cdk.Stack], None]:
    condition = {"StringEquals": {TAG: value}}
    return lambda stack: allowing(stack, iam.ArnPrincipal(ROLE), condition)


def named_by_a_parameter(stack: cdk.Stack) -> None:
    allowing(stack, iam.ArnPrincipal(cdk.CfnParameter(stack, "Partner", default=ROLE).value_as_string))


def added_by_an_aspect(stack: cdk.Stack) -> None:
    storage(stack)

    @jsii.implements(cdk.IAspect)
    class Add:
        def visit(self, node: Any) -> None:
            if isinstance(node, s3.CfnBucketPolicy):
                document = stack.resolve(node.policy_document)
                more = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": "*"}
                node.policy_document = {**document, "Statement": [*document["Statement"], more]}

    cdk.Aspects.of(stack).add(Add())


WITHOUT_EFFECTIVE_TAG = {
    "the tag of the session itself": tagged_as("${aws:PrincipalTag/IconikSystemDomainId}"),
    "a wildcard": tagged_as("*"),
    "no value": tagged_as([]),
    "a parameter": named_by_a_parameter,
    "an aspect": added_by_an_aspect,
}


@pytest.mark.parametrize("name", WITHOUT_EFFECTIVE_TAG)
def test_a_statement_without_an_effective_tag_is_a_warning(name: str, tmp_path: Path) -> None:
    found, _ = synthesized(tmp_path, WITHOUT_EFFECTIVE_TAG[name])
    assert {("warning", "ICONIK001"), ("warning", "ICONIK002")} & set(found)


def test_a_statement_that_the_construct_warns_of_has_no_second_warning(tmp_path: Path) -> None:
    found, _ = synthesized(tmp_path, lambda stack: allowing(stack, iam.ArnPrincipal(ROLE)))
    assert found == []
    assert "UntaggedStatement" in (tmp_path / "out" / "Media.metadata.json").read_text()


@pytest.mark.parametrize("action", ["s3:PutBucketAcl", "s3:ListBucketVersions"])
def test_a_statement_about_the_bucket_itself_is_read_where_the_bucket_has_no_name(action: str, tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        bucket = storage(stack).bucket
        bucket.add_to_resource_policy(
            iam.PolicyStatement(actions=[action], resources=[bucket.bucket_arn], principals=[iam.AnyPrincipal()])
        )

    found, _ = synthesized(tmp_path, make)
    assert ("warning", "ICONIK004") in found


@pytest.mark.parametrize("name", LOCKED_OUT)
def test_a_certain_lock_out_in_this_app_is_an_error(tmp_path: Path, name: str) -> None:
    make, rule = LOCKED_OUT[name]
    found, _ = synthesized(tmp_path, make)
    assert ("error", rule) in found


def test_the_error_names_the_statement_and_prints_the_exemption(tmp_path: Path) -> None:
    _, text = synthesized(tmp_path, denied_later)
    assert "ArnNotEquals" in text
    assert ROLE in text


def test_a_right_app_has_no_finding(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        storage(stack, encryption=StorageEncryption.KMS, via_s3_only=True)
        key = kms.Key(stack, "Key")
        bucket = s3.Bucket(stack, "B", encryption_key=key, encryption=s3.BucketEncryption.KMS, enforce_ssl=True)
        bucket.with_(IconikBucketAccess(system_domain_id=DOMAIN))
        key.with_(IconikKeyAccess(system_domain_id=DOMAIN))

    assert synthesized(tmp_path, make)[0] == []


def test_a_bucket_that_a_subclass_makes_in_a_nested_stack_has_no_finding(tmp_path: Path) -> None:
    class Nested(IconikStorage):
        def create_bucket(self, props: dict[str, Any]) -> s3.IBucket:
            return s3.Bucket(cdk.NestedStack(self, "Nested"), "Default", **props)

    found = synthesized(tmp_path, lambda stack: Nested(stack, "Masters", system_domain_id=DOMAIN))

    assert found[0] == []


def test_what_may_lock_out_is_a_warning(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        bucket = storage(stack).bucket
        away = {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}
        bucket.add_to_resource_policy(deny(*all_of(bucket), conditions=away))

    assert synthesized(tmp_path, make)[0] == [("warning", "ICONIK014")]


def with_a_macro(stack: cdk.Stack) -> None:
    storage(stack)
    stack.add_transform("Company")


HIDDEN = {
    "a macro in the template": with_a_macro,
    "a macro in the document": with_policy_changed("PolicyDocument.Fn::Transform", {"Name": "AWS::Include"}),
    "no document": with_policy_changed("PolicyDocument", 5),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_policy_that_only_the_deployment_writes_is_a_warning(name: str, tmp_path: Path) -> None:
    found, _ = synthesized(tmp_path, HIDDEN[name])
    assert ("warning", "ICONIK009") in found
    assert all(severity == "warning" for severity, _ in found)


def named_by_a_condition(stack: cdk.Stack) -> None:
    cdk.CfnCondition(stack, "IsProd", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-west-1"))
    storage(stack, bucket_name=cdk.Token.as_string(cdk.Fn.condition_if("IsProd", "acme-prod", "acme-test")))


def imported_by_the_arn_of_another_stack(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(cdk.Stack(cast("cdk.App", stack.node.root), "Owner"), "B", enforce_ssl=True)
    storage(stack, bucket=s3.Bucket.from_bucket_arn(stack, "B", bucket.bucket_arn))


def of_a_nested_stack(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(cdk.NestedStack(stack, "Nested"), "B", enforce_ssl=True)
    storage(stack, bucket=bucket, encryption=StorageEncryption.S3_MANAGED)


def merged_in_two_places(stack: cdk.Stack) -> None:
    name = cdk.Fn.sub("acme-${AWS::AccountId}")
    key = cdk.Fn.sub("arn:aws:kms:${AWS::Region}:${AWS::AccountId}:key/0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01")
    storage(
        stack,
        bucket=s3.Bucket.from_bucket_name(stack, "B", name),
        encryption_key=kms.Key.from_key_arn(stack, "K", key),
    )


RIGHT = {
    "a bucket of another stack": bucket_of_another_stack,
    "a named bucket of another stack": lambda stack: bucket_of_another_stack(stack, bucket_name="acme-media"),
    "a bucket by its ARN": imported_by_the_arn_of_another_stack,
    "a bucket of a nested stack": of_a_nested_stack,
    "a name with a condition": named_by_a_condition,
    "a merged bucket and key": merged_in_two_places,
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_storage_has_no_finding_wherever_its_policy_is(name: str, tmp_path: Path) -> None:
    assert synthesized(tmp_path, RIGHT[name])[0] == []


@pytest.mark.parametrize("is_in_stage", [False, True])
def test_a_stage_in_a_stack_as_in_a_pipeline_is_read(tmp_path: Path, is_in_stage: bool) -> None:
    def make(stack: cdk.Stack) -> None:
        stage = cdk.Stage(Construct(stack, "Pipeline"), "Production")
        denied_later(cdk.Stack(cdk.Stage(stage, "Inner") if is_in_stage else stage, "Media"))
        storage(stack)

    found, text = synthesized(tmp_path, make)
    assert found == [("error", "ICONIK012")]
    assert f"Media/Pipeline/Production/{'Inner/' * is_in_stage}Media/Masters/Default/Policy/Resource" in text


def test_nested_stacks_with_the_same_content_are_both_read(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        for name in ("One", "Two"):
            storage(cdk.NestedStack(stack, name))
        cdk.Validations.of(stack.node.root).add_plugins(IconikGuardrail(system_domain_ids=[DOMAIN]))

    found, text = synthesized(tmp_path, make)
    assert found == []
    assert "ICONIK" not in text


def test_access_for_others_is_a_warning(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        bucket = storage(stack).bucket
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.AnyPrincipal()], actions=["s3:GetObjectVersion"], resources=[all_of(bucket)[1]]
            )
        )

    assert ("warning", "ICONIK004") in synthesized(tmp_path, make)[0]


def test_tolerated_denies_are_a_warning(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        bucket = s3.Bucket(stack, "B", enforce_ssl=True)
        encryption = StorageEncryption.S3_MANAGED
        storage(stack, bucket=bucket, encryption=encryption, tolerate_denies=True)
        bucket.add_to_resource_policy(deny(*all_of(bucket)))

    assert ("warning", "ICONIK012") in synthesized(tmp_path, make)[0]


def test_the_policy_in_another_stack_of_the_app_counts(tmp_path: Path) -> None:
    assert ("error", "ICONIK012") in synthesized(tmp_path, in_another_stack)[0]


def test_protection_that_is_weakened_after_the_props_is_a_warning(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        child = storage(stack).bucket.node.default_child
        assert isinstance(child, s3.CfnBucket)
        child.add_property_override("VersioningConfiguration.Status", "Suspended")
        child.apply_removal_policy(cdk.RemovalPolicy.DESTROY)

    found, text = synthesized(tmp_path, make)
    assert ("warning", "ICONIK161") in found
    assert "keeps no versions" in text
    assert "is deleted with its stack" in text


def test_a_bucket_that_outlives_its_policy_is_a_warning(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        policy = storage(stack).bucket.policy
        assert policy is not None
        policy.apply_removal_policy(cdk.RemovalPolicy.DESTROY)

    found, text = synthesized(tmp_path, make)
    assert found == [("warning", "ICONIK161")]
    assert "the bucket outlives its stack and its policy does not" in text


def test_a_bucket_that_outlives_its_key_is_a_warning(tmp_path: Path) -> None:
    def own_key(stack: cdk.Stack) -> None:
        key = storage(stack, encryption=StorageEncryption.KMS).encryption_key
        assert key is not None
        key.apply_removal_policy(cdk.RemovalPolicy.DESTROY)

    def given_key(stack: cdk.Stack) -> None:
        storage(stack, encryption_key=kms.Key(stack, "Key", removal_policy=cdk.RemovalPolicy.DESTROY))

    def both(stack: cdk.Stack) -> None:
        storage(stack, encryption=StorageEncryption.KMS, removal_policy=cdk.RemovalPolicy.DESTROY)

    for number, make in enumerate((own_key, given_key)):
        found, text = synthesized(tmp_path / str(number), make)
        assert found == [("warning", "ICONIK161")]
        assert "without the key, the media is lost" in text
    assert synthesized(tmp_path / "both", both)[0] == []


def test_an_error_inside_the_check_is_no_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from iconik_construct.storage import finished_policies  # noqa: PLC0415

    monkeypatch.setattr(finished_policies, "listed_buckets", lambda _app: 1 / 0)
    app = cdk.App(outdir=str(tmp_path / "out"))
    storage(cdk.Stack(app, "Media"))
    with pytest.raises(RuntimeError, match="nothing was checked"):
        app.synth()
    assert "ICONIK023" in (tmp_path / "out" / "validation-report.json").read_text()


class StorageWithRsaKey(IconikStorage):
    def create_key(self) -> kms.Key:
        return kms.Key(self, "Key", key_spec=kms.KeySpec.RSA_2048, key_usage=kms.KeyUsage.ENCRYPT_DECRYPT)


def test_a_key_of_a_subclass_that_s3_cannot_use_is_refused(tmp_path: Path):
    app = cdk.App(outdir=str(tmp_path))
    StorageWithRsaKey(cdk.Stack(app, "Stack"), "Media", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)

    with pytest.raises(RuntimeError, match="Validation"):
        app.synth()

    assert "RSA_2048" in (tmp_path / "validation-report.json").read_text(encoding="utf-8")


def test_the_suggested_fix_shows_no_marks_of_what_is_not_known(tmp_path: Path) -> None:
    _, text = synthesized(tmp_path, denied_later)

    assert "put in place of that statement" in text.lower()
    assert "${MastersEA6F689C.Ref}" in text
    assert "\\u0000" not in text
    assert "\\u0001" not in text
