"""`IconikWatch`: what it deploys, and what it refuses."""

import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from iconik_construct import Adoption, IconikPermissions, IconikStorage, IconikWatch, StorageEncryption
from iconik_construct.errors import IconikTypeError, IconikValueError
from iconik_construct.watch import construct as watch

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


def event_of(stack, kind):
    """The event of the rule for a policy, as the function gets it."""
    rule = next(each["Properties"] for name, each in found(stack, "AWS::Events::Rule").items() if kind in name)
    (target,) = rule["Targets"]
    text = "".join(part if isinstance(part, str) else f"<{part['Ref']}>" for part in target["Input"]["Fn::Join"][1])
    return rule, target, json.loads(text)


def test_the_rule_gives_the_function_the_policy_and_the_custom_resource(stack):
    IconikWatch(stack, "Watch", storages=[adopted(stack)], repair=False, every=cdk.Duration.hours(6))

    ((logical_id, merge),) = found(stack, "Custom::IconikBucketPolicyStatements").items()
    (of_key,) = found(stack, "Custom::IconikKeyPolicyStatements")
    rule, target, event = event_of(stack, "Bucket")
    assert rule["ScheduleExpression"] == "rate(6 hours)"
    assert "IconikAdoptionHandler" in json.dumps(target["Arn"])
    assert event == {
        "IconikWatch": event["IconikWatch"],
        "Repair": "false",
        "Every": "21600",
        "Policy": {"BucketName": "acme-media-masters", "Account": "123456789012"},
        "StackId": "<AWS::StackId>",
        "LogicalResourceId": logical_id,
        "Resources": [logical_id, of_key],
    }
    # So that a deployment counts as a check.
    (name,) = merge["Properties"]["Watches"].values()
    assert (
        "".join(part if isinstance(part, str) else f"<{part['Ref']}>" for part in name["Fn::Join"][1])
        == event["IconikWatch"]
    )


def test_a_changed_permission_is_shown_once_by_cdk_diff(stack):
    """The rule names the custom resource, and has no copy of its statements as one line of JSON."""
    IconikWatch(stack, "Watch", storages=[adopted(stack)])

    assert "s3:GetObject" in json.dumps(found(stack, "Custom::IconikBucketPolicyStatements"))
    assert "s3:GetObject" not in json.dumps(found(stack, "AWS::Events::Rule"))


def test_two_storages_on_one_policy_have_one_rule(stack):
    storages = [adopted(stack), adopted(stack, "Proxies")]
    IconikWatch(stack, "Watch", storages=storages)

    assert len(found(stack, "AWS::Events::Rule")) == 2


def test_the_rule_goes_before_the_statements_do(stack):
    IconikWatch(stack, "Watch", storages=[adopted(stack)])

    merges = [*found(stack, "Custom::IconikBucketPolicyStatements"), *found(stack, "Custom::IconikKeyPolicyStatements")]
    needed = [name for rule in found(stack, "AWS::Events::Rule").values() for name in rule["DependsOn"]]
    assert set(merges) <= set(needed)


def test_a_watch_gives_the_function_no_further_right(stack):
    storage = adopted(stack)
    IconikWatch(stack, "Watch", storages=[storage])

    assert not [name for name in found(stack, "AWS::IAM::Policy") if name.startswith("Watch")]


def alarms_of(stack):
    return {name: each["Properties"] for name, each in found(stack, "AWS::CloudWatch::Alarm").items()}


def test_the_alarm_is_on_what_is_missing_and_takes_props(stack):
    made = IconikWatch(stack, "Watch", storages=[adopted(stack)])
    made.alarm(evaluation_periods=3)

    (alarm,) = (each for each in alarms_of(stack).values() if each["MetricName"] == "Missing")
    assert (alarm["TreatMissingData"], alarm["EvaluationPeriods"], alarm["Threshold"]) == ("ignore", 3, 1)
    assert stack.resolve(made.missing.dimensions) == {"Watch": alarm["Dimensions"][0]["Value"]}


@pytest.mark.parametrize(
    ("every", "period", "periods"),
    [(None, 3600, 25), (cdk.Duration.days(6), 3600, 145), (cdk.Duration.minutes(5), 60, 6)],
)
def test_a_day_without_a_check_is_an_alarm(stack, every, period, periods):
    """Nobody tells CloudWatch that a function does not run any more: missing data is breaching."""
    IconikWatch(stack, "Watch", storages=[adopted(stack)], every=every).alarm()

    (alarm,) = (each for each in alarms_of(stack).values() if each["MetricName"] == "Checks")
    assert alarm["TreatMissingData"] == "breaching"
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (period, periods, periods)
    assert period * periods <= 7 * 24 * 3600


