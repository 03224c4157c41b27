"""Media as it is kept: lifecycle, archive, Object Lock, names, and a policy that stays."""

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template

from iconik_construct import IconikPermissions, IconikStorage, archive_after
from iconik_construct.errors import IconikTypeError, IconikValueError

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
DAYS = cdk.Duration.days
FLAG = "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy"
UNKNOWN_DAYS = cdk.Token.as_number({"Ref": "Days"})


@pytest.fixture
def stack():
    return cdk.Stack(cdk.App(), "Media")


def made(stack, **bucket_props):
    storage = IconikStorage(stack, "Masters", system_domain_id=DOMAIN, bucket_props=bucket_props)
    (bucket,) = Template.from_stack(stack).find_resources("AWS::S3::Bucket").values()
    rules = bucket["Properties"].get("LifecycleConfiguration", {}).get("Rules", [])
    return storage, {rule.get("Id", "theirs"): rule for rule in rules}


def rules_of(stack):
    (bucket,) = Template.from_stack(stack).find_resources("AWS::S3::Bucket").values()
    return {rule["Id"]: rule for rule in bucket["Properties"]["LifecycleConfiguration"]["Rules"]}


def warnings(stack):
    return [
        str(found.id) + str(found.entry.data)
        for found in Annotations.from_stack(stack).find_warning("*", Match.any_value())
    ]


@pytest.mark.parametrize("own", [archive_after(90), {"id": "Own", "transitions": []}])
def test_rules_of_ones_own_never_gain_an_expiry(stack, own):
    """An upgrade from 0.1, which wrote just these rules, deletes no noncurrent version."""
    _, rules = made(stack, lifecycle_rules=[own])

    assert len(rules) == 2
    assert rules["IconikHousekeeping"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert not any("Expiration" in part for rule in rules.values() for part in rule)


def test_a_new_bucket_without_rules_expires_noncurrent_versions(stack):
    _, rules = made(stack)

    assert rules["IconikHousekeeping"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ({"noncurrent_version_expiration": DAYS(365)}, {"AbortIncompleteMultipartUpload", "ExpiredObjectDeleteMarker"}),
        ({"abort_incomplete_multipart_upload_after": DAYS(1)}, {"ExpiredObjectDeleteMarker"}),
        ({"expired_object_delete_marker": True}, {"AbortIncompleteMultipartUpload"}),
    ],
)
def test_a_rule_of_the_same_purpose_wins(stack, rule, left):
    _, rules = made(stack, lifecycle_rules=[s3.LifecycleRule(**rule)])

    assert set(rules["IconikHousekeeping"]) - {"Id", "Status"} == left
    assert warnings(stack) == []


def test_a_rule_of_that_name_takes_the_place_of_all_of_it(stack):
    own = s3.LifecycleRule(id="IconikHousekeeping", abort_incomplete_multipart_upload_after=DAYS(1))
    _, rules = made(stack, lifecycle_rules=[own])

    assert rules == {
        "IconikHousekeeping": {
            "Id": "IconikHousekeeping",
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        }
    }


def test_no_rules_at_all_stay_none(stack):
    assert made(stack, lifecycle_rules=[])[1] == {}


@pytest.mark.parametrize("rule", [{"expiration": DAYS(365)}, {"expiration": DAYS(1), "prefix": "scratch/"}])
def test_a_rule_that_deletes_current_objects_causes_a_warning(stack, rule):
    made(stack, lifecycle_rules=[s3.LifecycleRule(**rule)])

    (warning,) = warnings(stack)
    assert "a lifecycle rule deletes objects, and iconik is not informed" in warning


def test_a_disabled_rule_causes_no_warning(stack):
    made(stack, lifecycle_rules=[s3.LifecycleRule(expiration=DAYS(1), enabled=False)])

    assert warnings(stack) == []


def test_the_bucket_takes_rules_afterwards(stack):
    storage = IconikStorage(stack, "Masters", system_domain_id=DOMAIN)
    storage.bucket.add_lifecycle_rule(id="Later", prefix="scratch/", expiration=DAYS(30))

    (bucket,) = Template.from_stack(stack).find_resources("AWS::S3::Bucket").values()
    assert [rule["Id"] for rule in bucket["Properties"]["LifecycleConfiguration"]["Rules"]] == [
        "IconikHousekeeping",
        "Later",
    ]


