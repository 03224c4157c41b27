"""What users write first: the output with the settings, and props that would have no effect."""

from __future__ import annotations

import inspect
import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template

from iconik_construct import (
    Adoption,
    Cors,
    IconikBucketAccess,
    IconikPerimeter,
    IconikPermissions,
    IconikStorage,
    IconikTypeError,
    IconikValueError,
    IconikWatch,
    PlacementKind,
    StorageEncryption,
    StoragePurpose,
    StorageRole,
    archive_after,
)

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Media", env=cdk.Environment(account="111122223333", region="eu-west-1"))


def storage(stack: cdk.Stack, **props: Any) -> IconikStorage:
    return IconikStorage(stack, "Masters", **{"system_domain_id": DOMAIN, **props})


def warnings(stack: cdk.Stack) -> list[str]:
    return [str(entry.entry.data) for entry in Annotations.from_stack(stack).find_warning("*", Match.any_value())]


def test_output_settings_writes_the_settings_into_a_stack_output(stack):
    made = storage(stack, bucket_name="acme-masters", permissions=IconikPermissions.read("raw/"))
    output = made.output_settings(name="Masters", path="raw/", purpose=StoragePurpose.ARCHIVE, scan_ignore=["*.tmp"])

    (found,) = Template.from_stack(stack).to_json()["Outputs"].values()
    text = "".join(
        part if isinstance(part, str) else "acme-masters" for part in found["Value"].get("Fn::Join", ["", []])[1]
    )
    body = json.loads(text)
    assert output.node.id == "Settings"
    assert body["name"] == "Masters"
    assert body["purpose"] == "ARCHIVE"
    assert body["settings"] == {
        "bucket": "acme-masters",
        "endpoint": "https://s3.eu-west-1.amazonaws.com",
        "path": "raw/",
        "region": "eu-west-1",
        "read": True,
        "scan": True,
        "write": False,
        "delete": False,
        "use_acceleration": False,
        "scan_ignore": ["*.tmp"],
    }


def test_a_bucket_can_have_several_outputs_by_id(stack):
    made = storage(stack)
    made.output_settings(name="Masters")
    made.output_settings(name="Proxies", id="ProxySettings", purpose=StoragePurpose.PROXIES)
    assert len(Template.from_stack(stack).to_json()["Outputs"]) == 2


@pytest.mark.parametrize("prop", ["bucket", "permissions"])
def test_settings_refuse_what_the_storage_sets(stack, prop):
    with pytest.raises(IconikValueError, match=f"^'{prop}' must be left out, because the storage sets it"):
        storage(stack).output_settings(**{"name": "Masters", prop: "acme"})


def test_settings_that_allow_nothing_cause_one_warning_with_the_path_to_give(stack):
    made = storage(stack, permissions=IconikPermissions.read("masters/"))
    made.settings(name="Masters")
    made.settings(name="Masters")

    (warning,) = warnings(stack)
    assert "path='masters/'" in warning
    assert "iconik-construct:SettingsAllowNothing" in warning
    cdk.Validations.of(stack).acknowledge(
        cdk.Acknowledgment(id="iconik-construct:SettingsAllowNothing", reason="tested")
    )


def test_settings_with_a_path_that_the_permissions_cover_cause_no_warning(stack):
    made = storage(stack, permissions=IconikPermissions.read("masters/"))
    made.settings(name="Masters", path="masters/")
    assert warnings(stack) == []


@pytest.mark.parametrize(
    ("prop", "value"),
    [
        ("adoption", Adoption.TAKE_OVER),
        ("adoption", Adoption.HAND_OVER),
        ("tolerate_denies", True),
        ("adoption_trigger", "2026-11-28"),
    ],
)
@pytest.mark.parametrize("encryption", [None, StorageEncryption.KMS])
def test_a_prop_about_policies_of_others_is_refused_for_a_new_bucket(stack, prop, value, encryption):
    with pytest.raises(IconikValueError, match=f"'{prop}' must be left out for a new bucket"):
        storage(stack, encryption=encryption, **{prop: value})
    assert stack.node.children == []


def test_the_same_prop_is_accepted_where_it_has_an_effect_on_the_policy_of_a_key(stack):
    storage(stack, encryption_key=kms.Key.from_key_arn(stack, "Key", KEY_ARN), tolerate_denies=True)


def other_key(stack: cdk.Stack) -> kms.IKey:
    return kms.Key.from_key_arn(stack, "Other", KEY_ARN)


GIVEN_TWICE: dict[str, tuple[Any, Any]] = {
    "bucket_name": ("acme-a1", "acme-b1"),
    "encryption": (StorageEncryption.KMS, s3.BucketEncryption.S3_MANAGED),
    "encryption_key": (lambda stack: kms.Key(stack, "Own"), other_key),
    "removal_policy": (cdk.RemovalPolicy.DESTROY, cdk.RemovalPolicy.RETAIN),
}


