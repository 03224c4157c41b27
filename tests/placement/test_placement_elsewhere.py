"""What cannot be merged: said at synthesis, taken over, or handed over."""

import json
from graphlib import TopologicalSorter
from itertools import pairwise, permutations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from constructs import Construct
from placement_stacks import ACCOUNT, BOTH, KEY_ARN, imported, place, resources, statement, warnings

from iconik_construct import IconikStorage, IconikWatch, StorageEncryption
from iconik_construct.errors import IconikTypeError, IconikValueError
from iconik_construct.placement.ids import sid_suffix
from iconik_construct.placement.record import Adoption, PlacementKind

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"


@pytest.mark.parametrize(
    ("what", "where"), [("account", {"account": "999999999999"}), ("region", {"region": "us-east-2"})]
)
@pytest.mark.parametrize("adoption", [Adoption.MERGE, Adoption.TAKE_OVER])
def test_a_bucket_known_to_be_elsewhere_can_only_be_handed_over(stack, what, where, adoption):
    bucket = s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="media", **where)

    with pytest.raises(IconikValueError, match=rf"'media'.*in the {what}.*With Adoption.HAND_OVER"):
        place(stack, bucket, BOTH, adoption)

    assert place(stack, bucket, BOTH, Adoption.HAND_OVER).how is PlacementKind.HANDED_OVER


@pytest.mark.parametrize(("old", "new"), [(ACCOUNT, "999999999999"), ("eu-west-1", "us-east-2")])
def test_a_key_known_to_be_elsewhere_can_only_be_handed_over(stack, old, new):
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN.replace(old, new))

    with pytest.raises(IconikValueError, match=rf"{new}.*With Adoption.HAND_OVER"):
        place(stack, key, [statement("IconikKey")])

    placement = place(stack, key, [statement("IconikKey")], Adoption.HAND_OVER)
    assert placement.how is PlacementKind.HANDED_OVER


@pytest.mark.parametrize(
    "alias",
    [
        lambda stack: kms.Alias.from_alias_name(stack, "Alias", "alias/media"),
        lambda stack: kms.Key.from_key_arn(
            stack, "Alias", stack.format_arn(service="kms", resource="alias", resource_name="media")
        ),
    ],
)
def test_an_alias_is_refused_because_it_names_no_key_policy(stack, alias):
    with pytest.raises(IconikValueError, match=r"must be a key, not the alias 'alias/media'.*kms.Key.from_lookup"):
        place(stack, alias(stack), [statement("IconikKey")])


@pytest.mark.parametrize("new", [False, True])
def test_an_alias_that_the_app_makes_of_an_imported_key_is_that_key(stack, new):
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    alias = kms.Alias(stack, "Alias", alias_name="alias/media", target_key=key)

    props = {} if new else {"bucket": imported(stack)}
    storage = IconikStorage(stack, "Media", system_domain_id=DOMAIN, encryption_key=alias, **props)
    IconikWatch(stack, "Watch", storages=[storage])

    (merged,) = resources(stack, "Custom::IconikKeyPolicyStatements").values()
    assert merged["Properties"]["KeyArn"] == KEY_ARN
    if new:
        (bucket,) = resources(stack, "AWS::S3::Bucket").values()
        assert "alias/media" in json.dumps(bucket)


@pytest.mark.parametrize("name", ["media-{}-*", "{}?media"])
def test_a_name_with_a_wildcard_is_refused(name):
    """The function could otherwise write the policies of other buckets."""
    stack = cdk.Stack(cdk.App(), "Stack")

    with pytest.raises(IconikValueError, match=r"'bucket' must be one bucket.*wildcard"):
        place(stack, imported(stack, name.format(stack.account)), BOTH)


