"""An app repeats its buckets and policies. Equal ones are judged once, and each finding is reported for all of them."""

from __future__ import annotations

from typing import Any

import pytest

from iconik_construct.assessment import Question
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import DENIED, DOMAINS, EVERYONE, NO_TAG, OWN_ACCOUNT, ROLE, allow, document, pinned

Json = Any
NO_VALUE = {"Ref": "AWS::NoValue"}


def places(body: Json) -> set[tuple[str, str]]:
    return {(rule, logical_id) for rule, _, logical_id in places_in({"it.template.json": body})}


def places_in(bodies: dict[str, Json], account: str | None = OWN_ACCOUNT) -> set[tuple[str, str, str]]:
    templates = [Template(path, body, account=account) for path, body in bodies.items()]
    found = check(App(templates), Question(tuple(DOMAINS)))
    return {(each.id, each.place.template_path, each.place.logical_id) for each in found if each.place is not None}


def resources(name: str, *statements: Json, under: str | None = None, **properties: Json) -> Json:
    """A bucket and its policy."""
    arn = {"Fn::GetAtt": [name, "Arn"]}
    https = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, {"Fn::Join": ["", [arn, "/*"]]}],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    made: Json = {
        name: {"Type": "AWS::S3::Bucket", "Properties": properties},
        f"{name}Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": name}, "PolicyDocument": document(https, *statements)},
        },
    }
    return {logical_id: {**each, "Condition": under} if under else each for logical_id, each in made.items()}


def objects_of(name: str) -> Json:
    return {"Fn::Join": ["", [{"Fn::GetAtt": [name, "Arn"]}, "/*"]]}


