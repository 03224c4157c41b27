"""The configuration file, without jsii."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iconik_construct.access.cors import ICONIK_ORIGINS, Cors
from iconik_construct.access.permissions import IconikPermissions, StoragePurpose, StorageRole
from iconik_construct.config.document import Config, IconikConfigError, parse_config
from iconik_construct.config.models import STORAGE_KEYS, Document
from iconik_construct.documents.text import read_json
from iconik_construct.errors import IconikTypeError, IconikValueError
from iconik_construct.placement.record import Adoption

DOMAIN = "6f1a3c52-9d8e-4b7a-a2c4-0e5d7f9b1c3e"
OTHER_DOMAIN = "0b9e7c11-5a44-4d0f-8a52-b1c7e2d94f60"
KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def parse(storage, **top):
    return parse_config({"system_domain_id": DOMAIN, **top, "storages": {"masters": storage}}).storages[0]


def mistakes(document):
    with pytest.raises(IconikConfigError) as caught:
        parse_config(document)
    return [mistake.prop for mistake in caught.value.errors]


def mistake(storage, **top):
    """The only mistake of a storage."""
    with pytest.raises(IconikConfigError) as caught:
        parse(storage, **top)
    (found,) = caught.value.errors
    return found


def test_a_storage_needs_no_more_than_a_domain():
    config = parse_config({"system_domain_id": DOMAIN, "storages": {"masters": {}}})
    (storage,) = config.storages
    assert config.stack_name == "Iconik"
    assert (storage.key, storage.name, storage.system_domain_id) == ("masters", "masters", (DOMAIN,))
    assert storage.permissions == (IconikPermissions.read_write(),)
    assert (storage.bucket_name, storage.adopt, storage.encryption, storage.encryption_key_arn) == (None,) * 4
    assert (storage.cors, storage.purpose, storage.path) == (Cors.by_iconik(), StoragePurpose.FILES, "")
    assert (storage.account, storage.region, storage.removal_policy) == (None, None, "RETAIN")
    assert not storage.via_s3_only


def test_every_key_of_a_new_bucket_arrives():
    storage = parse(
        {
            "system_domain_id": [OTHER_DOMAIN, DOMAIN.upper()],
            "permissions": "read",
            "bucket": {"name": "acme-masters"},
            "encryption": "DSSE",
            "cors": {"origins": ["https://media.acme.example"]},
            "purpose": "ARCHIVE",
            "path": "masters/",
            "name": "Masters of Acme",
            "via_s3_only": True,
            "removal_policy": "DESTROY",
            "account": "111122223333",
            "region": "eu-west-1",
        }
    )
    assert storage.system_domain_id == (OTHER_DOMAIN, DOMAIN)
    assert storage.permissions == (IconikPermissions.read(),)
    assert (storage.bucket_name, storage.encryption, storage.removal_policy) == ("acme-masters", "DSSE", "DESTROY")
    assert storage.cors == Cors.by_template(["https://media.acme.example"])
    assert (storage.purpose, storage.path, storage.name) == (StoragePurpose.ARCHIVE, "masters/", "Masters of Acme")
    assert (storage.account, storage.region, storage.via_s3_only) == ("111122223333", "eu-west-1", True)


@pytest.mark.parametrize("bucket", ["acme-masters", "arn:aws:s3:::acme-masters"])
def test_an_existing_bucket_is_adopted_by_name_or_arn(bucket):
    storage = parse({"bucket": {"adopt": bucket}, "adoption": "HAND_OVER", "encryption_key_arn": KEY_ARN})
    assert (storage.bucket_name, storage.adopt) == (None, "acme-masters")
    assert (storage.adoption, storage.encryption_key_arn) == (Adoption.HAND_OVER, KEY_ARN)


def test_an_existing_bucket_may_have_a_name_that_new_ones_may_not():
    assert parse({"bucket": {"adopt": "Acme_Masters.2016"}}).adopt == "Acme_Masters.2016"


def test_values_at_the_top_apply_to_storages_without_their_own():
    shared = {"system_domain_id": DOMAIN, "region": "eu-west-1", "account": "111122223333", "cors": "BY_TEMPLATE"}
    first, second = parse_config(
        {**shared, "storages": {"a": {}, "b": {"system_domain_id": OTHER_DOMAIN, "region": "us-east-1"}}}
    ).storages
    assert (first.system_domain_id, first.region, first.account) == ((DOMAIN,), "eu-west-1", "111122223333")
    assert (second.system_domain_id, second.region) == ((OTHER_DOMAIN,), "us-east-1")
    assert first.cors.origins == second.cors.origins == ICONIK_ORIGINS


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("read", [IconikPermissions.read()]),
        ("write", [IconikPermissions.write()]),
        ("read_write", [IconikPermissions.read_write()]),
        ("admin", [IconikPermissions.admin()]),
        ("ADMIN", [IconikPermissions.admin()]),
        ({"purpose": "EXPORTS"}, [IconikPermissions.for_purpose(StoragePurpose.EXPORTS)]),
        (
            {"purpose": "archive", "prefixes": ["old/"]},
            [IconikPermissions.for_purpose(StoragePurpose.ARCHIVE, "old/")],
        ),
        ({"roles": ["READ"], "prefixes": ["a/", "b/"]}, [IconikPermissions.read("a/", "b/")]),
        ({"roles": ["READ", "WRITE"], "delete": False}, [IconikPermissions.read_write(delete=False)]),
        (
            {
                "roles": ["READ"],
                "extra_bucket_actions": ["s3:GetBucketVersioning"],
                "extra_object_actions": ["s3:GetObjectTagging"],
            },
            [
                IconikPermissions(
                    roles={StorageRole.READ},
                    extra_bucket_actions=["s3:GetBucketVersioning"],
                    extra_object_actions=["s3:GetObjectTagging"],
                )
            ],
        ),
        (
            ["read", {"roles": ["WRITE"], "prefixes": ["in/"]}],
            [IconikPermissions.read(), IconikPermissions.write("in/")],
        ),
    ],
)
def test_permissions_are_a_name_an_object_or_a_list_of_those(written, meant):
    assert parse({"permissions": written}).permissions == tuple(meant)


@pytest.mark.parametrize(
    ("storage", "path", "rule"),
    [
        ([], "storages.masters", "must be an object"),
        ({"permision": "read"}, "storages.masters.permision", "is not a known key"),
        ({"system_domain_id": "acme"}, "storages.masters.system_domain_id", "must be a UUID"),
        ({"system_domain_id": []}, "storages.masters.system_domain_id", "must not be empty"),
        ({"system_domain_id": [DOMAIN, 7]}, "storages.masters.system_domain_id[1]", "must be a UUID"),
        ({"system_domain_id": [[DOMAIN]]}, "storages.masters.system_domain_id[0]", "must be a UUID"),
        ({"system_domain_id": None}, "storages.masters.system_domain_id", "must be a UUID or a sequence of UUIDs"),
        ({"permissions": "everything"}, "storages.masters.permissions", "must be a known choice"),
        ({"permissions": 1}, "storages.masters.permissions", "must be the name of a permission"),
        ({"permissions": []}, "storages.masters.permissions", "must not be empty"),
        ({"permissions": [["read"]]}, "storages.masters.permissions[0]", "must be the name of a permission"),
        ({"permissions": {}}, "storages.masters.permissions", "must have either 'roles' or 'purpose'"),
        (
            {"permissions": {"roles": ["READ"], "purpose": "FILES"}},
            "storages.masters.permissions",
            "must have either 'roles' or 'purpose'",
        ),
        ({"permissions": {"roles": []}}, "storages.masters.permissions.roles", "must not be empty"),
        ({"permissions": {"roles": "READ"}}, "storages.masters.permissions.roles", "must be a list"),
        ({"permissions": {"roles": ["OWNER"]}}, "storages.masters.permissions.roles[0]", "must be a known choice"),
        ({"permissions": {"roles": [True]}}, "storages.masters.permissions.roles[0]", "must be the name of a choice"),
        (
            {"permissions": {"roles": ["ADMIN"], "prefixes": ["masters/"]}},
            "storages.masters.permissions.prefixes",
            "must be empty for the role Admin",
        ),
        (
            {"permissions": {"roles": ["ADMIN"], "delete": False}},
            "storages.masters.permissions.delete",
            "must be True for the role Admin",
        ),
        (
            {"permissions": {"roles": ["READ"], "prefixes": "masters/"}},
            "storages.masters.permissions.prefixes",
            "must be a list",
        ),
        (
            {"permissions": {"roles": ["READ"], "prefixes": ["a/", "b"]}},
            "storages.masters.permissions.prefixes[1]",
            "must end with '/'",
        ),
        (
            {"permissions": {"roles": ["WRITE"], "delete": "no"}},
            "storages.masters.permissions.delete",
            "must be true or false",
        ),
        (
            {"permissions": {"roles": ["READ"], "extra_bucket_actions": ["s3:PutBucketPolicy"]}},
            "storages.masters.permissions.extra_bucket_actions[0]",
            "must not have an action that changes who has access to the bucket",
        ),
        (
            {"permissions": {"purpose": "FILES", "delete": False}},
            "storages.masters.permissions.delete",
            "must be left out with 'purpose', which decides it",
        ),
        ({"permissions": {"purpose": "MOVIES"}}, "storages.masters.permissions.purpose", "must be a known choice"),
        ({"bucket": "acme-masters"}, "storages.masters.bucket", "must be an object"),
        ({"bucket": {}}, "storages.masters.bucket", "must have either 'name' or 'adopt'"),
        (
            {"bucket": {"name": "acme", "adopt": "acme"}},
            "storages.masters.bucket",
            "must have either 'name' or 'adopt'",
        ),
        ({"bucket": {"nmae": "acme"}}, "storages.masters.bucket.nmae", "is not a known key"),
        (
            {"bucket": {"name": "Acme_Masters"}},
            "storages.masters.bucket.name",
            "must be 3 to 63 lower case letters, digits, dots and hyphens",
        ),
        (
            {"bucket": {"adopt": "arn:aws:s3:eu-west-1:111122223333:accesspoint/acme"}},
            "storages.masters.bucket.adopt",
            "must be the name or the ARN of a bucket in the partition 'aws'",
        ),
        (
            {"bucket": {"name": "acme.masters"}, "bucket_props": {"transfer_acceleration": True}},
            "storages.masters.bucket_props.transfer_acceleration",
            "must be left out for a bucket name with dots, because S3 refuses such names with it",
        ),
        ({"bucket": {"adopt": 5}}, "storages.masters.bucket.adopt", "must be a string"),
        ({"adoption": "MERGE"}, "storages.masters.adoption", "must be left out if nothing existing is adopted"),
        (
            {"encryption_key_arn": KEY_ARN, "adoption": "TAKE_OVER"},
            "storages.masters.adoption",
            "cannot be TAKE_OVER with an existing key",
        ),
        ({"encryption": "SSE"}, "storages.masters.encryption", "must be a known choice"),
        (
            {"encryption": "S3_MANAGED", "encryption_key_arn": KEY_ARN},
            "storages.masters.encryption_key_arn",
            "must be left out with the encryption S3_MANAGED",
        ),
        (
            {"bucket": {"adopt": "acme"}, "encryption": "KMS"},
            "storages.masters.encryption_key_arn",
            "must be given for an existing bucket with the encryption KMS",
        ),
        (
            {"encryption_key_arn": "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3"},
            "storages.masters.encryption_key_arn",
            "must be the ARN of a KMS key in the partition 'aws', not of an alias",
        ),
        (
            {"encryption_key_arn": KEY_ARN, "region": "us-east-1"},
            "storages.masters.encryption_key_arn",
            "must be in the region of the storage, us-east-1",
        ),
        ({"cors": "NOBODY"}, "storages.masters.cors", "must be a known choice"),
        ({"cors": {}}, "storages.masters.cors.origins", "must be given"),
        ({"cors": {"origins": []}}, "storages.masters.cors.origins", "must not be empty"),
        ({"cors": {"origins": ["*"]}}, "storages.masters.cors.origins[0]", "must hold origins only"),
        ({"purpose": "MOVIES"}, "storages.masters.purpose", "must be a known choice"),
        ({"path": "masters"}, "storages.masters.path", "must end with '/'"),
        (
            {"path": "masters/", "permissions": {"roles": ["READ"], "prefixes": ["proxies/"]}},
            "storages.masters.path",
            "must be below a prefix of the permissions",
        ),
        ({"name": " "}, "storages.masters.name", "must not be empty"),
        ({"via_s3_only": "yes"}, "storages.masters.via_s3_only", "must be true or false"),
        (
            {"via_s3_only": True},
            "storages.masters.via_s3_only",
            "must be left out if no customer managed key is used",
        ),
        ({"removal_policy": "SNAPSHOT"}, "storages.masters.removal_policy", "must be a known choice"),
        (
            {"bucket": {"adopt": "acme"}, "removal_policy": "RETAIN"},
            "storages.masters.removal_policy",
            "must be left out for an existing bucket",
        ),
        ({"account": 111122223333}, "storages.masters.account", "must be an AWS account id, a string of 12 digits"),
        ({"account": "1111"}, "storages.masters.account", "must be an AWS account id, a string of 12 digits"),
        ({"region": "europe"}, "storages.masters.region", "must be an AWS region"),
        ({"region": "cn-north-1"}, "storages.masters.region", "must be in the partition 'aws'"),
        ({"name": "${Token[TOKEN.7]}"}, "storages.masters.name", "must have no CDK token"),
        ({"path": "\ud800/"}, "storages.masters.path", "must be text that UTF-8 can encode"),
    ],
)
def test_a_mistake_names_its_path_and_the_rule(storage, path, rule):
    found = mistake(storage)
    assert found.prop == path
    assert found.rule.startswith(rule)
    assert found.fix


@pytest.mark.parametrize(
    ("document", "path", "rule"),
    [
        ("storages", "iconik", "must be an object"),
        ({"system_domain_id": DOMAIN}, "storages", "must be given"),
        ({"system_domain_id": DOMAIN, "storages": {}}, "storages", "must not be empty"),
        ({"system_domain_id": DOMAIN, "storages": [{}]}, "storages", "must be an object"),
        ({"system_domain_id": DOMAIN, "storages": {"a": {}}, "stack": "X"}, "stack", "is not a known key"),
        ({"system_domain_id": "acme", "storages": {"a": {}, "b": {}}}, "system_domain_id", "must be a UUID"),
        ({"storages": {"a": {}}}, "storages.a.system_domain_id", "must be given, here or at the top"),
        (
            {"system_domain_id": DOMAIN, "storages": {"a b": {}}},
            'storages["a b"]',
            "must have a key of at most 63 letters, digits and hyphens",
        ),
        (
            {"system_domain_id": DOMAIN, "storages": {"ab": {}, "A-b": {}}},
            "storages.A-b",
            "must differ from the storage 'ab' in more than case and hyphens",
        ),
        (
            {
                "system_domain_id": DOMAIN,
                "storages": {"a": {"bucket": {"name": "acme"}}, "b": {"bucket": {"adopt": "acme"}}},
            },
            "storages.b.bucket",
            "must not be the bucket of the storage 'a' too",
        ),
        (
            {"system_domain_id": DOMAIN, "storages": {"a": {}}, "stack_name": "my stack"},
            "stack_name",
            "must be at most 64 letters, digits and hyphens",
        ),
    ],
)
def test_a_mistake_in_the_document_names_its_path_and_the_rule(document, path, rule):
    with pytest.raises(IconikConfigError) as caught:
        parse_config(document)
    (found,) = caught.value.errors
    assert found.prop == path
    assert found.rule.startswith(rule)


def test_an_unknown_key_suggests_the_nearest_key():
    assert mistake({"permision": "read"}).fix == "Did you mean 'permissions'?"
    assert mistake({"xyz": 1}).fix.startswith("The keys are access_logs, account, adoption, bucket,")


def test_a_misspelt_choice_suggests_the_right_one():
    assert mistake({"purpose": "PROXYS"}).fix.startswith("Did you mean 'PROXIES'?")


def test_a_contradiction_quotes_the_value_to_change():
    assert mistake({"via_s3_only": True}).got == "True"


def test_all_mistakes_are_listed_at_once_in_the_order_of_the_document():
    document = {
        "region": "europe",
        "storages": {
            "a": {"permissions": {"roles": ["READ", "OWNER"], "prefixes": ["x", "/y/", 3]}, "path": 7},
            "b": {"encryption": "S3_MANAGED", "encryption_key_arn": KEY_ARN, "colour": "red"},
        },
    }
    assert mistakes(document) == [
        "region",
        "storages.a.permissions.roles[1]",
        "storages.a.permissions.prefixes[0]",
        "storages.a.permissions.prefixes[1]",
        "storages.a.permissions.prefixes[2]",
        "storages.a.path",
        "storages.a.system_domain_id",
        "storages.b.encryption_key_arn",
        "storages.b.colour",
        "storages.b.system_domain_id",
    ]


def test_a_mistake_says_path_rule_value_and_fix_in_one_line():
    found = mistake({"permissions": {"roles": ["READ"], "prefixes": ["masters"]}})
    assert str(found) == (
        "'storages.masters.permissions.prefixes[0]' must end with '/', got 'masters'. Write 'masters/'."
    )


def test_a_wrong_type_differs_from_a_wrong_value():
    assert isinstance(mistake({"path": 7}), IconikTypeError)
    assert isinstance(mistake({"path": "x"}), IconikValueError)


def test_a_duplicate_storage_name_is_refused():
    text = f'{{"system_domain_id": "{DOMAIN}", "storages": {{"masters": {{}}, "proxies": {{}}, "masters": {{}}}}}}'
    with pytest.raises(IconikConfigError, match=r"'storages\.masters' must be in the document once"):
        parse_config(read_json(text))


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", '{"a": NaN}', "[Infinity]", "[" * 100_000])
def test_text_that_is_no_json_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


def test_the_parser_starts_neither_jsii_nor_the_cdk():
    code = (
        "import sys, iconik_construct.config.document; "
        "sys.exit(bool({'jsii', 'aws_cdk', 'constructs'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code


@pytest.mark.parametrize("depth", [100, 950])
def test_deep_nesting_is_a_mistake_like_any_other(depth):
    document = {"system_domain_id": DOMAIN, "storages": {"a": read_json("[" * depth + "]" * depth)}}
    assert mistakes(document) == ["storages.a"]


TEXT = st.text(st.characters(), max_size=8)
KEYS = st.sampled_from(
    [*STORAGE_KEYS, "storages", "stack_name", "roles", "prefixes", "delete", "extra_bucket_actions", "origins", "adopt"]
)
PERMISSION_WORDS = ("read", "ADMIN", "READ", "WRITE", "FILES", "masters/", "s3:GetObjectTagging")
PROP_WORDS = ("MERGE", "TAKE_OVER", "KMS", "S3_MANAGED", "BY_TEMPLATE", "acme-masters", "eu-west-1", "111122223333")
WORDS = st.sampled_from([DOMAIN, KEY_ARN, "${Token[X.1]}", *PERMISSION_WORDS, *PROP_WORDS])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXT | WORDS
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | TEXT, inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=300)
@given(
    JSON | st.fixed_dictionaries({"system_domain_id": WORDS | JSON, "storages": st.dictionaries(TEXT | WORDS, JSON)})
)
def test_whatever_json_it_gets_it_parses_it_or_lists_its_mistakes(document):
    found: Config | IconikConfigError
    try:
        found = parse_config(document)
    except IconikConfigError as error:
        found = error
    if isinstance(found, Config):
        assert found.storages
    else:
        assert found.errors
        assert all(mistake.fix for mistake in found.errors)


PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("section", "keys"),
    [("At the top", set(Document.model_fields) - {"schema_"} | {"$schema"}), ("In a storage", set(STORAGE_KEYS))],
)
def test_the_documentation_names_every_key(section, keys):
    text = PAGE.partition(f"## {section}")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ((?:`[\w$]+`(?:, )?)+) \|", text, re.MULTILINE)
    assert {key for row in rows for key in re.findall(r"`([\w$]+)`", row)} == keys
