"""`IconikWatch`: what it deploys, and what it refuses."""

import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from iconik_construct import Adoption, IconikPermissions, IconikStorage, IconikWatch
from iconik_construct.errors import IconikTypeError, IconikValueError

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture
def stack():
    return cdk.Stack(cdk.App(), "Media", env=cdk.Environment(account="123456789012", region="eu-west-1"))


def adopted(stack, construct_id="Masters", name="acme-media-masters", **props):
    bucket = s3.Bucket.from_bucket_name(stack, f"{construct_id}Bucket", name)
    key = kms.Key.from_key_arn(stack, f"{construct_id}Key", KEY)
    return IconikStorage(
        stack, construct_id, system_domain_id=DOMAIN, bucket=bucket, **{"encryption_key": key, **props}
    )


def found(stack, kind):
    return Template.from_stack(stack).find_resources(kind)


def test_the_bucket_and_the_key_are_looked_at_once_a_day_and_when_others_write(stack):
    IconikWatch(stack, "Watch", storages=[adopted(stack)])

    rules = [rule["Properties"] for rule in found(stack, "AWS::Events::Rule").values()]
    assert {rule["ScheduleExpression"] for rule in rules} == {"rate(1 day)"}
    patterns = [rule["EventPattern"]["detail"] for rule in rules]
    assert sorted((one["eventName"], list(one["requestParameters"].values())) for one in patterns) == [
        (["DeleteBucketPolicy", "PutBucketPolicy"], [["acme-media-masters"]]),
        (["PutKeyPolicy"], [[KEY, KEY.rpartition("/")[2]]]),
    ]
    own, without_role = patterns[0]["$or"]
    assert "HandlerRole" in json.dumps(own)
    assert without_role["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] == [{"exists": False}]


@pytest.mark.parametrize("tolerate_denies", [False, True])
def test_the_function_that_merged_gets_what_it_merged(stack, tolerate_denies):
    storage = adopted(stack, tolerate_denies=tolerate_denies)
    IconikWatch(stack, "Watch", storages=[storage], repair=False, every=cdk.Duration.hours(6))

    (merge,) = found(stack, "Custom::IconikBucketPolicyStatements").values()
    rule = next(one["Properties"] for name, one in found(stack, "AWS::Events::Rule").items() if "Bucket" in name)
    (target,) = rule["Targets"]
    text = "".join(part if isinstance(part, str) else "X" for part in target["Input"]["Fn::Join"][1])
    event = json.loads(text)
    assert rule["ScheduleExpression"] == "rate(6 hours)"
    assert (event["Repair"], event["Every"]) == ("false", "21600")
    for name in ("Statements", "TolerateDenies"):
        assert set(event["ResourceProperties"].get(name, ())) == set(merge["Properties"].get(name, ()))
    assert ("TolerateDenies" in event["ResourceProperties"]) is tolerate_denies
    assert "IconikAdoptionHandler" in json.dumps(target["Arn"])


def test_the_rule_goes_before_the_statements_do(stack):
    IconikWatch(stack, "Watch", storages=[adopted(stack)])

    merges = [*found(stack, "Custom::IconikBucketPolicyStatements"), *found(stack, "Custom::IconikKeyPolicyStatements")]
    needed = [name for rule in found(stack, "AWS::Events::Rule").values() for name in rule["DependsOn"]]
    assert set(merges) <= set(needed)


def test_it_may_read_and_write_its_own_memory_and_nothing_else(stack):
    before = Template.from_stack(cdk.Stack(cdk.App(), "Other"))
    assert not before.find_resources("AWS::IAM::Policy")
    IconikWatch(stack, "Watch", storages=[adopted(stack)])

    (mine,) = (one for name, one in found(stack, "AWS::IAM::Policy").items() if name.startswith("WatchPermission"))
    (statement,) = mine["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["ssm:GetParameter", "ssm:PutParameter"]
    assert "parameter/" in json.dumps(statement["Resource"])


def test_the_alarm_is_on_what_is_missing_and_takes_props(stack):
    watch = IconikWatch(stack, "Watch", storages=[adopted(stack)])
    watch.alarm()
    watch.alarm("Later", evaluation_periods=3)

    alarms = [one["Properties"] for one in found(stack, "AWS::CloudWatch::Alarm").values()]
    assert {one["MetricName"] for one in alarms} == {"Missing"}
    assert {one["TreatMissingData"] for one in alarms} == {"ignore"}
    assert sorted(one["EvaluationPeriods"] for one in alarms) == [1, 3]
    assert watch.missing.dimensions == {"Watch": alarms[0]["Dimensions"][0]["Value"]}


def test_no_storage_gets_it_unasked(stack):
    adopted(stack)

    assert not found(stack, "AWS::Events::Rule")


def test_two_watches_of_one_stack_do_not_share_their_metric(stack):
    storages = [adopted(stack), adopted(stack, "Proxies", "acme-proxies")]
    one, two = (IconikWatch(stack, f"Watch{number}", storages=[each]) for number, each in enumerate(storages))

    assert one.missing.dimensions != two.missing.dimensions


def new(stack):
    return IconikStorage(stack, "New", system_domain_id=DOMAIN)


def handed_over(stack):
    return adopted(stack, adoption=Adoption.HAND_OVER)


def of_another_stack(stack):
    return adopted(cdk.Stack(stack.node.root, "Other"))


def too_long(stack):
    prefixes = [f"{number:03}/{'p' * 100}/" for number in range(50)]
    return adopted(stack, permissions=IconikPermissions.read(*prefixes))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (new, "must hold at least one storage that is merged"),
        (handed_over, "must hold at least one storage that is merged"),
        (of_another_stack, "must be of the watch's own stack Media, but Other/Masters is not"),
        (too_long, "must have statements that fit into the input of a rule, 8,192 characters"),
    ],
)
def test_what_cannot_be_watched_is_refused_and_nothing_is_made(stack, make, text):
    storage = make(stack)

    with pytest.raises(IconikValueError, match=text):
        IconikWatch(stack, "Watch", storages=[storage])

    assert stack.node.try_find_child("Watch") is None


@pytest.mark.parametrize(
    ("props", "error", "text"),
    [
        ({"storages": []}, IconikValueError, "'storages' must hold at least one storage"),
        ({"storages": "Masters"}, IconikTypeError, "'storages' must be a sequence of IconikStorage"),
        ({"storages": [1]}, IconikTypeError, "'storages' must hold IconikStorage only"),
        ({"repair": "no"}, IconikTypeError, "'repair' must be a bool"),
        ({"every": 60}, IconikTypeError, "'every' must be a cdk.Duration"),
        ({"every": cdk.Duration.seconds(30)}, IconikValueError, "'every' must be whole minutes"),
        ({"every": cdk.Duration.days(400)}, IconikValueError, "'every' must be whole minutes, from one to a year"),
    ],
)
def test_props_that_cannot_be_are_refused(stack, props, error, text):
    with pytest.raises(error, match=text):
        IconikWatch(stack, "Watch", **{"storages": [adopted(stack)], **props})


def test_a_storage_of_a_new_bucket_beside_an_adopted_one_is_left_out(stack):
    IconikWatch(stack, "Watch", storages=[new(stack), adopted(stack)])

    assert len(found(stack, "AWS::Events::Rule")) == 2
