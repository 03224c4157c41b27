"""Where the key of a storage is elsewhere, and what beside the policies changes the access of iconik."""

from __future__ import annotations

import copy
import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from iconik_construct import Adoption, IconikPermissions, IconikStorage, IconikTypeError
from iconik_construct.testing import assert_iconik_access

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
ROLE = "arn:aws:iam::283217727627:role/IconikS3AccessRole"
OTHER_ROLE = "arn:aws:iam::111122223333:role/Other"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TAG = "aws:PrincipalTag/IconikSystemDomainId"
EXPECTED: dict[str, Any] = {"system_domain_id": DOMAIN, "permissions": IconikPermissions.read_write()}


def _two_stacks() -> tuple[cdk.App, cdk.Stack, IconikStorage]:
    app = cdk.App()
    key = kms.Key(cdk.Stack(app, "Keys"), "Key")
    media = cdk.Stack(app, "Media")
    return app, media, IconikStorage(media, "Masters", system_domain_id=DOMAIN, encryption_key=key)


def test_a_key_in_another_stack_is_found_in_the_app_and_in_the_assembly() -> None:
    app, _, storage = _two_stacks()
    assert_iconik_access(app, bucket=storage, **EXPECTED)
    assert_iconik_access(app.synth(), **EXPECTED)
    assert_iconik_access(app.synth().directory, **EXPECTED)


def test_of_a_stack_alone_the_message_names_the_stack_that_holds_the_key() -> None:
    _, media, _ = _two_stacks()
    with pytest.raises(AssertionError, match=r"of the stack 'Keys'\. Give the app instead"):
        assert_iconik_access(media, **EXPECTED)


def test_a_key_of_the_parent_of_a_nested_stack_is_found() -> None:
    app = cdk.App()
    parent = cdk.Stack(app, "Parent")
    key = kms.Key(parent, "Key")
    nested = cdk.NestedStack(parent, "Nested")
    IconikStorage(nested, "Masters", system_domain_id=DOMAIN, encryption_key=key)
    assert_iconik_access(app, **EXPECTED)
    with pytest.raises(AssertionError, match="of the stack 'Parent'"):
        assert_iconik_access(nested, **EXPECTED)


def test_buckets_with_one_logical_id_are_named_with_their_templates() -> None:
    app = cdk.App()
    for name in ("One", "Two"):
        IconikStorage(cdk.Stack(app, name), "Masters", system_domain_id=DOMAIN)
    with pytest.raises(AssertionError, match=r"'(\w+) of One\.template\.json', '\1 of Two\.template\.json'"):
        assert_iconik_access(app, **EXPECTED)


def test_a_key_that_is_handed_over_is_a_warning() -> None:
    stack = cdk.Stack(cdk.App(), "Media")
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    IconikStorage(stack, "Masters", system_domain_id=DOMAIN, encryption_key=key, adoption=Adoption.HAND_OVER)
    with pytest.warns(UserWarning, match="is in no template"):
        assert_iconik_access(stack, **EXPECTED)


def test_the_warning_names_the_line_of_the_test() -> None:
    stack = cdk.Stack(cdk.App(), "Media")
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    IconikStorage(stack, "Masters", system_domain_id=DOMAIN, encryption_key=key, adoption=Adoption.HAND_OVER)
    with pytest.warns(UserWarning, match="is in no template") as listed:
        assert_iconik_access(stack, **EXPECTED)
    assert [each.filename for each in listed] == [__file__]


def test_an_empty_key_is_the_key_of_aws(template: dict[str, Any]) -> None:
    [bucket] = [body for body in template["Resources"].values() if body["Type"] == "AWS::S3::Bucket"]
    [rule] = bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] = ""
    with pytest.raises(AssertionError, match="ICONIK008"):
        assert_iconik_access(template, **EXPECTED)


def test_a_template_that_is_nested_too_deep_fails(template: dict[str, Any]) -> None:
    text: Any = ROLE
    for _ in range(400):
        text = {"Fn::Join": ["", [text]]}
    template["Resources"] |= _resources("Custom::Deep", ServiceToken="t", Text=text)
    with pytest.raises(AssertionError, match="nested too deep"):
        assert_iconik_access(template, **EXPECTED)


@pytest.fixture(scope="module")
def synthesized() -> dict[str, Any]:
    stack = cdk.Stack(cdk.App(), "Stack")
    key = kms.Key(stack, "Key")
    IconikStorage(stack, "Media", system_domain_id=DOMAIN, encryption_key=key)
    return Template.from_stack(stack).to_json()