LATER = {
    "noncurrent_version_expiration": "NoncurrentVersionExpiration",
    "abort_incomplete_multipart_upload_after": "AbortIncompleteMultipartUpload",
}


@pytest.mark.parametrize("part", LATER)
def test_a_later_rule_of_the_same_purpose_wins_too(stack, part):
    storage = IconikStorage(stack, "Masters", system_domain_id=DOMAIN)
    storage.bucket.add_lifecycle_rule(id="Later", **{part: DAYS(365)})
    storage.bucket.add_lifecycle_rule(id="Again", **{part: DAYS(730)})

    rules = rules_of(stack)
    assert list(rules) == ["IconikHousekeeping", "Later", "Again"]
    assert LATER[part] in rules["Later"]
    assert LATER[part] in rules["Again"]
    assert LATER[part] not in rules["IconikHousekeeping"]
    assert rules["IconikHousekeeping"]["Status"] == "Enabled"
    assert warnings(stack) == []


def test_housekeeping_of_which_later_rules_do_all_is_off(stack):
    storage = IconikStorage(stack, "Masters", system_domain_id=DOMAIN)
    storage.bucket.add_lifecycle_rule(
        id="Later",
        noncurrent_versions_to_retain=3,
        noncurrent_version_expiration=DAYS(365),
        abort_incomplete_multipart_upload_after=DAYS(30),
        expired_object_delete_marker=True,
    )

    rules = rules_of(stack)
    assert (rules["IconikHousekeeping"]["Status"], rules["Later"]["Status"]) == ("Disabled", "Enabled")
    assert rules["IconikHousekeeping"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


def test_a_rule_of_the_callers_by_that_name_is_not_touched_later(stack):
    own = s3.LifecycleRule(
        id="IconikHousekeeping", noncurrent_version_expiration=DAYS(365), expired_object_delete_marker=True
    )
    storage = IconikStorage(stack, "Masters", system_domain_id=DOMAIN, bucket_props={"lifecycle_rules": [own]})
    storage.bucket.add_lifecycle_rule(id="Later", prefix="scratch/", noncurrent_version_expiration=DAYS(1))
    storage.bucket.add_lifecycle_rule(id="Markers", expired_object_delete_marker=True)

    assert rules_of(stack)["IconikHousekeeping"] == {
        "Id": "IconikHousekeeping",
        "Status": "Enabled",
        "ExpiredObjectDeleteMarker": True,
        "NoncurrentVersionExpiration": {"NoncurrentDays": 365},
    }


def test_a_later_rule_that_deletes_current_objects_causes_the_warning_once(stack):
    storage = IconikStorage(stack, "Masters", system_domain_id=DOMAIN)
    storage.bucket.add_lifecycle_rule(id="Later", expiration=DAYS(30))
    storage.bucket.add_lifecycle_rule(id="Again", expiration=DAYS(60))

    (warning,) = warnings(stack)
    assert "a lifecycle rule deletes objects, and iconik is not informed" in warning


@pytest.mark.parametrize("name", ["noncurrent_version_expiration", "noncurrentVersionExpiration"])
def test_a_rule_written_as_a_dict_wins_too(stack, name):
    archive = {"storage_class": s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, "transition_after": DAYS(120)}
    rule = {"id": "Years", name: DAYS(3650), "transitions": [archive], "tag_filters": {"may_go": "yes"}}
    _, rules = made(stack, lifecycle_rules=[rule])

    assert rules["Years"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 3650}
    assert rules["Years"]["Transitions"] == [{"StorageClass": "GLACIER_IR", "TransitionInDays": 120}]
    assert rules["Years"]["TagFilters"] == [{"Key": "may_go", "Value": "yes"}]
    assert "NoncurrentVersionExpiration" not in rules["IconikHousekeeping"]


def test_archives_of_several_prefixes_and_classes_are_rules_of_their_own(stack):
    _, rules = made(
        stack,
        lifecycle_rules=[
            archive_after(400),
            archive_after(90, "GLACIER_INSTANT_RETRIEVAL"),
            archive_after(90, prefix="dailies/"),
            archive_after(90, "GLACIER", prefix="dailies/"),
            archive_after(90, "GLACIER", prefix="p" * 300 + "/"),
        ],
    )

    assert list(rules)[:5] == [
        "IconikArchive",
        "IconikArchive-GLACIER_INSTANT_RETRIEVAL",
        "IconikArchive-dailies/",
        "IconikArchive-GLACIER-dailies/",
        "theirs",
    ]


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ([archive_after(90), s3.LifecycleRule(expiration=DAYS(200))], "leaves DEEP_ARCHIVE after 110 days"),
        ([archive_after(30, "GLACIER"), archive_after(60)], "leaves GLACIER after 30 days, and AWS charges for 90"),
        ([archive_after(10, "GLACIER_INSTANT_RETRIEVAL", prefix="a/b/"), archive_after(20, prefix="a/")], "GLACIER_IR"),
        ([{"transitions": [{"storageClass": s3.StorageClass.INFREQUENT_ACCESS, "transitionAfter": DAYS(30)}],
           "expiration": DAYS(31)}], "leaves STANDARD_IA after 1 day,"),
    ],
)  # fmt: skip
def test_leaving_an_archive_class_early_causes_a_warning(stack, rules, text):
    made(stack, lifecycle_rules=rules)

    assert any("iconik-construct:EarlyDeletion" in one and text in one for one in warnings(stack))