def test_a_lock_out_in_one_case_of_the_conditions_is_reported_for_each_bucket():
    def media(name: str) -> Json:
        deny = {"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "s3:*", "Resource": objects_of(name)}
        return resources(name, allow(Resource=objects_of(name)), {"Fn::If": ["Locked", deny, NO_VALUE]})

    for locked in ("yes", "no"):
        conditions = {"Locked": {"Fn::Equals": [{"Ref": "Parameter"}, locked]}}
        found = places({"Conditions": conditions, "Resources": {**media("First"), **media("Second")}})
        assert {(DENIED, "FirstPolicy"), (DENIED, "SecondPolicy")} <= found


def test_equal_policies_under_different_conditions_are_judged_apart():
    def media(name: str, under: str | None) -> Json:
        tag = {"Fn::If": ["Tagged", pinned(), NO_VALUE]}
        return resources(name, allow(Resource=objects_of(name), Condition=tag), under=under)

    conditions = {"Tagged": {"Fn::Equals": [{"Ref": "Parameter"}, "yes"]}}
    found = places({"Conditions": conditions, "Resources": {**media("First", "Tagged"), **media("Second", None)}})
    assert (NO_TAG, "SecondPolicy") in found
    assert (NO_TAG, "FirstPolicy") not in found


def test_a_lock_out_under_another_condition_of_the_bucket_is_reported():
    def media(name: str, under: str | None) -> Json:
        deny = {"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "s3:*", "Resource": objects_of(name)}
        return resources(name, allow(Resource=objects_of(name)), {"Fn::If": ["Open", NO_VALUE, deny]}, under=under)

    conditions = {"Open": {"Fn::Equals": [{"Ref": "Parameter"}, "yes"]}}
    found = places({"Conditions": conditions, "Resources": {**media("First", "Open"), **media("Second", None)}})
    assert (DENIED, "SecondPolicy") in found
    assert (DENIED, "FirstPolicy") not in found


def key(name: str, *statements: Json) -> Json:
    root = {"Effect": "Allow", "Principal": {"AWS": OWN_ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    tagged = allow(Action=["kms:Decrypt", "kms:GenerateDataKey*"], Resource="*")
    policy = document(root, tagged, *statements)
    return {name: {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}}


def encrypted(name: str) -> Json:
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": [name, "Arn"]}}
    return {"BucketEncryption": {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": by_default}]}}


@pytest.mark.parametrize(
    "pattern",
    ["arn:aws:s3:::prod-*", "arn:aws:s3:::???d-media*", "*prod*", "arn:aws:s3:::prod-media/*", "arn:aws:s3:::*-media*"],
)
@pytest.mark.parametrize("of_key", [False, True])
def test_one_statement_for_many_buckets_can_match_only_one_of_them(pattern: str, of_key: bool):
    deny: Json = {"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "s3:*", "Resource": pattern}
    if of_key:
        condition = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": pattern}}
        deny = {**deny, "Action": "kms:*", "Resource": "*", "Condition": condition}

    def media(name: str, bucket_name: str) -> Json:
        settings = {"BucketName": bucket_name, **encrypted(f"{name}Key")}
        of_bucket = resources(name, allow(Resource=objects_of(name)), *([] if of_key else [deny]), **settings)
        return {**of_bucket, **key(f"{name}Key", *([deny] if of_key else []))}

    test, production = media("Test", "test-media"), media("Production", "prod-media")
    alone = places({"Resources": test}) | places({"Resources": production})
    assert ("ProductionKey" if of_key else "ProductionPolicy") in {place for _, place in alone}
    assert places({"Resources": {**test, **production}}) == alone
    assert places({"Resources": {**production, **test}}) == alone


def test_the_case_of_a_name_counts_where_a_condition_ignores_it():
    condition = {"StringEqualsIgnoreCase": {"kms:EncryptionContext:aws:s3:arn": "ARN:AWS:S3:::PROD-MEDIA"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": condition}

    def media(name: str, bucket_name: str) -> Json:
        settings: Json = {"BucketName": bucket_name, **encrypted(f"{name}Key")}
        settings["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["BucketKeyEnabled"] = True
        return {**resources(name, allow(Resource=objects_of(name)), **settings), **key(f"{name}Key", deny)}

    test, production = media("Test", "test-media"), media("Production", "prod-media")
    alone = places({"Resources": test}) | places({"Resources": production})
    assert alone
    assert places({"Resources": {**test, **production}}) == alone


def test_access_points_of_two_stacks_of_one_class_are_told_apart():
    def point(*statements: Json) -> Json:
        properties = {"Bucket": "acme-media", "Policy": document(*statements)}
        return {"Resources": {"Point": {"Type": "AWS::S3::AccessPoint", "Properties": properties}}}

    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    condition = {"StringEquals": {"s3:DataAccessPointAccount": OWN_ACCOUNT}}
    delegated = {**everyone, "Resource": objects_of("Media"), "Condition": condition}
    media = {
        "Resources": resources("Media", allow(Resource=objects_of("Media")), delegated, BucketName="acme-media"),
    }
    for opened in ("first", "second"):
        points = {each: point(everyone) if each == opened else point() for each in ("first", "second")}
        found = places_in({"media": media, **points})
        assert found == {("ICONIK019", opened, "Point")}


def test_one_allow_for_many_buckets_can_open_only_one_of_them():
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::prod-*"}
    test = resources("Test", everyone, BucketName="test-media")
    production = resources("Production", everyone, BucketName="prod-media")
    for together in ({**test, **production}, {**production, **test}):
        assert places({"Resources": together}) == {(EVERYONE, "ProductionPolicy")}


@pytest.mark.parametrize("operator", ["StringLike", "ArnLike", "StringNotLike"])
@pytest.mark.parametrize("pseudo", ["AWS::AccountId", "AWS::StackName"])
def test_a_name_is_told_apart_by_its_known_part(operator: str, pseudo: str):
    condition = {operator: {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::prod-*"}}
    deny = {"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "kms:*", "Resource": "*", "Condition": condition}

    def media(name: str, start: str) -> Json:
        settings: Json = {"BucketName": {"Fn::Sub": f"{start}-${{{pseudo}}}"}, **encrypted(f"{name}Key")}
        return {**resources(name, allow(Resource=objects_of(name)), **settings), **key(f"{name}Key", deny)}

    test, production = media("Test", "test"), media("Production", "prod")
    alone = [places_in({"it": {"Resources": each}}, account=None) for each in (test, production)]
    assert alone[0] != alone[1]
    for together in ({**test, **production}, {**production, **test}):
        assert places_in({"it": {"Resources": together}}, account=None) == alone[0] | alone[1]


@pytest.mark.parametrize(
    "form", [{"Fn::Sub": "${First.Arn}/*"}, {"Fn::Join": ["", [{"Fn::GetAtt": "First.Arn"}, "/*"]]}]
)
def test_a_statement_about_the_first_bucket_is_another_one_in_the_policy_of_the_second(form: Json):
    deny = {"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "s3:*", "Resource": form}
    first, second = (resources(name, allow(Resource=objects_of(name)), deny) for name in ("First", "Second"))
    for together in ({**first, **second}, {**second, **first}):
        assert places({"Resources": together}) == {(DENIED, "FirstPolicy")}


def test_a_deny_of_the_first_bucket_does_not_close_the_second_one():
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": {"Fn::Sub": "${First.Arn}/*"}}
    made = {**resources("First", everyone, deny), **resources("Second", everyone, deny)}
    assert places({"Resources": made}) == {(EVERYONE, "SecondPolicy")}


def test_a_key_policy_that_names_a_bucket_is_another_one_for_another_bucket():
    condition = {
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": {"Fn::Join": ["", [{"Fn::GetAtt": ["First", "Arn"]}, "*"]]}}
    }
    deny = {"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "kms:*", "Resource": "*", "Condition": condition}

    def media(name: str) -> Json:
        made = resources(name, allow(Resource=objects_of(name)), **encrypted(f"{name}Key"))
        return {**made, **key(f"{name}Key", deny)}

    for together in ({**media("First"), **media("Second")}, {**media("Second"), **media("First")}):
        assert (DENIED, "FirstKey") in places({"Resources": together})


@pytest.mark.parametrize("denied", ["prod", "test"])
@pytest.mark.parametrize(
    "name", [{"Fn::Sub": "${Env}-media"}, {"Fn::If": ["IsProduction", "prod-media", "test-media"]}]
)
def test_each_name_that_a_bucket_can_have_is_judged(denied: str, name: Json):
    resource = f"arn:aws:s3:::{denied}-media/*"
    deny = {"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "s3:*", "Resource": resource}
    body = {
        "Parameters": {"Env": {"Type": "String", "AllowedValues": ["prod", "test"]}},
        "Conditions": {"IsProduction": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}},
        "Resources": resources("Media", allow(Resource=objects_of("Media")), deny, BucketName=name),
    }
    assert places(body) == {(DENIED, "MediaPolicy")}


def test_of_two_buckets_of_one_name_the_one_that_the_policy_refers_to_is_judged():
    conditions = {
        "Production": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
        "Test": {"Fn::Not": [{"Condition": "Production"}]},
    }
    good = resources("Good", allow(Resource=objects_of("Good")), under="Production", BucketName="media")
    settings = {"BucketName": "media", **encrypted("Key")}
    bad = resources("Bad", allow(Resource=objects_of("Bad")), under="Test", **settings)
    denied = key("Key", {"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "kms:*", "Resource": "*"})
    for together in ({**good, **bad, **denied}, {**bad, **good, **denied}):
        assert places({"Conditions": conditions, "Resources": together}) == {(DENIED, "Key")}
