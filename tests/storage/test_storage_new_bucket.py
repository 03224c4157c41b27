"""`IconikStorage` with a bucket of its own."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template
from constructs import Construct

from iconik_construct import (
    ICONIK_ROLE_ARN,
    Adoption,
    Cors,
    IconikPermissions,
    IconikStorage,
    IconikTypeError,
    IconikValueError,
    PlacementKind,
    StorageEncryption,
)

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
EXAMPLE = "1297c8b6-3563-11e7-adf1-6c4008b85488"
READ_TAG = {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": DOMAIN}}


def stack(**env: str) -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(**env) if env else None)


def template(**props: Any) -> Template:
    place = stack()
    IconikStorage(place, "Media", **{"system_domain_id": DOMAIN, **props})
    return Template.from_stack(place)


def one(found: Template, kind: str) -> dict[str, Any]:
    (resource,) = found.find_resources(kind).values()
    return resource


def iconik_statements(found: Template, kind: str = "AWS::S3::BucketPolicy") -> list[dict[str, Any]]:
    document = "PolicyDocument" if kind == "AWS::S3::BucketPolicy" else "KeyPolicy"
    statements = one(found, kind)["Properties"][document]["Statement"]
    return [s for s in statements if s["Principal"].get("AWS") == ICONIK_ROLE_ARN]


def warnings(place: cdk.Stack) -> list[str]:
    return [str(w.entry.data) for w in Annotations.from_stack(place).find_warning("*", Match.any_value())]


def test_it_takes_the_place_of_a_bucket_without_changing_a_logical_id():
    plain = stack()
    s3.Bucket(plain, "Media", encryption=s3.BucketEncryption.KMS, enforce_ssl=True)
    before = set(Template.from_stack(plain).to_json()["Resources"])
    after = set(template(encryption=StorageEncryption.KMS).to_json()["Resources"])
    assert before == after == {"MediaA721A567", "MediaPolicyB55044B9", "MediaKeyF1173EF8"}


def test_a_bucket_is_closed_versioned_and_kept_by_default():
    bucket = one(template(), "AWS::S3::Bucket")
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert bucket["Properties"] == {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": "IconikHousekeeping",
                    "Status": "Enabled",
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                    "ExpiredObjectDeleteMarker": True,
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                }
            ]
        },
    }


def test_requests_without_tls_1_2_are_denied_to_everybody():
    statements = one(template(), "AWS::S3::BucketPolicy")["Properties"]["PolicyDocument"]["Statement"]
    denied = [s["Condition"] for s in statements if s["Effect"] == "Deny" and s["Principal"] == {"AWS": "*"}]
    assert denied == [{"Bool": {"aws:SecureTransport": "false"}}, {"NumericLessThan": {"s3:TlsVersion": 1.2}}]


def test_admin_with_a_new_key_synthesizes_what_iconik_publishes():
    found = template(permissions=IconikPermissions.admin(), encryption=StorageEncryption.KMS)
    (on_bucket,) = iconik_statements(found)
    arn = {"Fn::GetAtt": ["MediaA721A567", "Arn"]}
    assert (on_bucket["Effect"], on_bucket["Action"], on_bucket["Condition"]) == ("Allow", "s3:*", READ_TAG)
    assert on_bucket["Resource"] == [arn, {"Fn::Join": ["", [arn, "/*"]]}]
    (on_key,) = iconik_statements(found, "AWS::KMS::Key")
    assert set(on_key["Action"]) == {
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:DescribeKey",
    }
    assert (on_key["Resource"], on_key["Condition"]) == ("*", READ_TAG)


def test_kms_makes_a_rotated_and_retained_key_with_a_bucket_key():
    found = template(encryption=StorageEncryption.KMS)
    key = one(found, "AWS::KMS::Key")
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["DeletionPolicy"] == "Retain"
    (rule,) = one(found, "AWS::S3::Bucket")["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


def test_dsse_makes_a_key_and_no_bucket_key():
    found = template(encryption=StorageEncryption.DSSE)
    (rule,) = one(found, "AWS::S3::Bucket")["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms:dsse"
    assert "BucketKeyEnabled" not in rule
    assert len(iconik_statements(found, "AWS::KMS::Key")) == 1


def test_a_key_of_this_app_gets_the_statement():
    place = stack()
    key = kms.Key(place, "Own")
    storage = IconikStorage(place, "Media", system_domain_id=DOMAIN, encryption_key=key)
    found = Template.from_stack(place)
    found.resource_count_is("AWS::KMS::Key", 1)
    assert len(iconik_statements(found, "AWS::KMS::Key")) == 1
    assert storage.encryption_key is key
    assert [placement.how for placement in storage.placements] == [PlacementKind.OWNED, PlacementKind.OWNED]


def test_two_storages_on_one_key_have_statements_with_sids_of_their_own():
    place = stack()
    key = kms.Key(place, "Own")
    IconikStorage(place, "One", system_domain_id=DOMAIN, encryption_key=key)
    IconikStorage(place, "Two", system_domain_id=DOMAIN, encryption_key=key, permissions=IconikPermissions.read())
    sids = [s["Sid"] for s in iconik_statements(Template.from_stack(place), "AWS::KMS::Key")]
    assert len(sids) == len(set(sids)) == 2


def test_a_key_can_be_limited_to_s3_in_the_stacks_region():
    found = template(encryption=StorageEncryption.DSSE, via_s3_only=True)
    (on_key,) = iconik_statements(found, "AWS::KMS::Key")
    via = on_key["Condition"]["StringEquals"]["kms:ViaService"]
    assert via == {"Fn::Join": ["", ["s3.", {"Ref": "AWS::Region"}, ".amazonaws.com"]]}


def test_cors_by_iconik_writes_no_rules_and_allows_iconik_to_write_them():
    found = template()
    assert "CorsConfiguration" not in one(found, "AWS::S3::Bucket")["Properties"]
    assert "s3:PutBucketCORS" in iconik_statements(found)[0]["Action"]


def test_cors_by_template_writes_the_rules_and_allows_iconik_only_to_read_them():
    found = template(cors=Cors.by_template(origins=["https://media.example.com"]))
    assert one(found, "AWS::S3::Bucket")["Properties"]["CorsConfiguration"] == {
        "CorsRules": [
            {
                "AllowedHeaders": ["*"],
                "AllowedMethods": ["GET", "HEAD", "PUT", "POST"],
                "AllowedOrigins": ["https://media.example.com"],
                "ExposedHeaders": ["ETag"],
            }
        ]
    }
    assert "s3:PutBucketCORS" not in json.dumps(iconik_statements(found))
    assert "s3:GetBucketCORS" in json.dumps(iconik_statements(found))


def test_cors_rules_among_the_bucket_props_take_the_right_to_write_them_from_iconik():
    rule = s3.CorsRule(allowed_methods=[s3.HttpMethods.GET], allowed_origins=["https://media.example.com"])
    assert "s3:PutBucketCORS" not in json.dumps(iconik_statements(template(bucket_props={"cors": [rule]})))


def test_bucket_props_win_over_the_defaults():
    found = template(bucket_props={"transfer_acceleration": True, "versioned": False})
    properties = one(found, "AWS::S3::Bucket")["Properties"]
    assert properties["AccelerateConfiguration"] == {"AccelerationStatus": "Enabled"}
    assert "VersioningConfiguration" not in properties


def test_encryption_among_the_bucket_props_makes_a_key_that_iconik_can_use():
    found = template(bucket_props={"encryption": s3.BucketEncryption.KMS})
    assert len(iconik_statements(found, "AWS::KMS::Key")) == 1


@pytest.mark.parametrize(
    ("props", "warning"),
    [
        ({"bucket_props": {"enforce_ssl": False}}, "OpenTls"),
        ({"bucket_props": {"minimum_tls_version": 1.1}}, "OpenTls"),
        ({"bucket_props": {"block_public_access": None}}, "OpenPublicAccess"),
        ({"bucket_props": {"removal_policy": cdk.RemovalPolicy.DESTROY}}, "OpenRemoval"),
        ({"removal_policy": cdk.RemovalPolicy.DESTROY}, "OpenRemoval"),
        ({"bucket_props": {"object_ownership": s3.ObjectOwnership.OBJECT_WRITER}}, "OpenOwnership"),
        ({"bucket_props": {"versioned": False}}, "OpenVersioning"),
        ({"system_domain_id": EXAMPLE}, "ExampleSystemDomainId"),
        ({"permissions": IconikPermissions.admin(), "cors": Cors.by_template()}, "AdminWritesCors"),
    ],
)
def test_props_that_weaken_the_storage_cause_a_warning_that_can_be_acknowledged(props: dict[str, Any], warning: str):
    place = stack()
    IconikStorage(place, "Media", **{"system_domain_id": DOMAIN, **props})
    assert any(f"iconik-construct:{warning}" in text for text in warnings(place)), warnings(place)
    cdk.Validations.of(place).acknowledge(cdk.Acknowledgment(id=f"iconik-construct:{warning}", reason="tested"))


def test_an_open_public_access_block_causes_a_warning():
    place = stack()
    half_open = s3.BlockPublicAccess(block_public_acls=True, ignore_public_acls=True)
    IconikStorage(place, "Media", system_domain_id=DOMAIN, bucket_props={"block_public_access": half_open})
    assert any("iconik-construct:OpenPublicAccess" in text for text in warnings(place))


def test_the_usual_storage_causes_no_warning():
    place = stack()
    IconikStorage(place, "Media", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)
    assert warnings(place) == []


@pytest.mark.parametrize(
    ("props", "error", "message"),
    [
        ({"system_domain_id": "acme"}, IconikValueError, "'system_domain_id' must be a UUID, got 'acme'"),
        ({"system_domain_id": []}, IconikValueError, "at least one"),
        ({"permissions": "admin"}, IconikTypeError, "'permissions' must be IconikPermissions"),
        ({"bucket_name": "Acme_Media"}, IconikValueError, "'bucket_name' must be 3 to 63"),
        ({"bucket_props": {"bucket_name": "UPPER"}}, IconikValueError, "'bucket_name' must be 3 to 63"),
        ({"bucket_props": {"version": True}}, IconikValueError, "Did you mean 'versioned'?"),
        ({"bucket_props": [("versioned", True)]}, IconikTypeError, "'bucket_props' must be a mapping"),
        ({"encryption": "KMS"}, IconikTypeError, "Use StorageEncryption.S3_MANAGED"),
        ({"bucket_props": {"encryption": s3.BucketEncryption.KMS_MANAGED}}, IconikValueError, "aws/s3"),
        ({"bucket_props": {"encryption": s3.BucketEncryption.DSSE_MANAGED}}, IconikValueError, "aws/s3"),
        ({"encryption_key": "alias/aws/s3"}, IconikTypeError, "'encryption_key' must be a kms.IKey"),
        ({"cors": ["https://app.iconik.io"]}, IconikTypeError, "Cors.by_template"),
        ({"removal_policy": "DESTROY"}, IconikTypeError, "'removal_policy' must be a RemovalPolicy"),
        ({"adoption": "merge"}, IconikTypeError, "'adoption' must be an? Adoption"),
        ({"via_s3_only": "yes"}, IconikTypeError, "'via_s3_only' must be a bool"),
        ({"bucket": "media"}, IconikTypeError, "'bucket' must be an s3.IBucket"),
        ({"iconik_role_arn": "*"}, IconikValueError, "ARN of one IAM role"),
    ],
)
def test_bad_props_are_refused_before_anything_is_made(props: dict[str, Any], error: type[Exception], message: str):
    place = stack()
    with pytest.raises(error, match=message):
        IconikStorage(place, "Media", **{"system_domain_id": DOMAIN, **props})
    assert place.node.children == []


def test_a_key_beside_s3_managed_is_refused():
    place = stack()
    key = kms.Key(place, "Own")
    with pytest.raises(IconikValueError, match="Leave out one of the two"):
        IconikStorage(
            place, "Media", system_domain_id=DOMAIN, encryption=StorageEncryption.S3_MANAGED, encryption_key=key
        )


def test_the_aws_managed_key_is_refused_by_its_alias():
    place = stack()
    alias = kms.Alias.from_alias_name(place, "Managed", "alias/aws/s3")
    with pytest.raises(IconikValueError, match="nobody can edit its policy"):
        IconikStorage(place, "Media", system_domain_id=DOMAIN, encryption_key=alias)


@pytest.mark.parametrize("key_id", ["*", "1234*", "alias/media", "?"])
@pytest.mark.parametrize("bucket", [None, "acme-media-masters"])
def test_a_key_arn_that_is_not_of_one_key_is_refused(bucket, key_id):
    """A function that merges would get the right to write the policy of every key that matches."""
    place = stack()
    arn = f"arn:aws:kms:eu-west-1:123456789012:key/{key_id}"
    given = {} if bucket is None else {"bucket": s3.Bucket.from_bucket_name(place, "Bucket", bucket)}
    with pytest.raises(IconikValueError, match=r"'encryption_key' must be one key, .*got 'arn:aws:kms.*describe-key"):
        IconikStorage(
            place,
            "Media",
            system_domain_id=DOMAIN,
            encryption_key=kms.Key.from_key_arn(place, "Key", arn),
            **given,
        )


def test_a_key_arn_with_a_token_is_accepted():
    place = stack()
    arn = f"arn:aws:kms:eu-west-1:123456789012:key/{cdk.Fn.import_value('KeyId')}"
    IconikStorage(
        place,
        "Media",
        system_domain_id=DOMAIN,
        encryption_key=kms.Key.from_key_arn(place, "Key", arn),
        adoption=Adoption.HAND_OVER,
    )


def test_a_stack_in_another_partition_is_refused():
    with pytest.raises(IconikValueError, match="iconik's role is there"):
        IconikStorage(stack(region="cn-north-1", account="123456789012"), "Media", system_domain_id=DOMAIN)


def test_a_policy_larger_than_aws_allows_is_refused_with_its_size_and_what_takes_the_room():
    prefixes = [f"{number:0>39}/" for number in range(400)]
    with pytest.raises(IconikValueError, match=r"20,480 bytes, but they take at least [\d,]+ \(IconikObjects"):
        IconikStorage(stack(), "Media", system_domain_id=DOMAIN, permissions=IconikPermissions.read(*prefixes))


def test_a_policy_that_others_fill_is_measured_when_it_is_finished():
    place = stack()
    storage = IconikStorage(place, "Media", system_domain_id=DOMAIN)
    for number in range(90):
        storage.bucket.add_to_resource_policy(
            cdk.aws_iam.PolicyStatement(
                principals=[cdk.aws_iam.AccountPrincipal("111122223333")],
                actions=["s3:GetObject"],
                resources=[storage.bucket.arn_for_objects(f"{number:0>39}/*")],
            )
        )
    with pytest.raises(RuntimeError, match=r"bucket policy of 'Stack/Media' takes up to [\d,]+ bytes"):
        Template.from_stack(place)


def test_the_statements_that_are_handed_out_are_copies():
    place = stack()
    storage = IconikStorage(place, "Media", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)
    for statement in [*storage.bucket_policy_statements, *storage.key_policy_statements]:
        statement.add_any_principal()
    found = Template.from_stack(place)
    assert all(s["Principal"] == {"AWS": ICONIK_ROLE_ARN} for s in iconik_statements(found))
    document = one(found, "AWS::S3::BucketPolicy")["Properties"]["PolicyDocument"]
    assert not [
        s for s in document["Statement"] if s["Effect"] == "Allow" and s["Principal"] != {"AWS": ICONIK_ROLE_ARN}
    ]


def test_the_create_path_has_no_lambda_and_no_asset():
    found = template(encryption=StorageEncryption.KMS).to_json()
    assert {r["Type"] for r in found["Resources"].values()} == {
        "AWS::KMS::Key",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
    }


def test_the_settings_for_iconik_follow_from_the_storage():
    place = stack(region="eu-west-1", account="123456789012")
    storage = IconikStorage(
        place,
        "Media",
        system_domain_id=DOMAIN,
        bucket_name="acme-media",
        permissions=IconikPermissions.read(),
        bucket_props={"transfer_acceleration": True},
    )
    settings = storage.settings(name="Masters")["settings"]
    assert settings["region"] == "eu-west-1"
    assert (settings["read"], settings["write"], settings["use_acceleration"]) == (True, False, True)


def test_the_same_input_gives_the_same_template():
    assert json.dumps(template(encryption=StorageEncryption.KMS).to_json()) == json.dumps(
        template(encryption=StorageEncryption.KMS).to_json()
    )


@pytest.mark.parametrize("kind", ["None", "an L1", "a wrapper"])
def test_a_subclass_that_makes_no_bucket_is_refused_with_the_fix(kind: str):
    class Own(IconikStorage):
        def create_bucket(self, props: dict[str, Any]) -> s3.IBucket:
            made: dict[str, Any] = {"None": lambda: None, "an L1": self.l1, "a wrapper": self.wrapper}
            bucket: s3.IBucket = made[kind]()
            return bucket

        def l1(self) -> Any:
            return s3.CfnBucket(self, "Default")

        def wrapper(self) -> Any:
            wrapper = Construct(self, "Wrapper")
            s3.Bucket(wrapper, "Default")
            return wrapper

    with pytest.raises(IconikTypeError, match=r"'create_bucket' must return an s3.IBucket, got .*from_cfn_bucket"):
        Own(stack(), "Media", system_domain_id=DOMAIN)


def test_a_subclass_that_imports_its_new_bucket_is_refused_with_the_fix():
    class Own(IconikStorage):
        def create_bucket(self, props: dict[str, Any]) -> s3.IBucket:
            return s3.Bucket.from_bucket_name(self, "Default", "acme-media")

    with pytest.raises(IconikValueError, match=r"'create_bucket' must return a bucket that this app makes.*bucket="):
        Own(stack(), "Media", system_domain_id=DOMAIN)


def test_a_subclass_that_makes_an_l1_key_is_refused_with_the_fix():
    class Own(IconikStorage):
        def create_key(self) -> Any:
            return kms.CfnKey(self, "Key")

    with pytest.raises(IconikTypeError, match=r"'create_key' must return a kms.IKey.*from_cfn_key"):
        Own(stack(), "Media", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)