@pytest.mark.parametrize(
    "rules",
    [
        [archive_after(90), s3.LifecycleRule(expiration=DAYS(270))],
        [archive_after(90), s3.LifecycleRule(expiration=DAYS(90))],
        [archive_after(90, prefix="a/"), s3.LifecycleRule(expiration=DAYS(100), prefix="b/")],
        [archive_after(30, "GLACIER"), archive_after(120)],
        [archive_after(90), s3.LifecycleRule(expiration=DAYS(100), enabled=False)],
        [archive_after(90), s3.LifecycleRule(expiration=DAYS(UNKNOWN_DAYS))],
    ],
)
def test_leaving_an_archive_class_in_time_causes_no_warning(stack, rules):
    made(stack, lifecycle_rules=rules)

    assert not [one for one in warnings(stack) if "EarlyDeletion" in one]


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((0,), IconikValueError, "'days' must be at least 1"),
        (("90",), IconikTypeError, "'days' must be a whole number"),
        ((True,), IconikTypeError, "'days' must be a whole number"),
        ((90, "STANDARD"), IconikValueError, "'storage_class' must be an archive class"),
    ],
)
def test_an_archive_that_cannot_be(arguments, error, text):
    with pytest.raises(error, match=text):
        archive_after(*arguments)


@pytest.mark.parametrize(
    ("prefix", "error"),
    [
        ("s3://acme/x/", IconikValueError),
        ("/x/", IconikValueError),
        ("*", IconikValueError),
        ("x", IconikValueError),
        (["x/"], IconikTypeError),
    ],
)
def test_an_archive_has_no_prefix_that_the_permissions_refuse(prefix, error):
    """A bucket of media has no such keys, so the rule would move nothing."""
    with pytest.raises(error, match="'prefix' must ") as refused:
        archive_after(90, prefix=prefix)
    with pytest.raises(error) as of_permissions:
        IconikPermissions.read(prefix)
    assert str(refused.value).partition("' ")[2] == str(of_permissions.value).partition("' ")[2]


def test_object_lock_asks_a_checksum_of_each_upload(stack):
    storage, _ = made(stack, object_lock_default_retention=s3.ObjectLockRetention.governance(DAYS(30)))

    assert storage.settings(name="M")["settings"]["presign_md5_checksum"] is True
    assert storage.settings(name="M", presign_md5_checksum=False)["settings"]["presign_md5_checksum"] is False
    (warning,) = warnings(stack)
    assert "presign_md5_checksum" in warning


@pytest.mark.parametrize(
    "lock",
    [
        {"object_lock_enabled": True},
        {"object_lock_default_retention": s3.ObjectLockRetention.governance(DAYS(30))},
    ],
)
def test_object_lock_without_versions_is_refused(stack, lock):
    with pytest.raises(IconikValueError, match=r"'bucket_props\.versioned' must not be false with Object Lock"):
        made(stack, versioned=False, **lock)


def test_a_name_with_dots_causes_a_warning_and_is_refused_with_acceleration(stack):
    IconikStorage(stack, "Masters", system_domain_id=DOMAIN, bucket_name="media.acme.example")

    (warning,) = warnings(stack)
    assert "'media.acme.example' has dots" in warning
    with pytest.raises(IconikValueError, match="transfer_acceleration' must be left out for a bucket name with dots"):
        IconikStorage(
            stack,
            "Fast",
            system_domain_id=DOMAIN,
            bucket_name="fast.acme.example",
            bucket_props={"transfer_acceleration": True},
        )