def test_an_error_of_the_function_is_an_alarm(stack):
    IconikWatch(stack, "Watch", storages=[adopted(stack)]).alarm()

    (alarm,) = (each for each in alarms_of(stack).values() if each["MetricName"] == "Errors")
    assert alarm["Namespace"] == "AWS/Lambda"
    assert "IconikAdoptionHandler" in json.dumps(alarm["Dimensions"])


def test_all_three_alarms_have_the_actions_that_are_added_to_the_first(stack):
    topic = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:123456789012:on-call")
    alarm = IconikWatch(stack, "Watch", storages=[adopted(stack)]).alarm()
    alarm.add_alarm_action(actions.SnsAction(topic))
    alarm.add_ok_action(actions.SnsAction(topic))

    found_alarms = alarms_of(stack)
    assert len(found_alarms) == 3
    for each in found_alarms.values():
        assert each["AlarmActions"] == each["OKActions"] == [topic.topic_arn]


def test_stacks_of_one_template_do_not_share_their_metric(stack):
    made = IconikWatch(stack, "Watch", storages=[adopted(stack)])

    assert "AWS::StackName" in json.dumps(stack.resolve(made.missing.dimensions))


def test_more_rules_than_the_function_or_the_bus_takes_are_refused(stack, monkeypatch):
    """The function's own policy names each rule, and a bus has 300 rules: counted over all watches."""
    assert (watch._MOST_POLICIES, watch._MOST_RULES) == (50, 300)
    monkeypatch.setattr(watch, "_MOST_POLICIES", 2)
    monkeypatch.setattr(watch, "_MOST_RULES", 3)
    crowd(stack, 2)
    other = cdk.Stack(stack.node.root, "Other", env=cdk.Environment(account="123456789012", region="eu-west-1"))
    elsewhere = cdk.Stack(stack.node.root, "Else", env=cdk.Environment(account="123456789012", region="us-east-1"))
    with pytest.raises(IconikValueError, match="must have at most 2 merged policies in a stack"):
        crowd(stack, 1, "More")
    with pytest.raises(IconikValueError, match="must have at most 3 merged policies in an account and region"):
        crowd(other, 2)
    crowd(elsewhere, 2)


def crowd(stack, count, construct_id="Watch"):
    storages = [
        adopted(stack, f"{construct_id}{number}", f"acme-{construct_id.lower()}-{number}", encryption_key=None,
                encryption=StorageEncryption.S3_MANAGED)
        for number in range(count)
    ]  # fmt: skip
    return IconikWatch(stack, construct_id, storages=storages)


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


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (new, "must have at least one storage that is merged"),
        (handed_over, "must have at least one storage that is merged"),
        (of_another_stack, "must be of the watch's own stack Media, but Other/Masters is not"),
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
        (
            {"every": cdk.Duration.minutes(cdk.Token.as_number({"Ref": "Minutes"}))},
            IconikValueError,
            "'every' must be known at synthesis",
        ),
        ({"every": cdk.Duration.seconds(30)}, IconikValueError, "'every' must be whole minutes"),
        (
            {"every": cdk.Duration.days(400)},
            IconikValueError,
            "'every' must be whole minutes, from one minute to six days",
        ),
    ],
)
def test_props_that_cannot_be_are_refused(stack, props, error, text):
    with pytest.raises(error, match=text):
        IconikWatch(stack, "Watch", **{"storages": [adopted(stack)], **props})


def test_a_storage_of_a_new_bucket_beside_an_adopted_one_is_left_out(stack):
    IconikWatch(stack, "Watch", storages=[new(stack), adopted(stack)])

    assert len(found(stack, "AWS::Events::Rule")) == 2


def test_sixty_prefixes_are_watched(stack):
    """The statements are not in the rule, whose input has 8,192 characters."""
    prefixes = [f"{number:03}/{'p' * 100}/" for number in range(50)]
    IconikWatch(stack, "Watch", storages=[adopted(stack, permissions=IconikPermissions.read(*prefixes))])

    assert len(json.dumps(event_of(stack, "Bucket")[2])) < 1_000


def test_a_rule_that_is_too_long_leaves_neither_the_watch_nor_a_part_of_it(stack, monkeypatch):
    monkeypatch.setattr("iconik_construct.watch.policies._LONGEST_PATTERN", 10)
    storage = adopted(stack)

    with pytest.raises(IconikValueError, match="'storages' must fit into a rule, whose pattern has at most 10 char"):
        IconikWatch(stack, "Watch", storages=[storage])

    assert stack.node.try_find_child("Watch") is None
    assert '"Watches"' not in json.dumps(Template.from_stack(stack).to_json())