@pytest.mark.parametrize("prop", GIVEN_TWICE)
@pytest.mark.parametrize("second", ["another value", "the same value", "None"])
def test_a_prop_that_is_given_a_second_time_in_bucket_props_is_refused(stack, prop, second):
    value, other = (each(stack) if callable(each) else each for each in GIVEN_TWICE[prop])
    before = len(stack.node.children)
    other = {"another value": other, "the same value": value, "None": None}[second]

    with pytest.raises(IconikValueError, match=f"'{prop}' must be given once, got .* out of 'bucket_props'"):
        storage(stack, **{prop: value, "bucket_props": {prop: other}})

    assert len(stack.node.children) == before


OWN_ORIGINS = Cors.by_template(origins=["https://app.iconik.io"])
RULE = s3.CorsRule(allowed_methods=[s3.HttpMethods.GET], allowed_origins=["https://acme.example"])
WITHOUT_RULES: dict[str, Any] = {
    "in place of a bucket": lambda stack, cors: IconikStorage.in_place_of_bucket(
        stack, "Masters", system_domain_id=DOMAIN, cors=cors
    ),
    "a bucket of this app": lambda stack, cors: storage(stack, bucket=s3.Bucket(stack, "Own"), cors=cors),
    "an imported bucket": lambda stack, cors: storage(
        stack, bucket=s3.Bucket.from_bucket_name(stack, "Theirs", "acme-masters"), cors=cors
    ),
    "a mixin": lambda stack, cors: s3.Bucket(stack, "Own").with_(
        IconikBucketAccess(system_domain_id=DOMAIN, cors=cors)
    ),
}


@pytest.mark.parametrize("kind", WITHOUT_RULES)
def test_origins_are_refused_where_no_rule_is_written_for_them(stack, kind):
    with pytest.raises(IconikValueError, match=r"'cors' must have no origins .*, got Cors.by_template\(\['https://app"):
        WITHOUT_RULES[kind](stack, OWN_ORIGINS)
    assert stack.node.try_find_child("Masters") is None


@pytest.mark.parametrize("kind", WITHOUT_RULES)
def test_by_template_without_origins_takes_the_right_to_write_rules_from_iconik(stack, kind):
    WITHOUT_RULES[kind](stack, Cors.by_template())
    assert "s3:PutBucketCORS" not in json.dumps(Template.from_stack(stack).to_json())


def test_origins_beside_rules_of_the_bucket_props_are_refused(stack):
    with pytest.raises(IconikValueError, match=r"'cors' must be given once, got Cors.by_template"):
        storage(stack, cors=OWN_ORIGINS, bucket_props={"cors": [RULE]})
    assert stack.node.children == []


@pytest.mark.parametrize("cors", [Cors.by_iconik(), Cors.by_template()])
def test_rules_without_an_address_of_iconik_cause_a_warning_whoever_writes_the_rules(stack, cors):
    storage(stack, cors=cors, bucket_props={"cors": [RULE]})
    (warning,) = warnings(stack)
    assert "iconik-construct:CorsWithoutIconik" in warning


@pytest.mark.parametrize("origins", [["https://media.example.com"], ["https://app.iconik.io"]])
def test_origins_of_the_rules_that_this_library_writes_cause_no_warning(stack, origins):
    """iconik can have an address of the company."""
    storage(stack, cors=Cors.by_template(origins=origins))
    assert warnings(stack) == []


@pytest.mark.parametrize("bucket", [None, "existing", "S3_MANAGED"])
def test_via_s3_only_is_refused_where_no_key_is_known(stack, bucket):
    props: dict[str, Any] = {"encryption": StorageEncryption.S3_MANAGED} if bucket == "S3_MANAGED" else {}
    if bucket == "existing":
        props = {"bucket": s3.Bucket.from_bucket_name(stack, "Existing", "acme-masters")}
    with pytest.raises(IconikValueError, match="'via_s3_only' must be left out if no customer managed key is known"):
        storage(stack, via_s3_only=True, **props)


def test_via_s3_only_is_accepted_with_a_new_key(stack):
    assert storage(stack, via_s3_only=True, encryption=StorageEncryption.KMS).encryption_key is not None