@pytest.mark.parametrize(
    ("removal_policy", "deletion"),
    [("RETAIN", "Retain"), ("RETAIN_ON_UPDATE_OR_DELETE", "RetainExceptOnCreate"), ("DESTROY", None)],
)
def test_a_bucket_that_is_kept_keeps_its_policy(stack, removal_policy, deletion):
    IconikStorage(stack, "Masters", system_domain_id=DOMAIN, removal_policy=cdk.RemovalPolicy[removal_policy])

    (policy,) = Template.from_stack(stack).find_resources("AWS::S3::BucketPolicy").values()
    assert policy.get("DeletionPolicy") == deletion
    assert policy.get("UpdateReplacePolicy") == (None if deletion is None else "Retain")
    assert any("is deleted with its stack" in warning for warning in warnings(stack)) is (deletion is None)


@pytest.mark.parametrize(
    ("removal_policy", "deletion"),
    [("RETAIN", "Retain"), ("RETAIN_ON_UPDATE_OR_DELETE", "RetainExceptOnCreate")],
)
@pytest.mark.parametrize(
    "keep",
    [
        lambda stack, bucket, policy: bucket.apply_removal_policy(policy),
        lambda stack, bucket, policy: cdk.RemovalPolicies.of(stack).retain(),
    ],
)
def test_a_bucket_that_is_kept_after_its_props_keeps_its_policy(stack, removal_policy, deletion, keep):
    storage = IconikStorage(stack, "Masters", system_domain_id=DOMAIN, removal_policy=cdk.RemovalPolicy.DESTROY)

    keep(stack, storage.bucket, cdk.RemovalPolicy[removal_policy])

    template = Template.from_stack(stack)
    (bucket,) = template.find_resources("AWS::S3::Bucket").values()
    (policy,) = template.find_resources("AWS::S3::BucketPolicy").values()
    assert policy["DeletionPolicy"] == bucket["DeletionPolicy"]
    assert bucket["DeletionPolicy"] in {deletion, "Retain"}


@jsii.implements(cdk.IPropertyInjector)
class LogsIntoItself:
    @property
    def construct_unique_id(self):
        return s3.Bucket.PROPERTY_INJECTION_ID

    def inject(self, original_props, *, id, scope):  # noqa: A002 - the name CDK gives it
        return {**original_props, "serverAccessLogsPrefix": "logs/"}


def test_access_logs_by_an_injector_need_the_flag_of_the_cdk():
    stack = cdk.Stack(cdk.App(property_injectors=[LogsIntoItself()]), "Media")

    with pytest.raises(IconikValueError, match=rf"server_access_logs_prefix.*Set the feature flag '{FLAG}'"):
        made(stack)


def test_access_logs_in_a_bucket_without_acls_need_the_flag_of_the_cdk(stack):
    logs = s3.Bucket(stack, "Logs", object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED)

    with pytest.raises(
        IconikValueError, match=rf"server_access_logs_bucket.*'Media/Logs'. Set the feature flag '{FLAG}'"
    ):
        made(stack, server_access_logs_bucket=logs)


def test_access_control_that_the_cdk_refuses_is_left_to_the_cdk(stack):
    with pytest.raises(IconikValueError, match="the CDK reports: objectOwnership must be set"):
        made(stack, access_control=s3.BucketAccessControl.LOG_DELIVERY_WRITE)


@pytest.mark.parametrize("flag", [True, False, None])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_access_logs_in_the_bucket_itself_need_the_flag_of_the_cdk(flag, elsewhere):
    app = cdk.App(context={} if flag is None else {FLAG: flag})
    stack = cdk.Stack(app, "Media")
    props = {"server_access_logs_prefix": "logs/"}
    if elsewhere:
        props["server_access_logs_bucket"] = s3.Bucket.from_bucket_name(stack, "Logs", "acme-logs")

    if flag or elsewhere:
        made(stack, **props)
    else:
        with pytest.raises(IconikValueError, match=rf"server_access_logs_prefix.*Set the feature flag '{FLAG}'"):
            made(stack, **props)


def test_access_logs_with_acls_need_no_flag(stack):
    made(stack, server_access_logs_prefix="logs/", object_ownership=s3.ObjectOwnership.OBJECT_WRITER)
