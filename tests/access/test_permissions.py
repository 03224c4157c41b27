"""What iconik may do."""

from __future__ import annotations

import pytest

from iconik_construct.access.permissions import IconikPermissions, StoragePurpose, StorageRole, parse_permissions
from iconik_construct.errors import IconikTypeError, IconikValueError

READ_BUCKET = {"s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketCORS", "s3:GetAccelerateConfiguration"}
WRITE_BUCKET = {
    "s3:GetBucketLocation",
    "s3:GetBucketCORS",
    "s3:GetAccelerateConfiguration",
    "s3:ListBucketMultipartUploads",
}
READ_OBJECT = {"s3:GetObject", "s3:RestoreObject"}
WRITE_OBJECT = {"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}
KEY_READ = {"kms:Decrypt", "kms:DescribeKey"}
KEY_WRITE = {*KEY_READ, "kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"}


@pytest.mark.parametrize(
    ("permissions", "bucket", "objects", "key"),
    [
        (IconikPermissions.read(), READ_BUCKET, READ_OBJECT, KEY_READ),
        (IconikPermissions.write(), WRITE_BUCKET, WRITE_OBJECT | {"s3:DeleteObject"}, KEY_WRITE),
        (IconikPermissions.write(delete=False), WRITE_BUCKET, WRITE_OBJECT, KEY_WRITE),
        (
            IconikPermissions.read_write(),
            READ_BUCKET | WRITE_BUCKET,
            READ_OBJECT | WRITE_OBJECT | {"s3:DeleteObject"},
            KEY_WRITE,
        ),
        (IconikPermissions.admin(), {"s3:*"}, {"s3:*"}, KEY_WRITE),
    ],
    ids=["read", "write", "write without delete", "read and write", "admin"],
)
def test_each_role_is_exactly_its_actions(
    permissions: IconikPermissions, bucket: set[str], objects: set[str], key: set[str]
):
    assert set(permissions.bucket_actions) == bucket
    assert set(permissions.object_actions) == objects
    assert set(permissions.key_actions) == key


def test_the_roles_have_iconiks_own_names():
    assert [role.value for role in StorageRole] == ["Read storage", "Write storage", "Admin"]


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        (StoragePurpose.FILES, IconikPermissions.read_write("x/")),
        (StoragePurpose.KEYFRAMES, IconikPermissions.read_write("x/")),
        (StoragePurpose.PROXIES, IconikPermissions.read_write("x/")),
        (StoragePurpose.EXPORTS, IconikPermissions.write("x/", delete=False)),
        (StoragePurpose.ARCHIVE, IconikPermissions.read_write("x/", delete=False)),
    ],
)
def test_each_purpose_has_a_preset(purpose: StoragePurpose, expected: IconikPermissions):
    assert IconikPermissions.for_purpose(purpose, "x/") == expected


def test_a_prefix_inside_another_disappears():
    assert IconikPermissions.read("b/", "a/c/", "a/", "a/").prefixes == ("a/", "b/")


def test_equal_permissions_are_equal_and_can_be_keys():
    assert len({IconikPermissions.read("b/", "a/"), IconikPermissions.read("a/", "b/")}) == 1


@pytest.mark.parametrize(
    ("prefix", "meant"),
    [
        ("masters", "masters/"),
        ("/masters/", "masters/"),
        ("/masters", "masters/"),
        ("masters/*", "masters/"),
        ("s3://acme/masters/", "masters/"),
        ("s3://acme/masters/*", "masters/"),
        ("arn:aws:s3:::acme/masters", "masters/"),
        ("https://acme.s3.eu-west-1.amazonaws.com/masters/2026/", "masters/2026/"),
        ("https://s3.eu-west-1.amazonaws.com/acme/masters/", "masters/"),
        ("https://media.example.com/masters/", "masters/"),
        ("masters\\", "masters/"),
        ("masters\\raw\\", "masters/raw/"),
        ("m/ ", "m/"),
        (" masters", "masters/"),
        ("masters/\u200b", "masters/"),
        ("masters/\n", "masters/"),
    ],
)
def test_a_prefix_of_another_form_is_refused_with_the_one_it_should_have_been(prefix: str, meant: str):
    with pytest.raises(IconikValueError) as refusal:
        IconikPermissions.read(prefix)
    assert repr(prefix) in str(refusal.value)
    assert str(refusal.value).endswith(f"Write {meant!r}.")


@pytest.mark.parametrize(
    "prefix", ["mas?ers/", "masters*", "masters/2026-?/", "masters/*/raw/", "users/${aws:userid}/", "*", "s3://a/b?/"]
)
def test_no_prefix_is_suggested_that_would_grant_something_else(prefix: str):
    with pytest.raises(IconikValueError) as refusal:
        IconikPermissions.read(prefix)
    assert refusal.value.fix.startswith("Write each prefix out")


@pytest.mark.parametrize("prefix", ["s3://acme", "s3://acme/", "arn:aws:s3:::acme", "https://s3.amazonaws.com/acme/"])
def test_the_address_of_a_whole_bucket_is_no_prefix(prefix: str):
    with pytest.raises(IconikValueError, match=r"no URL and no ARN.*Leave it out for the whole bucket"):
        IconikPermissions.read(prefix)


@pytest.mark.parametrize("prefix", ["../m/", "../../m/", "a/../../m/", "../"])
def test_a_prefix_that_leads_out_of_the_bucket_is_refused(prefix: str):
    with pytest.raises(IconikValueError, match=r"must not have more '\.\.' than folders before them"):
        IconikPermissions.read(prefix)