def test_the_policy_of_an_imported_bucket_is_taken_over_and_kept_when_the_stack_goes(stack):
    placement = place(stack, imported(stack), BOTH, Adoption.TAKE_OVER)

    (policy,) = resources(stack, "AWS::S3::BucketPolicy").values()
    assert placement.how is PlacementKind.TAKEN_OVER
    assert policy["DeletionPolicy"] == policy["UpdateReplacePolicy"] == "Retain"
    assert policy["Properties"]["PolicyDocument"]["Statement"] == list(placement.statements)
    assert resources(stack, "AWS::Lambda::Function") == {}
    (warning,) = warnings(stack)
    assert "The bucket policy already exists" in warning
    assert "'media'" in warning


def test_storages_that_take_over_one_bucket_share_one_policy(stack):
    for name in ("One", "Two"):
        place(Construct(stack, name), imported(stack, construct_id=f"B{name}"), BOTH, Adoption.TAKE_OVER)

    (policy,) = resources(stack, "AWS::S3::BucketPolicy").values()
    assert len({found["Sid"] for found in policy["Properties"]["PolicyDocument"]["Statement"]}) == 4


@pytest.mark.parametrize("ways", [ways for ways in permutations(Adoption, 2) if Adoption.TAKE_OVER in ways])
def test_a_bucket_that_is_taken_over_is_not_adopted_in_another_way_in_one_stack(stack, ways):
    place(Construct(stack, "One"), imported(stack), BOTH, ways[0])

    with pytest.raises(IconikValueError, match="must be the same for all storages of a stack on the bucket 'media'"):
        place(Construct(stack, "Two"), imported(stack, construct_id="B"), BOTH, ways[1])


def test_the_policy_of_a_key_cannot_be_taken_over(stack):
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)

    with pytest.raises(IconikValueError, match=r"cannot be Adoption.TAKE_OVER with the imported key.*Adoption.MERGE"):
        place(stack, key, [statement("IconikKey")], Adoption.TAKE_OVER)


def test_what_is_handed_over_is_an_output_and_a_warning_and_a_resource_that_does_nothing(stack):
    bucket = place(stack, imported(stack), BOTH, Adoption.HAND_OVER)
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    of_key = place(stack, key, [statement("IconikKey")], Adoption.HAND_OVER)

    template = Template.from_stack(stack).to_json()
    # The CDK CLI skips a stack without resources, or deletes it: its outputs would not be there.
    assert [found["Type"] for found in template["Resources"].values()] == ["AWS::CloudFormation::WaitConditionHandle"]
    assert {name: json.loads(output["Value"]) for name, output in template["Outputs"].items()} == {
        "BucketPolicyToApply": {"Version": "2012-10-17", "Statement": list(bucket.statements)},
        "KeyPolicyToApply": {"Version": "2012-10-17", "Statement": list(of_key.statements)},
    }
    on_bucket, on_key = warnings(stack)
    assert "no access to the bucket 'media' until" in on_bucket
    assert f"no access to the key '{KEY_ARN}' until" in on_key
    assert "https://iconik-construct.github.io/iconik-construct/latest/adopting.html#hand-over" in on_key


def test_what_one_app_hands_over_from_two_accounts_has_sids_of_its_own():
    def sids(account):
        stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account=account, region="eu-west-1"))
        return {each["Sid"] for each in place(stack, imported(stack), BOTH, Adoption.HAND_OVER).statements}

    assert sids("111122223333").isdisjoint(sids("444455556666"))


def test_what_a_stack_without_an_account_hands_over_gets_the_account_at_deployment():
    stack = cdk.Stack(cdk.App(), "Stack")
    place(stack, imported(stack), BOTH, Adoption.HAND_OVER)

    (output,) = Template.from_stack(stack).to_json()["Outputs"].values()
    parts = output["Value"]["Fn::Join"][1]
    assert parts[0].endswith(sid_suffix(stack))
    assert parts[1] == {"Ref": "AWS::AccountId"}


def test_each_hand_over_is_acknowledged_on_its_own(stack):
    cdk.Validations.of(stack).acknowledge(
        cdk.Acknowledgment(id="iconik-construct:HandedOverBucket", reason="applied by hand")
    )
    place(stack, imported(stack), BOTH, Adoption.HAND_OVER)

    assert warnings(stack) == []


