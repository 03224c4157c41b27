"""The stacks of a configuration file, as templates."""

from __future__ import annotations

import inspect
import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from iconik_construct import ICONIK_ROLE_ARN, StorageEncryption
from iconik_construct.app.plan import STORAGES_PER_STACK, plan_stacks
from iconik_construct.app.stacks import add_guardrail, build_stacks
from iconik_construct.config.bucket_props import BUCKET_PROP_ENUMS, BucketProps
from iconik_construct.config.document import IconikConfigError, parse_config
from iconik_construct.config.models import ENCRYPTIONS
from iconik_construct.config.new_bucket import STORAGE_CLASSES
from iconik_construct.config.registration import REMOVAL_POLICIES

DOMAIN = "6f1a3c52-9d8e-4b7a-a2c4-0e5d7f9b1c3e"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


def templates(storages: dict[str, Any], **top: Any) -> dict[str, Template]:
    app = cdk.App()
    build_stacks(app, plan_stacks(parse_config({"system_domain_id": DOMAIN, **top, "storages": storages}), {}))
    return {stack.node.id: Template.from_stack(stack) for stack in app.node.children if isinstance(stack, cdk.Stack)}


def template(storage: dict[str, Any], key: str = "masters", **top: Any) -> Template:
    (found,) = templates({key: storage}, **top).values()
    return found


def policy_statements(found: Template) -> list[dict[str, Any]]:
    (policy,) = found.find_resources("AWS::S3::BucketPolicy").values()
    return [item for item in policy["Properties"]["PolicyDocument"]["Statement"] if item["Effect"] == "Allow"]


def test_the_names_in_the_file_are_those_of_the_constructs_enums():
    assert set(ENCRYPTIONS) == set(StorageEncryption.__members__)
    assert set(REMOVAL_POLICIES) <= set(cdk.RemovalPolicy.__members__)
    assert set(STORAGE_CLASSES) <= set(dir(s3.StorageClass))
    assert {prop: set(names) for prop, names in BUCKET_PROP_ENUMS.items()} == {
        "object_ownership": set(s3.ObjectOwnership.__members__),
        "transition_default_minimum_object_size": set(s3.TransitionDefaultMinimumObjectSize.__members__),
    }


def test_a_new_bucket_puts_out_what_iconiks_form_asks_for():
    outputs = template({"purpose": "ARCHIVE", "name": "Old masters"}, region="eu-west-1").to_json()["Outputs"]
    bucket = {"Ref": next(iter(template({}, region="eu-west-1").find_resources("AWS::S3::Bucket")))}
    assert {name: output["Value"] for name, output in outputs.items() if name != "mastersSettings"} == {
        "mastersBucketName": bucket,
        "mastersRegion": "eu-west-1",
        "mastersPurpose": "ARCHIVE",
    }
    assert outputs["mastersBucketName"]["Description"] == "Old masters: iconik's field Bucket"


def test_the_settings_are_put_out_as_iconiks_api_takes_them():
    storage = {"bucket": {"name": "acme-masters"}, "permissions": "read", "name": "Masters", "path": "a/"}
    (settings,) = template(storage, region="eu-west-1").find_outputs("mastersSettings").values()
    joined = "".join("acme-masters" if isinstance(part, dict) else part for part in settings["Value"]["Fn::Join"][1])
    assert json.loads(joined)["name"] == "Masters"
    assert json.loads(joined)["settings"]["path"] == "a/"
    assert json.loads(joined)["settings"]["write"] is False


def test_a_bucket_with_a_key_of_its_own_puts_out_the_keys_arn():
    found = template({"encryption": "KMS"})
    (key,) = found.find_resources("AWS::KMS::Key")
    assert found.to_json()["Outputs"]["mastersKeyArn"]["Value"] == {"Fn::GetAtt": [key, "Arn"]}