@pytest.mark.parametrize(
    "prefix",
    ["a\nb/", "./m/", "masters//", "masters/,proxies/", "a/../m/", "a/./m/", "a\\b/", " /", "m /", "é/", "..m/"],
)
def test_a_prefix_that_s3_accepts_is_accepted_as_it_is(prefix: str):
    assert IconikPermissions.read(prefix).prefixes == (prefix,)


@pytest.mark.parametrize("prefix", [" ", ".", "..."])
def test_a_prefix_without_a_name_is_refused_with_the_whole_bucket_as_the_fix(prefix: str):
    with pytest.raises(IconikValueError) as refusal:
        IconikPermissions.read(prefix)
    assert refusal.value.fix == "Leave it out for the whole bucket."


@pytest.mark.parametrize("prefix", ["", "/", "//"])
def test_an_empty_prefix_is_refused_as_it_would_mean_the_whole_bucket(prefix: str):
    with pytest.raises(IconikValueError, match="Leave it out for the whole bucket"):
        IconikPermissions.read(prefix)


def test_a_prefix_longer_than_a_key_is_refused():
    with pytest.raises(IconikValueError, match="at most 1024 bytes"):
        IconikPermissions.read("ü" * 512 + "/")


@pytest.mark.parametrize("value", ["masters/", 7, [7], {"masters/"}])
def test_prefixes_of_another_type_are_a_type_error(value: object):
    with pytest.raises(IconikTypeError, match="'prefixes' must"):
        IconikPermissions(roles={StorageRole.READ}, prefixes=value)  # type: ignore[arg-type]


@pytest.mark.parametrize(("limit", "value"), [("prefixes", ("a/",)), ("delete", False)])
def test_admin_cannot_be_limited(limit: str, value: object):
    with pytest.raises(IconikValueError, match=f"'{limit}' must be .* for the role Admin"):
        IconikPermissions(roles={StorageRole.ADMIN}, **{limit: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("roles", ["Admin", StorageRole.READ, ["Read storage"], None])
def test_roles_of_another_type_are_a_type_error_that_lists_them(roles: object):
    with pytest.raises(IconikTypeError, match=r"StorageRole\.READ, StorageRole\.WRITE, StorageRole\.ADMIN"):
        IconikPermissions(roles=roles)  # type: ignore[arg-type]


def test_no_role_is_refused():
    with pytest.raises(IconikValueError, match="at least one StorageRole"):
        IconikPermissions(roles=set())


def test_extra_actions_are_added():
    permissions = IconikPermissions(
        roles={StorageRole.READ},
        extra_bucket_actions=["s3:GetBucketVersioning"],
        extra_object_actions=["s3:GetObjectTagging"],
    )
    assert set(permissions.bucket_actions) == READ_BUCKET | {"s3:GetBucketVersioning"}
    assert set(permissions.object_actions) == READ_OBJECT | {"s3:GetObjectTagging"}


@pytest.mark.parametrize(
    "action",
    [
        "s3:PutBucketPolicy",
        "s3:DeleteBucketPolicy",
        "s3:PutBucketAcl",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketAbac",
        "s3:PutReplicationConfiguration",
        "s3:PutBucketOwnershipControls",
        "s3:PutEncryptionConfiguration",
        "s3:putBucketPolicy",
    ],
)
def test_an_extra_bucket_action_that_changes_access_is_refused(action: str):
    with pytest.raises(IconikValueError, match="changes who has access to the bucket"):
        IconikPermissions(roles={StorageRole.READ}, extra_bucket_actions=[action])


@pytest.mark.parametrize(
    "action", ["s3:PutObjectAcl", "s3:PutObjectVersionAcl", "s3:BypassGovernanceRetention", "s3:putobjectacl"]
)
def test_an_extra_object_action_that_changes_access_is_refused(action: str):
    with pytest.raises(IconikValueError, match="changes who has access to the bucket"):
        IconikPermissions(roles={StorageRole.READ}, extra_object_actions=[action])


@pytest.mark.parametrize(
    ("action", "fix"),
    [
        ("s3:GetBucketVersionin", "Did you mean 's3:GetBucketVersioning'?"),
        ("s3:getbucketversioning", "Did you mean 's3:GetBucketVersioning'?"),
        ("s3:GetObjectTagging", "Name it in 'extra_object_actions'."),
        ("s3:getobjecttagging", "Name it in 'extra_object_actions', as 's3:GetObjectTagging'."),
        ("s3:PutBucketPolicies", "Look it up in the AWS Service Authorization Reference."),
        ("s3:*", "Look it up in the AWS Service Authorization Reference."),
        ("*", "Look it up in the AWS Service Authorization Reference."),
        ("kms:Decrypt", None),
    ],
)
def test_an_extra_action_that_s3_does_not_have_on_buckets_is_refused(action: str, fix: str | None):
    with pytest.raises(IconikValueError, match="one by one") as refusal:
        IconikPermissions(roles={StorageRole.READ}, extra_bucket_actions=[action])
    assert fix is None or str(refusal.value).endswith(fix)


@pytest.mark.parametrize("value", ["read", None, [IconikPermissions.read(), "write"], {"read": True}])
def test_permissions_of_another_type_are_a_type_error(value: object):
    with pytest.raises(IconikTypeError, match="'permissions' must be IconikPermissions"):
        parse_permissions(value)  # type: ignore[arg-type]


def test_no_permissions_are_refused():
    with pytest.raises(IconikValueError, match="at least one IconikPermissions"):
        parse_permissions([])