def test_an_adoption_of_another_type_is_refused(stack):
    with pytest.raises(IconikTypeError, match="'adoption' must be an Adoption, got 'merge'"):
        place(stack, imported(stack), BOTH, "merge")


@pytest.mark.parametrize("nested", [False, True])
def test_a_stack_that_takes_no_files_cannot_merge(nested):
    stack = cdk.Stack(cdk.App(), "Stack", synthesizer=cdk.BootstraplessSynthesizer())
    where = cdk.NestedStack(stack, "Nested") if nested else stack

    with pytest.raises(IconikValueError, match=r"stack Stack.*BootstraplessSynthesizer accepts no files.*HAND_OVER"):
        place(where, imported(where), BOTH)

    handed = place(where, imported(where, construct_id="B"), BOTH, Adoption.HAND_OVER)
    assert handed.how is PlacementKind.HANDED_OVER


FOREIGN = {
    "bucket": lambda stack, partition: {"bucket": s3.Bucket.from_bucket_arn(stack, "B", f"arn:{partition}:s3:::media")},
    "key": lambda stack, partition: {
        "bucket": imported(stack),
        "encryption_key": kms.Key.from_key_arn(stack, "K", KEY_ARN.replace("arn:aws:", f"arn:{partition}:")),
    },
    "key of a new bucket": lambda stack, partition: {
        "encryption_key": kms.Key.from_key_arn(stack, "K", KEY_ARN.replace("arn:aws:", f"arn:{partition}:"))
    },
    "key of the bucket": lambda stack, partition: {
        "bucket": s3.Bucket.from_bucket_attributes(
            stack,
            "B",
            bucket_name="media",
            encryption_key=kms.Key.from_key_arn(stack, "K", KEY_ARN.replace("arn:aws:", f"arn:{partition}:")),
        )
    },
    "role": lambda stack, partition: {
        "bucket": imported(stack),
        "adoption_role": iam.Role.from_role_arn(stack, "R", f"arn:{partition}:iam::{ACCOUNT}:role/media"),
    },
}


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc"])
@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_in_another_partition_is_refused_everywhere(stack, what, partition):
    with pytest.raises(IconikValueError, match=rf"must be in the partition 'aws'.*got 'arn:{partition}:"):
        IconikStorage(stack, "Media", system_domain_id=DOMAIN, **FOREIGN[what](stack, partition))


@pytest.mark.parametrize("adoption", [Adoption.MERGE, Adoption.TAKE_OVER])
def test_a_dependency_on_a_storage_waits_for_its_statements(stack, adoption):
    encryption = StorageEncryption.S3_MANAGED
    bucket = imported(stack)
    storage = IconikStorage(
        stack, "Media", system_domain_id=DOMAIN, bucket=bucket, encryption=encryption, adoption=adoption
    )
    queue = cdk.CfnResource(stack, "Queue", type="AWS::SQS::Queue")

    queue.node.add_dependency(storage)

    (found,) = resources(stack, "AWS::SQS::Queue").values()
    (first,) = found["DependsOn"]
    kinds = {"Custom::IconikBucketPolicyStatements", "AWS::S3::BucketPolicy"}
    assert Template.from_stack(stack).to_json()["Resources"][first]["Type"] in kinds


def test_storages_that_depend_on_each_other_against_the_order_of_merges_make_no_circle(stack):
    encryption = StorageEncryption.S3_MANAGED
    storages = [
        IconikStorage(
            stack,
            f"Media{number}",
            system_domain_id=DOMAIN,
            bucket=s3.Bucket.from_bucket_name(stack, f"Bucket{number}", f"acme-media-{number}"),
            encryption=encryption,
        )
        for number in range(5)
    ]
    for first, second in pairwise(storages):
        first.node.add_dependency(second)

    found = Template.from_stack(stack).to_json()["Resources"]
    TopologicalSorter({name: each.get("DependsOn", ()) for name, each in found.items()}).prepare()