def test_hyphens_of_a_key_are_no_part_of_an_outputs_name():
    assert "mastersuhdRegion" in template({}, "masters-uhd").to_json()["Outputs"]


def test_each_value_of_a_new_bucket_reaches_the_template():
    found = template(
        {
            "bucket": {"name": "acme-masters"},
            "encryption": "DSSE",
            "permissions": {"roles": ["READ"], "prefixes": ["masters/"]},
            "cors": {"origins": ["https://media.acme.example"]},
            "via_s3_only": True,
            "removal_policy": "DESTROY",
        },
        region="eu-west-1",
    )
    found.has_resource(
        "AWS::S3::Bucket",
        {
            "DeletionPolicy": "Delete",
            "Properties": {
                "BucketName": "acme-masters",
                "BucketEncryption": Match.any_value(),
                "CorsConfiguration": {
                    "CorsRules": [Match.object_like({"AllowedOrigins": ["https://media.acme.example"]})]
                },
            },
        },
    )
    via = {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    found.has_resource_properties(
        "AWS::KMS::Key",
        {"KeyPolicy": {"Statement": Match.array_with([Match.object_like({"Condition": {"StringEquals": via}})])}},
    )
    (listing,) = [item for item in policy_statements(found) if item["Sid"] == "IconikList"]
    assert listing["Condition"]["StringLike"] == {"s3:prefix": "masters/*"}


def test_an_existing_bucket_and_key_are_merged_into():
    key_arn = f"arn:aws:kms:eu-west-1:111122223333:key/{KEY_ID}"
    storage = {"bucket": {"adopt": "acme-masters"}, "encryption_key_arn": key_arn}
    found = template(storage, account="111122223333", region="eu-west-1")
    found.resource_count_is("AWS::S3::Bucket", 0)
    found.has_resource_properties("Custom::IconikBucketPolicyStatements", {"BucketName": "acme-masters"})
    found.has_resource_properties("Custom::IconikKeyPolicyStatements", {"KeyArn": key_arn})
    assert found.to_json()["Outputs"]["mastersBucketName"]["Value"] == "acme-masters"
    assert found.to_json()["Outputs"]["mastersKeyArn"]["Value"] == key_arn


def test_an_existing_bucket_can_be_handed_over_in_a_stack_that_cloudformation_takes():
    found = template({"bucket": {"adopt": "acme-masters"}, "adoption": "HAND_OVER", "encryption": "S3_MANAGED"})
    assert [item["Type"] for item in found.to_json()["Resources"].values()] == [
        "AWS::CloudFormation::WaitConditionHandle"
    ]
    assert any(name.startswith("mastersBucketPolicyToApply") for name in found.to_json()["Outputs"])


def test_storages_go_to_the_stack_of_their_account_and_region():
    found = templates({"a": {"region": "eu-west-1"}, "b": {"account": "111122223333", "region": "us-east-1"}})
    assert list(found) == ["Iconik-eu-west-1", "Iconik-111122223333-us-east-1"]
    assert [len(item.find_resources("AWS::S3::Bucket")) for item in found.values()] == [1, 1]


@pytest.mark.parametrize(
    "storage",
    [
        {"encryption": "KMS"},
        {"bucket": "adopt", "encryption_key_arn": f"arn:aws:kms:eu-west-1:111122223333:key/{KEY_ID}"},
        {
            "bucket": "adopt",
            "adoption": "HAND_OVER",
            "encryption_key_arn": f"arn:aws:kms:eu-west-1:111122223333:key/{KEY_ID}",
        },
        {
            "bucket": "adopt",
            "encryption_key_arn": f"arn:aws:kms:eu-west-1:111122223333:key/{KEY_ID}",
            "registration": {"credentials": "iconik/token"},
        },
        {
            "bucket": "adopt",
            "adoption": "HAND_OVER",
            "encryption_key_arn": f"arn:aws:kms:eu-west-1:111122223333:key/{KEY_ID}",
            "registration": {"credentials": "iconik/token"},
        },
    ],
    ids=["new bucket and key", "merged", "handed over", "merged and registered", "handed over and registered"],
)
def test_a_full_stack_stays_within_the_limits_of_cloudformation(storage):
    storages = {
        f"s{number}": {**storage, **({"bucket": {"adopt": f"acme-{number}"}} if "bucket" in storage else {})}
        for number in range(STORAGES_PER_STACK)
    }
    (found,) = templates(storages).values()
    assert len(found.to_json().get("Resources", {})) <= 500
    assert len(found.to_json()["Outputs"]) <= 200
    assert len(json.dumps(found.to_json())) <= 1_000_000


def test_an_error_of_the_construct_has_its_path_in_the_file():
    key_arn = f"arn:aws:kms:eu-west-1:999999999999:key/{KEY_ID}"
    storages = {"a": {"encryption_key_arn": key_arn}, "b": {}, "c": {"encryption_key_arn": key_arn}}
    with pytest.raises(IconikConfigError) as caught:
        templates(storages, account="111122223333", region="eu-west-1")
    assert [mistake.prop for mistake in caught.value.errors] == ["storages.a.adoption", "storages.c.adoption"]
    for mistake in caught.value.errors:
        assert str(mistake).startswith(f"'{mistake.prop}' must be \"HAND_OVER\" for the key ")
        assert 'With "adoption": "HAND_OVER" the stack gives' in mistake.fix
        assert "Adoption." not in str(mistake)


def bucket_properties(storage: dict[str, Any], **top: Any) -> dict[str, Any]:
    (bucket,) = template(storage, **top).find_resources("AWS::S3::Bucket").values()
    properties: dict[str, Any] = bucket["Properties"]
    return properties


def test_tags_are_those_of_the_new_bucket_and_of_the_new_key():
    found = template({"encryption": "KMS", "tags": {"cost-centre": "4711"}})
    for kind in ("AWS::S3::Bucket", "AWS::KMS::Key"):
        found.has_resource_properties(kind, {"Tags": [{"Key": "cost-centre", "Value": "4711"}]})


def test_tags_at_the_top_are_those_of_every_storage_that_has_none_and_of_no_adopted_bucket():
    assert bucket_properties({}, tags={"team": "media"})["Tags"] == [{"Key": "team", "Value": "media"}]
    assert bucket_properties({"tags": {"a": "b"}}, tags={"team": "media"})["Tags"] == [{"Key": "a", "Value": "b"}]
    adopted = template({"bucket": {"adopt": "acme-masters"}}, tags={"team": "media"}, access_logs={"bucket": "logs"})
    assert "media" not in json.dumps(adopted.to_json())


def test_origins_at_the_top_are_those_of_every_new_bucket_and_of_no_adopted_bucket():
    found = templates(
        {"new": {}, "old": {"bucket": {"adopt": "acme-masters"}}}, cors={"origins": ["https://media.acme.example"]}
    )
    text = json.dumps([each.to_json() for each in found.values()])
    assert text.count("https://media.acme.example") == 1
    assert "s3:PutBucketCORS" not in text


def test_a_lifecycle_archives_what_is_old_and_keeps_the_housekeeping():
    lifecycle = {"archive": {"after_days": 90, "storage_class": "deep_archive"}, "keep_noncurrent": 365}
    housekeeping, archive = bucket_properties({"lifecycle": lifecycle})["LifecycleConfiguration"]["Rules"]
    assert housekeeping["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert housekeeping["NoncurrentVersionExpiration"] == {"NoncurrentDays": 365}
    assert archive["Transitions"] == [{"StorageClass": "DEEP_ARCHIVE", "TransitionInDays": 90}]
    assert "NoncurrentVersionExpiration" not in archive


def test_noncurrent_versions_can_be_kept_for_ever():
    (rule,) = bucket_properties({"lifecycle": {"keep_noncurrent": "forever"}})["LifecycleConfiguration"]["Rules"]
    assert "NoncurrentVersionExpiration" not in rule


def test_an_empty_lifecycle_is_that_of_a_bucket_without_one():
    assert bucket_properties({"lifecycle": {}}) == bucket_properties({})


def test_access_logs_go_below_the_storages_key_unless_a_prefix_is_named():
    logs = {"bucket": "acme-logs"}
    assert bucket_properties({}, access_logs=logs)["LoggingConfiguration"] == {
        "DestinationBucketName": "acme-logs",
        "LogFilePrefix": "masters/",
    }
    named = {"access_logs": {**logs, "prefix": "s3/"}}
    assert bucket_properties(named)["LoggingConfiguration"]["LogFilePrefix"] == "s3/"


def test_every_bucket_prop_is_taken_by_the_construct():
    props = {
        "abac_status": True,
        "auto_delete_objects": True,
        "bucket_key_enabled": True,
        "enforce_ssl": True,
        "event_bridge_enabled": True,
        "intelligent_tiering_configurations": [
            {"name": "old", "prefix": "a/", "archive_access_tier_time": 90, "deep_archive_access_tier_time": 180}
        ],
        "metrics": [{"id": "all"}, {"id": "masters", "prefix": "masters/"}],
        "minimum_tls_version": 1.2,
        "notifications_skip_destination_validation": True,
        "object_lock_default_retention": {"mode": "GOVERNANCE", "days": 30},
        "object_lock_enabled": True,
        "object_ownership": "BUCKET_OWNER_PREFERRED",
        "transfer_acceleration": True,
        "transition_default_minimum_object_size": "VARIES_BY_STORAGE_CLASS",
        "versioned": True,
        "website_error_document": "error.html",
        "website_index_document": "index.html",
    }
    assert set(props) == set(BucketProps.model_fields)
    found = bucket_properties({"encryption": "KMS", "removal_policy": "DESTROY", "bucket_props": props})
    assert found["AccelerateConfiguration"] == {"AccelerationStatus": "Enabled"}
    assert found["ObjectLockEnabled"] is True
    assert found["ObjectLockConfiguration"]["Rule"] == {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}
    assert found["IntelligentTieringConfigurations"][0]["Tierings"] == [
        {"AccessTier": "ARCHIVE_ACCESS", "Days": 90},
        {"AccessTier": "DEEP_ARCHIVE_ACCESS", "Days": 180},
    ]
    assert found["MetricsConfigurations"] == [{"Id": "all"}, {"Id": "masters", "Prefix": "masters/"}]
    assert found["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    assert found["WebsiteConfiguration"] == {"ErrorDocument": "error.html", "IndexDocument": "index.html"}


def test_each_prop_of_the_cdks_bucket_is_in_the_file_or_says_where_it_belongs():
    theirs = set(inspect.signature(s3.Bucket.__init__).parameters) - {"self", "scope", "id"}
    assert set(BucketProps.model_fields) <= theirs
    for prop in theirs - set(BucketProps.model_fields):
        with pytest.raises(IconikConfigError) as caught:
            template({"bucket_props": {prop: None}})
        (mistake,) = caught.value.errors
        assert mistake.rule in ("has a key of its own", "is a prop of s3.Bucket that only code can set"), prop


def test_the_guardrail_refuses_another_statement_for_iconik():
    config = parse_config({"system_domain_id": DOMAIN, "storages": {"a": {}}})
    app = cdk.App()
    build_stacks(app, plan_stacks(config, {}))
    add_guardrail(app, config)
    app.synth()
    bucket = s3.Bucket(cdk.Stack(app, "Other"), "Open")
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects("*")],
            principals=[iam.ArnPrincipal(ICONIK_ROLE_ARN)],
        )
    )
    with pytest.raises(RuntimeError, match=r"[Vv]alidation"):
        app.synth(force=True)