@pytest.fixture
def template(synthesized: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(synthesized)


NEVER: dict[str, dict[str, Any]] = {
    "plain HTTP only": {"Bool": {"aws:SecureTransport": "false"}},
    "a time that is over": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
    "another role": {"ArnEquals": {"aws:PrincipalArn": OTHER_ROLE}},
    "no tag": {"Null": {TAG: "true"}},
    "multi-factor authentication": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    "an organisation": {"StringEquals": {"aws:PrincipalOrgID": "o-acme123456"}},
    "a network": {"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}},
    "an address": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    "a prefix of objects": {"StringLike": {"s3:prefix": "x/*"}},
}


@pytest.mark.parametrize("name", NEVER)
def test_a_statement_that_does_not_certainly_apply_to_iconik_is_a_difference(
    template: dict[str, Any], name: str
) -> None:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::S3::BucketPolicy":
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                if statement.get("Sid", "").startswith("Iconik"):
                    statement["Condition"] = {**statement.get("Condition", {}), **NEVER[name]}
    with pytest.raises(AssertionError, match="is not as expected"):
        assert_iconik_access(template, **EXPECTED)


def _resources(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Added": {"Type": kind, "Properties": properties}}


def _open(action: str = "s3:GetObject") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _multi_region(bucket: str) -> dict[str, Any]:
    return {
        "Point": {
            "Type": "AWS::S3::MultiRegionAccessPoint",
            "Properties": {"Name": "media", "Regions": [{"Bucket": {"Ref": bucket}}]},
        },
        "Added": {
            "Type": "AWS::S3::MultiRegionAccessPointPolicy",
            "Properties": {"MrapName": {"Ref": "Point"}, "Policy": _open()},
        },
    }


ADDED: dict[str, Any] = {
    "a multi-region access point": _multi_region,
    "a multi-region access point of another stack": lambda _: _resources(
        "AWS::S3::MultiRegionAccessPointPolicy", MrapName="media", Policy=_open()
    ),
    "an Object Lambda access point": lambda _: _resources(
        "AWS::S3ObjectLambda::AccessPointPolicy",
        ObjectLambdaAccessPoint="thumbnails",
        PolicyDocument=_open("s3-object-lambda:GetObject"),
    ),
    "an access point of a bucket that the deployment knows": lambda _: _resources(
        "AWS::S3::AccessPoint", Bucket={"Fn::ImportValue": "Bucket"}, Policy=_open()
    ),
    "an access grant": lambda _: _resources(
        "AWS::S3::AccessGrant", Grantee={"GranteeType": "IAM", "GranteeIdentifier": ROLE}
    ),
    "a bucket policy by a custom resource": lambda bucket: _resources(
        "Custom::AWS",
        ServiceToken="t",
        Create=json.dumps(
            {"action": "putBucketPolicy", "parameters": {"Bucket": bucket, "Policy": json.dumps(_open())}}
        ),
    ),
}


def test_a_call_that_replaces_the_bucket_policy_is_a_difference(template: dict[str, Any]) -> None:
    [bucket] = [one for one, body in template["Resources"].items() if body["Type"] == "AWS::S3::Bucket"]
    parts = ['{"action":"putBucketPolicy","parameters":{"Bucket":"', {"Ref": bucket}, '","Policy":"{}"}}']
    template["Resources"] |= _resources("Custom::AWS", ServiceToken="t", Create={"Fn::Join": ["", parts]})
    with pytest.raises(AssertionError, match="Added calls putBucketPolicy"):
        assert_iconik_access(template, **EXPECTED)


@pytest.mark.parametrize("name", ADDED)
def test_what_gives_access_beside_the_policies_is_a_difference(template: dict[str, Any], name: str) -> None:
    [bucket] = [one for one, body in template["Resources"].items() if body["Type"] == "AWS::S3::Bucket"]
    template["Resources"] |= ADDED[name](bucket)
    with pytest.raises(AssertionError, match="is not as expected"):
        assert_iconik_access(template, **EXPECTED)


def test_a_policy_that_may_not_exist_is_a_difference(template: dict[str, Any]) -> None:
    """Where the bucket is under the same condition, both exist or neither."""
    template["Conditions"] = {"Sometimes": {"Fn::Equals": [{"Ref": "Mode"}, "on"]}}
    [policy] = [body for body in template["Resources"].values() if body["Type"] == "AWS::S3::BucketPolicy"]
    [bucket] = [body for body in template["Resources"].values() if body["Type"] == "AWS::S3::Bucket"]
    policy["Condition"] = "Sometimes"
    with pytest.raises(AssertionError, match="ICONIK014") as refusal:
        assert_iconik_access(template, **EXPECTED)
    message = " ".join(str(refusal.value).split())
    assert "may not allow iconik s3:" in message
    assert "the policy has the CloudFormation condition 'Sometimes', so it may not be deployed" in message
    bucket["Condition"] = "Sometimes"
    assert_iconik_access(template, **EXPECTED)


def test_a_second_policy_of_the_bucket_is_a_difference(template: dict[str, Any]) -> None:
    """The last one replaces the others, and no template says which one is the last."""
    [policy] = [body for body in template["Resources"].values() if body["Type"] == "AWS::S3::BucketPolicy"]
    template["Resources"]["Second"] = copy.deepcopy(policy)
    with pytest.raises(AssertionError, match="are policies of the same bucket"):
        assert_iconik_access(template, **EXPECTED)


@pytest.mark.parametrize(
    ("acl", "ownership", "rule"),
    [
        ("PublicRead", "ObjectWriter", "ICONIK103"),
        ("PublicRead", {"Ref": "Unknown"}, "ICONIK104"),
        ({"Ref": "Unknown"}, "BucketOwnerPreferred", "ICONIK104"),
    ],
)
def test_a_public_acl_is_a_difference(template: dict[str, Any], acl: object, ownership: object, rule: str) -> None:
    [bucket] = [body for body in template["Resources"].values() if body["Type"] == "AWS::S3::Bucket"]
    template.setdefault("Parameters", {})["Unknown"] = {"Type": "String"}
    bucket["Properties"] |= {
        "AccessControl": acl,
        "OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]},
        "PublicAccessBlockConfiguration": {"IgnorePublicAcls": False},
    }
    with pytest.raises(AssertionError, match=rule):
        assert_iconik_access(template, **EXPECTED)


def test_a_disabled_key_is_a_difference(template: dict[str, Any]) -> None:
    [key] = [body for body in template["Resources"].values() if body["Type"] == "AWS::KMS::Key"]
    key["Properties"]["Enabled"] = False
    with pytest.raises(AssertionError, match="ICONIK110"):
        assert_iconik_access(template, **EXPECTED)


def test_an_access_point_of_another_bucket_is_no_difference(template: dict[str, Any]) -> None:
    template["Resources"] |= _resources("AWS::S3::AccessPoint", Bucket="another-bucket", Policy=_open())
    assert_iconik_access(template, **EXPECTED)


@pytest.mark.parametrize("origin", ["EXTERNAL", {"Ref": "Origin"}])
def test_a_key_without_known_key_material_is_a_difference(template: dict[str, Any], origin: Any) -> None:
    [key] = [body for body in template["Resources"].values() if body["Type"] == "AWS::KMS::Key"]
    key["Properties"]["Origin"] = "AWS_KMS"
    assert_iconik_access(template, **EXPECTED)
    key["Properties"]["Origin"] = origin
    with pytest.raises(AssertionError, match="no key material until somebody imports it"):
        assert_iconik_access(template, **EXPECTED)


def test_a_replica_of_a_key_without_known_key_material_is_a_difference(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    [name] = [name for name, body in resources.items() if body["Type"] == "AWS::KMS::Key"]
    primary = resources.pop(name)
    policy = primary["Properties"]["KeyPolicy"]
    resources["Primary"] = {**primary, "Properties": {**primary["Properties"], "MultiRegion": True}}
    arn = {"Fn::GetAtt": ["Primary", "Arn"]}
    resources[name] = {"Type": "AWS::KMS::ReplicaKey", "Properties": {"PrimaryKeyArn": arn, "KeyPolicy": policy}}
    assert_iconik_access(template, **EXPECTED)
    resources["Primary"]["Properties"]["Origin"] = "EXTERNAL"
    with pytest.raises(AssertionError, match="no key material until somebody imports it"):
        assert_iconik_access(template, **EXPECTED)


def test_what_is_no_bucket_is_refused_with_the_fix() -> None:
    stack = cdk.Stack(cdk.App(), "Media")
    IconikStorage(stack, "Masters", system_domain_id=DOMAIN)
    low_level = s3.CfnBucket(stack, "LowLevel")
    with pytest.raises(IconikTypeError, match="must be a storage, a bucket"):
        assert_iconik_access(stack, bucket=object(), **EXPECTED)  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="is not as expected"):
        assert_iconik_access(stack, bucket=low_level, **EXPECTED)  # type: ignore[arg-type]
    with pytest.raises(IconikTypeError, match="must be a stack, an app"):
        assert_iconik_access(object(), **EXPECTED)  # type: ignore[arg-type]
