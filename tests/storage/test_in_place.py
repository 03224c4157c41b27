"""A bucket that stays as it was: beside the `s3.Bucket` that it replaces, only iconik's statements differ."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as targets
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Annotations, Match, Template

from iconik_construct import Cors, IconikStorage
from iconik_construct.errors import IconikTypeError, IconikValueError

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
TAG = "aws:PrincipalTag/IconikSystemDomainId"

KINDS = {
    "with CDK's defaults": lambda _: {},
    "versioned, with a key of its own": lambda _: {"versioned": True, "encryption": s3.BucketEncryption.KMS},
    "with TLS and a lifecycle": lambda _: {
        "enforce_ssl": True,
        "lifecycle_rules": [s3.LifecycleRule(noncurrent_version_expiration=cdk.Duration.days(3650))],
    },
    "with a key of the stack": lambda stack: {"encryption_key": kms.Key(stack, "Own"), "bucket_key_enabled": True},
    "with CORS, deleted with its stack": lambda _: {
        "cors": [s3.CorsRule(allowed_methods=[s3.HttpMethods.GET], allowed_origins=["https://acme.example"])],
        "removal_policy": cdk.RemovalPolicy.DESTROY,
        "auto_delete_objects": True,
    },
    "named, with ACLs and Object Lock": lambda _: {
        "bucket_name": "acme-masters",
        "object_ownership": s3.ObjectOwnership.OBJECT_WRITER,
        "block_public_access": s3.BlockPublicAccess.BLOCK_ACLS,
        "object_lock_enabled": True,
    },
    "with inventories": lambda stack: {
        "inventories": [
            s3.Inventory(destination=s3.InventoryDestination(bucket=s3.Bucket(stack, "Weekly")), enabled=False),
            s3.Inventory(destination=s3.InventoryDestination(bucket=s3.Bucket(stack, "Daily")), inventory_id="daily"),
            {"destination": {"bucket": s3.Bucket(stack, "Named")}, "objectsPrefix": "masters/"},
            {"destination": {"bucket": s3.Bucket(stack, "Lost")}, "inventory_id": "which CDK does not read"},
        ]
    },
    "replicated": lambda stack: {
        "versioned": True,
        "replication_rules": [
            s3.ReplicationRule(destination=s3.Bucket(stack, "Copy", versioned=True), priority=1, id="all")
        ],
    },
    "a site, with rules that CDK does not read": lambda _: {
        "website_index_document": "index.html",
        "metrics": [{"id": "masters", "prefix": "masters/", "tag_filters": {"a": "b"}}],
    },
    "with logs, metrics and acceleration": lambda stack: {
        "server_access_logs_bucket": s3.Bucket(stack, "Logs"),
        "metrics": [s3.BucketMetrics(id="all")],
        "transfer_acceleration": True,
    },
}


def resources(make):
    stack = cdk.Stack(cdk.App(), "Media", env=cdk.Environment(account="123456789012", region="eu-west-1"))
    make(stack)
    return Template.from_stack(stack).to_json()["Resources"]


def without_iconik(resource):
    """A resource without the statements that name iconik; a bucket policy with nothing else is none."""
    properties = dict(resource.get("Properties", {}))
    for name in ("PolicyDocument", "KeyPolicy"):
        if name in properties:
            kept = [one for one in properties[name]["Statement"] if "IconikS3AccessRole" not in str(one)]
            properties[name] = {**properties[name], "Statement": kept}
            if not kept:
                return None
    return {**resource, "Properties": properties}


@pytest.mark.parametrize("as_mapping", [False, True], ids=["named", "bucket_props"])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_iconiks_statements_is_added(kind, as_mapping):
    before = resources(lambda stack: s3.Bucket(stack, "Masters", **KINDS[kind](stack)))

    def in_place(stack):
        props = KINDS[kind](stack)
        given = {"bucket_props": props} if as_mapping else props
        IconikStorage.in_place_of_bucket(stack, "Masters", system_domain_id=DOMAIN, **given)

    after = resources(in_place)

    left = {name: without_iconik(one) for name, one in after.items()}
    assert {name: one for name, one in left.items() if one is not None} == {
        name: without_iconik(one) for name, one in before.items()
    }
    assert "IconikS3AccessRole" in str(after)
    keys = [one for one in after.values() if one["Type"] == "AWS::KMS::Key"]
    assert all("IconikKey" in str(one) for one in keys)


def later(stack, bucket):
    """What a stack asks of a bucket after it was made."""
    bucket.add_inventory(destination=s3.InventoryDestination(bucket=s3.Bucket(stack, "Inventories")))
    bucket.add_inventory(
        destination=s3.InventoryDestination(bucket=stack.node.find_child("Inventories")), enabled=False
    )
    bucket.add_lifecycle_rule(id="old", expiration=cdk.Duration.days(3650))
    bucket.add_metric(id="all")
    bucket.add_event_notification(s3.EventType.OBJECT_CREATED, targets.SqsDestination(sqs.Queue(stack, "Queue")))
    bucket.grant_read(iam.Role(stack, "Reader", assumed_by=iam.AccountPrincipal("444455556666")))
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.AccountPrincipal("444455556666")],
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects("graded/*")],
        )
    )
    bucket.encryption_key.add_alias("alias/masters")
    stack.export_value(bucket.bucket_arn)
    cdk.Tags.of(bucket).add("team", "media")
    bucket.node.default_child.add_property_override("AbacStatus", "Enabled")


@pytest.mark.parametrize("name", ["Masters", "Resource", "film masters (2019)", "M" * 80])
def test_what_is_asked_of_the_bucket_later_is_called_as_before(name):
    def props(stack):
        first = s3.Inventory(destination=s3.InventoryDestination(bucket=s3.Bucket(stack, "First")))
        return {"encryption": s3.BucketEncryption.KMS, "versioned": True, "inventories": [first]}

    def in_place(stack):
        later(stack, IconikStorage.in_place_of_bucket(stack, name, system_domain_id=DOMAIN, **props(stack)).bucket)

    before = resources(lambda stack: later(stack, s3.Bucket(stack, name, **props(stack))))
    after = resources(in_place)

    assert {key: without_iconik(one) for key, one in after.items()} == {
        key: without_iconik(one) for key, one in before.items()
    }
    assert "Inventory2" in str(after)


def test_it_causes_no_warning_and_may_write_cors_only_if_the_bucket_has_no_rules():
    stack = cdk.Stack(cdk.App(), "Media")
    IconikStorage.in_place_of_bucket(stack, "Plain", system_domain_id=DOMAIN)
    rules = [s3.CorsRule(allowed_methods=[s3.HttpMethods.GET], allowed_origins=["*"])]
    with_rules = IconikStorage.in_place_of_bucket(stack, "Ruled", system_domain_id=DOMAIN, cors=rules)
    kept_out = IconikStorage.in_place_of_bucket(stack, "Kept", system_domain_id=DOMAIN, cors=Cors.by_template())

    assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []
    for storage in (with_rules, kept_out):
        assert "s3:PutBucketCORS" not in str([one.to_json() for one in storage.bucket_policy_statements])
    buckets = Template.from_stack(stack).find_resources("AWS::S3::Bucket")
    assert [("CorsConfiguration" in one["Properties"]) for one in buckets.values() if "Properties" in one] == [True]


def test_cors_rules_that_come_later_draw_a_warning_where_iconik_may_write_them():
    stack = cdk.Stack(cdk.App(), "Media")
    rule = {"allowed_methods": [s3.HttpMethods.GET], "allowed_origins": ["https://acme.example"]}
    for name, cors in (("Theirs", Cors.by_iconik()), ("Ours", Cors.by_template())):
        bucket = IconikStorage.in_place_of_bucket(stack, name, system_domain_id=DOMAIN, cors=cors).bucket
        bucket.add_cors_rule(**rule)
        bucket.add_cors_rule(**rule)

    (warning,) = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert warning.id == "/Media/Theirs"
    assert "each overwrites the other. Give cors=Cors.by_template()" in warning.entry.data


@pytest.mark.parametrize(
    ("origins", "warned"),
    [
        (["https://acme.example"], True),
        (["https://iconik.io.acme.example"], True),
        (["https://acme.example", "https://app.iconik.io"], False),
        (["https://*.iconik.io"], False),
        (["*"], False),
        ([cdk.Token.as_string({"Ref": "Origin"})], False),
    ],
)
@pytest.mark.parametrize("as_dict", [False, True])
def test_rules_of_the_buckets_own_that_leave_iconiks_browser_out_draw_a_warning(origins, warned, as_dict):
    stack = cdk.Stack(cdk.App(), "Media")
    rule = {"allowedMethods": [s3.HttpMethods.GET], "allowedOrigins": origins}
    rules = [rule if as_dict else s3.CorsRule(allowed_methods=[s3.HttpMethods.GET], allowed_origins=origins)]
    IconikStorage.in_place_of_bucket(stack, "Masters", system_domain_id=DOMAIN, cors=rules)

    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert ["have no address of iconik's web application" in one.entry.data for one in found] == [True] * warned


HAND_WRITTEN = {
    "without a condition": {"sid": "IconikObjects"},
    "of the whole account, by its id alone": {"principals": [iam.AccountPrincipal("283217727627")]},
    "with the tag in another operator": {"conditions": {"StringLike": {TAG: "*"}}},
    "with another condition": {"conditions": {"StringEquals": {"aws:PrincipalOrgID": "o-acme"}}},
}


def with_statement(resource, **changes):
    """A stack with a statement for iconik that was written by hand, in the policy of a bucket or a key."""
    stack = cdk.Stack(cdk.App(), "Media")
    key = kms.Key(stack, "Own")
    storage = IconikStorage.in_place_of_bucket(stack, "Masters", system_domain_id=DOMAIN, encryption_key=key)
    statement = {
        "principals": [iam.ArnPrincipal("arn:aws:iam::283217727627:role/IconikS3AccessRole")],
        "actions": ["s3:GetObject" if resource == "bucket" else "kms:Decrypt"],
        "resources": [storage.bucket.arn_for_objects("*") if resource == "bucket" else "*"],
    }
    policy = storage.bucket if resource == "bucket" else key
    policy.add_to_resource_policy(iam.PolicyStatement(**{**statement, **changes}))
    return stack


def untagged(stack):
    return [str(one.entry.data) for one in Annotations.from_stack(stack).find_warning("*", Match.any_value())]


@pytest.mark.parametrize("resource", ["bucket", "key"])
@pytest.mark.parametrize("kind", HAND_WRITTEN)
def test_a_foreign_statement_without_the_tag_causes_a_warning(resource, kind):
    stack = with_statement(resource, **HAND_WRITTEN[kind])

    (warning,) = untagged(stack)
    assert f"Another statement in the {resource} policy, " in warning
    assert "every other iconik customer has access by it" in warning
    assert ("'IconikObjects'" in warning) is ("sid" in HAND_WRITTEN[kind])


@pytest.mark.parametrize("resource", ["bucket", "key"])
@pytest.mark.parametrize("sid", [None, "IconikList", "IconikObjects"])
@pytest.mark.parametrize("tag", [TAG, TAG.lower()])
def test_a_foreign_statement_with_the_tag_causes_another_warning(resource, sid, tag):
    stack = with_statement(resource, sid=sid, conditions={"StringEquals": {tag: DOMAIN}})

    (warning,) = untagged(stack)
    assert f"Another statement in the {resource} policy, " in warning
    assert "Its access does not depend on the props of this construct" in warning


def test_next_to_a_storage_that_replaces_nothing_it_causes_no_warning():
    stack = cdk.Stack(cdk.App(), "Media")
    bucket = IconikStorage(stack, "Masters", system_domain_id=DOMAIN).bucket
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ArnPrincipal("arn:aws:iam::283217727627:role/IconikS3AccessRole")],
            actions=["s3:GetObjectTagging"],
            resources=[bucket.arn_for_objects("*")],
            conditions={"StringEquals": {TAG: DOMAIN}},
        )
    )

    assert untagged(stack) == []


@pytest.mark.parametrize("resource", ["bucket", "key"])
@pytest.mark.parametrize(
    "harmless",
    [
        {"effect": iam.Effect.DENY, "conditions": {"Bool": {"aws:SecureTransport": "false"}}},
        {"principals": [iam.AccountPrincipal("444455556666")]},
    ],
)
def test_statements_for_others_cause_no_warning(resource, harmless):
    assert untagged(with_statement(resource, **harmless)) == []


def test_the_warning_of_what_was_written_by_hand_can_be_acknowledged():
    stack = with_statement("bucket")
    cdk.Validations.of(stack).acknowledge(
        cdk.Acknowledgment(id="iconik-construct:UntaggedStatement", reason="goes with the next release")
    )

    assert untagged(stack) == []


def test_a_subclass_makes_one_of_itself():
    class Media(IconikStorage):
        pass

    storage = Media.in_place_of_bucket(cdk.Stack(cdk.App(), "Media"), "Masters", system_domain_id=DOMAIN)

    assert isinstance(storage, Media)


@pytest.mark.parametrize(
    ("props", "error", "text"),
    [
        ({"versoned": True}, IconikValueError, "'versioned'"),
        ({"public_read_access": True}, IconikValueError, "must not make the objects public"),
        ({"encryption": s3.BucketEncryption.KMS_MANAGED}, IconikValueError, "must not be the AWS managed key"),
        ({"versioned": True, "bucket_props": {"versioned": True}}, IconikValueError, "'versioned' must be given once"),
        ({"bucket_name": "No_Name"}, IconikValueError, "'bucket_name'"),
        ({"bucket_props": 1}, IconikTypeError, "must be a mapping"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(props, error, text):
    stack = cdk.Stack(cdk.App(), "Media")

    with pytest.raises(error, match=text):
        IconikStorage.in_place_of_bucket(stack, "Masters", system_domain_id=DOMAIN, **props)

    assert stack.node.try_find_child("Masters") is None