@pytest.mark.parametrize("scope", [None, "stack", cdk.Stack])
def test_a_parent_that_is_no_construct_is_refused_in_our_words(scope):
    with pytest.raises(IconikTypeError, match="'scope' must be a Construct"):
        IconikStorage(scope, "Masters", system_domain_id=DOMAIN)
    with pytest.raises(IconikTypeError, match="'scope' must be a Construct"):
        IconikWatch(scope, "Watch", storages=[])
    with pytest.raises(IconikTypeError, match="'scope' must be a Construct"):
        IconikPerimeter(scope, "Perimeter", system_domain_ids=[DOMAIN], target_ids=["r-abcd"])


@pytest.mark.parametrize("scope", [cdk.App, lambda: cdk.Stage(cdk.App(), "Test")])
def test_an_app_or_a_stage_as_the_parent_is_refused_with_the_fix(scope):
    with pytest.raises(IconikTypeError, match=r"'scope' must be in a stack, .*cdk.Stack\(app, 'Media'\)"):
        IconikStorage(scope(), "Masters", system_domain_id=DOMAIN)


def test_an_empty_id_is_refused_in_our_words(stack):
    with pytest.raises(IconikValueError, match="'id' must not be empty"):
        IconikStorage(stack, "", system_domain_id=DOMAIN)


def test_an_id_that_is_no_text_is_refused_in_our_words(stack):
    with pytest.raises(IconikTypeError, match="'id' must be a string"):
        IconikStorage(stack, None, system_domain_id=DOMAIN)  # type: ignore[arg-type]


def test_an_adoption_of_another_type_is_refused_in_good_english(stack):
    with pytest.raises(IconikTypeError, match="'adoption' must be an Adoption, got 'merge'"):
        storage(stack, adoption="merge")


def test_a_misspelt_keyword_in_place_of_a_bucket_is_named_itself(stack):
    with pytest.raises(IconikValueError) as refusal:
        IconikStorage.in_place_of_bucket(stack, "Masters", system_domain_id=DOMAIN, versionned=True)
    assert str(refusal.value) == "'versionned' is not a prop of s3.Bucket. Did you mean 'versioned'?"


def test_a_misspelt_key_of_bucket_props_in_place_of_a_bucket_is_named_as_such(stack):
    with pytest.raises(IconikValueError, match=r"'bucket_props' must have only props of s3.Bucket, got 'versionned'"):
        IconikStorage.in_place_of_bucket(stack, "Masters", system_domain_id=DOMAIN, bucket_props={"versionned": True})


@pytest.mark.parametrize("name", ["GLACIER_INSTANT_RETRIEVAL", "GLACIER", "DEEP_ARCHIVE"])
def test_archive_after_takes_a_storage_class_of_the_cdk_and_its_name(name):
    def facts(rule: s3.LifecycleRule) -> tuple[object, ...]:
        (transition,) = rule.transitions or ()
        return rule.id, transition.storage_class.value

    assert facts(archive_after(90, getattr(s3.StorageClass, name))) == facts(archive_after(90, name))


def test_archive_after_refuses_a_storage_class_that_is_no_archive():
    with pytest.raises(IconikValueError, match="'storage_class' must be an archive class, got 'STANDARD_IA'"):
        archive_after(90, s3.StorageClass.INFREQUENT_ACCESS)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (IconikPermissions.read("masters/"), "IconikPermissions.read('masters/')"),
        (IconikPermissions.read_write(delete=False), "IconikPermissions.read_write(delete=False)"),
        (IconikPermissions.admin(), "IconikPermissions.admin()"),
        (
            IconikPermissions(roles={StorageRole.READ}, extra_object_actions=["s3:GetObjectTagging"]),
            "IconikPermissions(roles={StorageRole.READ}, extra_object_actions=['s3:GetObjectTagging'])",
        ),
        (Cors.by_iconik(), "Cors.by_iconik()"),
        (Cors.by_template(["https://a.example"]), "Cors.by_template(['https://a.example'])"),
        (Adoption.MERGE, "Adoption.MERGE"),
        (PlacementKind.OWNED, "PlacementKind.OWNED"),
        (StorageEncryption.KMS, "StorageEncryption.KMS"),
        (StoragePurpose.FILES, "StoragePurpose.FILES"),
    ],
)
def test_a_value_is_shown_as_the_code_that_makes_it(value, text):
    assert repr(value) == text
    assert eval(text) == value  # noqa: S307 - this very text


def test_help_shows_the_defaults_as_code():
    signature = str(inspect.signature(IconikStorage.__init__))
    assert "= IconikPermissions.read_write()" in signature
    assert "= Cors.by_iconik()" in signature
    assert "= Adoption.MERGE" in signature


def test_the_nil_uuid_causes_a_warning_that_can_be_acknowledged(stack):
    storage(stack, system_domain_id="00000000-0000-0000-0000-000000000000")
    assert any("iconik-construct:NilSystemDomainId" in text for text in warnings(stack))
