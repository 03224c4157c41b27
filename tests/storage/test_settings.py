"""The storage as iconik wants it, without jsii."""

from itertools import product

import pytest

from iconik_construct.access.permissions import IconikPermissions, StoragePurpose, StorageRole
from iconik_construct.errors import IconikTypeError, IconikValueError
from iconik_construct.storage.settings import SECRET_SETTINGS, storage_settings

FLAGS = ("read", "write", "delete", "scan")


def body(*permissions, **more):
    given = permissions or (IconikPermissions.read_write(),)
    return storage_settings(**{"bucket": "media", "region": "eu-west-1", "permissions": given, "name": "Media", **more})


def flags(*permissions, path=""):
    settings = body(*permissions, path=path)["settings"]
    return {flag for flag in FLAGS if settings[flag]}


def test_the_body_is_iconiks_storage_schema_without_any_key():
    assert body(use_acceleration=True, description="Originals", title_includes_extension=True) == {
        "method": "S3",
        "name": "Media",
        "purpose": "FILES",
        "description": "Originals",
        "settings": {
            "bucket": "media",
            "region": "eu-west-1",
            "endpoint": "https://s3.eu-west-1.amazonaws.com",
            "path": "",
            "read": True,
            "write": True,
            "delete": True,
            "scan": True,
            "use_acceleration": True,
            "title_includes_extension": True,
        },
    }


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        (IconikPermissions.read(), {"read", "scan"}),
        (IconikPermissions.write(), {"write", "delete"}),
        (IconikPermissions.write(delete=False), {"write"}),
        (IconikPermissions.read_write(delete=False), {"read", "write", "scan"}),
        (IconikPermissions.admin(), set(FLAGS)),
        (IconikPermissions.for_purpose(StoragePurpose.EXPORTS), {"write"}),
        (IconikPermissions.for_purpose(StoragePurpose.ARCHIVE), {"read", "write", "scan"}),
    ],
)
def test_the_flags_say_what_the_permissions_allow(permissions, expected):
    assert flags(permissions) == expected


def test_a_flag_is_true_only_if_it_holds_everywhere_below_the_path():
    prefixed = IconikPermissions.read_write("masters/")
    assert flags(prefixed, path="masters/") == flags(prefixed, path="masters/2026/") == set(FLAGS)
    assert flags(prefixed) == set()
    assert flags(IconikPermissions.read("masters/2026/"), path="masters/") == set()


def test_permissions_on_different_prefixes_do_not_add_up_to_what_neither_allows():
    both = IconikPermissions.read("masters/"), IconikPermissions.write("exports/", delete=False)
    assert flags(*both, path="masters/") == {"read", "scan"}
    assert flags(*both, path="exports/") == {"write"}


def test_one_permission_may_give_what_the_other_lacks_on_the_same_path():
    both = IconikPermissions.read(), IconikPermissions.write("exports/", delete=False)
    assert flags(*both, path="exports/") == {"read", "scan", "write"}


def test_writing_is_not_claimed_where_the_key_may_only_decrypt():
    extra = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
    assert flags(IconikPermissions(roles={StorageRole.READ}, extra_object_actions=extra)) == {"read", "scan"}


def test_a_flag_can_be_switched_off_but_not_on():
    assert body(delete=False)["settings"]["delete"] is False
    with pytest.raises(IconikValueError, match="'write' must not claim more than the permissions allow"):
        body(IconikPermissions.read(), write=True)


def test_a_path_outside_all_prefixes_is_refused_and_the_prefixes_are_named():
    with pytest.raises(
        IconikValueError, match=r"'path' must be below .*, got 'secret/'\. The prefixes are 'masters/'\."
    ):
        body(IconikPermissions.read("masters/"), path="secret/")


def test_a_path_is_not_inside_a_prefix_that_only_begins_alike():
    with pytest.raises(IconikValueError, match="'path' must be below"):
        body(IconikPermissions.read("masters/"), path="masters2/")


@pytest.mark.parametrize("path", ["masters", "/masters/", "masters/*", "mas?ers/", "${aws:username}/"])
def test_a_path_has_the_form_of_a_prefix(path):
    with pytest.raises(IconikValueError, match="'path' must"):
        body(path=path)


@pytest.mark.parametrize("secret", sorted(SECRET_SETTINGS))
def test_a_secret_is_refused_and_not_quoted(secret):
    with pytest.raises(IconikValueError) as refused:
        body(**{secret: "hunter2"})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("unknown", "meant"),
    [("scan_directory", "scan_directories"), ("use_acceleraton", "use_acceleration"), ("Read", "read")],
)
def test_an_unknown_field_is_refused_with_the_nearest_known_name(unknown, meant):
    with pytest.raises(IconikValueError, match=f"'{unknown}' is not a field .* Did you mean '{meant}'"):
        body(**{unknown: True})


def test_a_field_like_no_other_is_refused_with_all_known_names():
    with pytest.raises(IconikValueError, match=r"The fields are .*scan_ignore.*use_acceleration"):
        body(zzz=1)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *product(["delete", "title_includes_extension"], ["yes", 1, None]),
        *product(["scan_ignore"], ["*.tmp", [1], None]),
        *product(["glacier_restore_timeout"], ["7", True]),
        ("description", 7),
        ("name", None),
        ("path", None),
        ("purpose", "FILES"),
    ],
)
def test_a_field_of_the_wrong_type_is_refused(key, value):
    with pytest.raises(IconikTypeError, match=f"'{key}' must be"):
        body(**{key: value})


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_of_the_wrong_type_is_answered_with_its_default(flag):
    with pytest.raises(IconikTypeError, match=r"Leave it out\. It then follows from the permissions\."):
        body(**{flag: None})


@pytest.mark.parametrize("days", [0, -1])
def test_a_glacier_restore_timeout_below_one_day_is_refused(days):
    with pytest.raises(IconikValueError, match=f"'glacier_restore_timeout' must be .*at least 1, got {days}"):
        body(glacier_restore_timeout=days)
    assert body(glacier_restore_timeout=1)["settings"]["glacier_restore_timeout"] == 1


def test_a_storage_needs_a_name():
    with pytest.raises(IconikValueError, match="'name' must not be empty"):
        body(name=" ")


def test_a_state_that_iconik_does_not_have_is_refused():
    with pytest.raises(IconikValueError, match="'status' must be a state of an iconik storage, got 'OFF'"):
        body(status="OFF")
    assert body(status="INACTIVE")["status"] == "INACTIVE"


def test_another_endpoint_takes_the_place_of_the_regions_own():
    assert body(endpoint="https://s3.dualstack.eu-west-1.amazonaws.com")["settings"]["endpoint"].startswith(
        "https://s3.dualstack."
    )
