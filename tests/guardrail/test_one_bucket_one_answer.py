"""A name, a policy or a key that can be written in several ways has one answer."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from iconik_construct import IconikPermissions, IconikStorage, StorageEncryption
from iconik_construct.assessment import Question
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import (
    DENIED,
    DOMAIN,
    DOMAINS,
    FOREIGN,
    FOREIGN_DOMAIN,
    KEY_FORGETS,
    OWN_ACCOUNT,
    TAG,
    allow,
    allow_key,
    document,
)
from tests.guardrail.test_equal_resources import encrypted, key, objects_of, resources
from tests.storage.test_equal_storages import refused

Json = Any
UNREAD, KEY_STATE = "ICONIK190", "ICONIK110"


def ids(*templates: Template) -> set[str]:
    return {each.id for each in check(App(templates), Question(tuple(DOMAINS)))}


def in_one(made: Json, **sections: Json) -> set[str]:
    return ids(Template("it", {**sections, "Resources": made}))


SPELLINGS: dict[str, Json] = {
    "a reference": {"Ref": "Media"},
    "a substitution": {"Fn::Sub": "${Media}"},
    "the name": "media",
    "a join": {"Fn::Join": ["", [{"Ref": "Media"}, ""]]},
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_second_policy_of_a_bucket_is_found_however_it_names_the_bucket(spelling: str):
    media = resources("Media", allow(Resource=objects_of("Media")), BucketName="media")
    properties = {"Bucket": SPELLINGS[spelling], "PolicyDocument": document()}
    second = {"Second": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}
    for together in ({**media, **second}, {**second, **media}):
        assert UNREAD in in_one(together)
    assert UNREAD not in in_one(media)


def test_a_second_policy_in_another_stack_is_found():
    media = Template(
        "media", {"Resources": resources("Media", allow(Resource=objects_of("Media")), BucketName="media")}
    )
    properties = {"Bucket": "media", "PolicyDocument": document()}
    second = Template("second", {"Resources": {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}})
    for order in permutations((media, second)):
        assert UNREAD in ids(*order)
    # A product can have several versions.
    second.is_of_stack = False
    assert UNREAD not in ids(media, second)


def test_policies_of_two_conditions_are_alternatives():
    media = resources("Media", allow(Resource=objects_of("Media")), BucketName="media")
    for number, (condition, name) in enumerate((("Yes", {"Ref": "Media"}), ("No", "media"))):
        properties = {"Bucket": name, "PolicyDocument": media["MediaPolicy"]["Properties"]["PolicyDocument"]}
        kind = {"Type": "AWS::S3::BucketPolicy", "Condition": condition, "Properties": properties}
        media[f"Policy{number}"] = kind
    del media["MediaPolicy"]
    equal = {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}
    assert in_one(media, Conditions={"Yes": equal, "No": {"Fn::Not": [equal]}}) == set()


def test_buckets_with_the_name_of_their_domain_are_judged_apart():
    def media(name: str, domain: str) -> Json:
        root = {"Effect": "Allow", "Principal": {"AWS": OWN_ACCOUNT}, "Action": "kms:*", "Resource": "*"}
        statement = allow(Resource=objects_of(name), Condition={"StringEquals": {TAG: domain}})
        return {
            **resources(name, statement, BucketName=domain, **encrypted(f"{name}Key")),
            f"{name}Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document(root)}},
        }

    own, foreign = media("Own", DOMAIN), media("Foreign", FOREIGN_DOMAIN)
    for together in ({**own, **foreign}, {**foreign, **own}):
        assert in_one(together) == {FOREIGN, KEY_FORGETS}


@pytest.mark.parametrize("action", ["kms:DescribeKey", "kms:Encrypt", "kms:ReEncrypt*", "kms:Decrypt"])
def test_a_deny_of_what_the_key_policy_allows_iconik_is_a_lock_out(action: str):
    deny = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}
    granted = allow_key(
        Action=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    )
    media = resources("Media", allow(Resource=objects_of("Media")), **encrypted("Key"))
    assert in_one({**media, **key("Key", granted, deny)}) == {DENIED}


@pytest.mark.parametrize("permissions", [None, IconikPermissions.read(), IconikPermissions.write()])
@pytest.mark.parametrize("action", ["kms:DescribeKey", "kms:Decrypt"])
def test_a_deny_in_the_policy_of_a_storages_key_is_refused_at_synthesis(
    permissions: IconikPermissions | None, action: str, tmp_path: Path
):
    app = cdk.App(outdir=str(tmp_path))
    given = {} if permissions is None else {"permissions": permissions}
    stack = cdk.Stack(app, "Media")
    storage = IconikStorage(stack, "Media", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS, **given)
    assert storage.encryption_key is not None
    deny = iam.PolicyStatement(
        effect=iam.Effect.DENY, principals=[iam.AnyPrincipal()], actions=[action], resources=["*"]
    )
    storage.encryption_key.add_to_resource_policy(deny)
    assert refused(tmp_path, app) == {(DENIED, "Media/Media/Key/Resource")}


@pytest.mark.parametrize("name", ["KeySpec", "KeyUsage"])
@pytest.mark.parametrize("values", [["SYMMETRIC_DEFAULT", "RSA_2048"], None])
def test_a_property_of_a_key_with_several_values_is_not_known(name: str, values: list[str] | None):
    media = resources("Media", allow(Resource=objects_of("Media")), **encrypted("Key"))
    made = {**media, **key("Key")}
    made["Key"]["Properties"][name] = {"Ref": "Given"}
    given = {"Type": "String", **({"AllowedValues": values} if values else {})}
    assert in_one(made, Parameters={"Given": given}) == {UNREAD}
    made["Key"]["Properties"][name] = "RSA_2048"
    assert in_one(made) == {KEY_STATE}


def merge(*statements: Json) -> Json:
    named = {f"Iconik{number}12345678": each for number, each in enumerate(statements)}
    properties = {"KeyArn": f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/media", "Statements": named}
    return {"Resources": {"Merge": {"Type": "Custom::IconikKeyPolicyStatements", "Properties": properties}}}


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", None])
def test_merges_of_several_stacks_into_one_key_are_judged_in_the_region_of_the_key(region: str | None):
    via = {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": via}
    first = Template("first", merge(allow_key()), account=OWN_ACCOUNT, region=region)
    second = Template("second", merge(allow_key(), deny), account=OWN_ACCOUNT, region="eu-west-1")
    for order in permutations((first, second)):
        findings = check(App(order), Question(tuple(DOMAINS)))
        places = {(each.id, each.place.template_path, each.place.location) for each in findings if each.place}
        assert places == {(DENIED, "second", "Properties.Statements.Iconik112345678")}
