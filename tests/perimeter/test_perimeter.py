"""`IconikPerimeter`: one resource control policy, checked in Python, with the same bytes each time."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
import yaml
from aws_cdk import aws_organizations as organizations
from aws_cdk.assertions import Annotations, Match, Template

from iconik_construct import IconikPerimeter, IconikTypeError, IconikValueError
from iconik_construct.access.formats import PERIMETER_FORMATS
from iconik_construct.access.perimeter import Perimeter, parse_target_ids, perimeter_policy
from iconik_construct.access.trust import EXAMPLE_SYSTEM_DOMAIN_ID

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
OTHER = "a7d9e1c4-1111-4222-8333-444455556666"
UNIT = "ou-abcd-12345678"


def template(**props: Any) -> dict[str, Any]:
    app = cdk.App()
    stack = cdk.Stack(app, "Organisation")
    IconikPerimeter(stack, "Perimeter", **{"system_domain_ids": [DOMAIN], "target_ids": [UNIT], **props})
    found: dict[str, Any] = dict(Template.from_stack(stack).to_json())
    return found


def properties(**props: Any) -> dict[str, Any]:
    (policy,) = template(**props)["Resources"].values()
    assert policy["Type"] == "AWS::Organizations::Policy"
    found: dict[str, Any] = policy["Properties"]
    return found


def test_an_id_that_is_an_example_is_a_warning() -> None:
    stack = cdk.Stack(cdk.App(), "Organisation")
    IconikPerimeter(stack, "Perimeter", system_domain_ids=[EXAMPLE_SYSTEM_DOMAIN_ID], target_ids=[UNIT])
    Annotations.from_stack(stack).has_warning("*", Match.string_like_regexp("the domain of another customer"))


def test_it_is_one_resource_control_policy_that_denies_iconiks_role_without_the_tag() -> None:
    assert properties(system_domain_ids=[OTHER, DOMAIN.upper()], target_ids=["r-abcd", UNIT, "123456789012"]) == {
        "Name": "IconikPerimeter",
        "Description": "iconik's role may use buckets and keys only with the tag of our System Domain IDs",
        "Type": "RESOURCE_CONTROL_POLICY",
        "TargetIds": ["123456789012", UNIT, "r-abcd"],
        "Content": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "IconikOnlyWithOurTag",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": ["s3:*", "kms:*"],
                    "Resource": "*",
                    "Condition": {
                        "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::283217727627:role/IconikS3AccessRole"},
                        "StringNotEquals": {"aws:PrincipalTag/IconikSystemDomainId": [DOMAIN, OTHER]},
                    },
                }
            ],
        },
    }


def test_the_order_in_which_ids_are_given_changes_no_byte() -> None:
    one = template(system_domain_ids=[DOMAIN, OTHER], target_ids=["r-abcd", UNIT])
    other = template(system_domain_ids=[OTHER, DOMAIN, OTHER], target_ids=[UNIT, "r-abcd"])
    assert json.dumps(one) == json.dumps(other)


def test_its_id_can_be_used_and_its_name_chosen() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Organisation")
    perimeter = IconikPerimeter(
        stack, "Perimeter", system_domain_ids=[DOMAIN], target_ids=[UNIT], name="iconik (production)"
    )
    cdk.CfnOutput(stack, "Policy", value=perimeter.policy_id)
    found = Template.from_stack(stack)
    (logical_id,) = found.find_resources("AWS::Organizations::Policy", {"Properties": {"Name": "iconik (production)"}})
    assert found.find_outputs("Policy")["Policy"]["Value"] == {"Fn::GetAtt": [logical_id, "Id"]}


@pytest.mark.parametrize(
    ("props", "error", "said"),
    [
        ({"system_domain_ids": []}, IconikValueError, "'system_domain_ids' must name at least one System Domain ID"),
        ({"system_domain_ids": ["acme"]}, IconikValueError, "'system_domain_ids' must be a UUID, got 'acme'"),
        ({"system_domain_ids": ["*"]}, IconikValueError, "'system_domain_ids' must be a UUID, got '*'"),
        ({"target_ids": []}, IconikValueError, "'target_ids' must name at least one target"),
        ({"target_ids": UNIT}, IconikTypeError, "'target_ids' must be a sequence of ids"),
        ({"target_ids": [7]}, IconikTypeError, "'target_ids' must hold ids of roots"),
        ({"target_ids": ["ou-abcd"]}, IconikValueError, "'target_ids' must hold ids of roots"),
        ({"target_ids": ["o-abcdefghij"]}, IconikValueError, "got 'o-abcdefghij'"),
        ({"target_ids": ["r-abcd\n"]}, IconikValueError, "'target_ids' must hold ids of roots"),
        ({"name": ""}, IconikValueError, "'name' must be 1 to 128 printable ASCII characters"),
        ({"name": "x" * 129}, IconikValueError, "'name' must be 1 to 128 printable ASCII characters"),
        ({"name": "Médias"}, IconikValueError, "'name' must be 1 to 128 printable ASCII characters"),
        ({"name": 7}, IconikTypeError, "'name' must be 1 to 128 printable ASCII characters"),
    ],
)
def test_a_wrong_prop_is_refused_before_jsii_is_entered(props: dict[str, Any], error: type, said: str) -> None:
    with pytest.raises(error) as raised:
        template(**props)
    assert said in str(raised.value)


def ids(count: int) -> list[str]:
    return [f"00000000-0000-4000-8000-{number:012x}" for number in range(count)]


def test_as_many_ids_as_a_policy_has_room_for_and_not_one_more() -> None:
    most = next(count for count in range(100, 200) if too_many(count + 1))
    with pytest.raises(IconikValueError, match=rf"{most + 1} ids make 5,1\d\d of at most 5,120 characters. Attach one"):
        perimeter_policy(ids(most + 1))
    written = json.dumps(properties(system_domain_ids=ids(most))["Content"], separators=(",", ":"))
    assert 5_080 < len(written) <= 5_120


def too_many(count: int) -> bool:
    try:
        perimeter_policy(ids(count))
    except IconikValueError:
        return True
    return False


def test_a_token_that_becomes_no_id_fails_synthesis() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Organisation")
    token = cdk.Lazy.string(cdk_lazy("${aws:PrincipalTag/IconikSystemDomainId}"))
    IconikPerimeter(stack, "Perimeter", system_domain_ids=[token], target_ids=[UNIT])
    with pytest.raises(RuntimeError, match="must become a UUID"):
        app.synth()


def cdk_lazy(value: str) -> Any:
    import jsii  # noqa: PLC0415

    @jsii.implements(cdk.IStableStringProducer)
    class Producer:
        def produce(self) -> str:
            return value

    return Producer()


def test_a_unit_and_an_id_that_only_the_deployment_knows_are_passed_on() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Organisation")
    unit = organizations.CfnOrganizationalUnit(stack, "Media", name="Media", parent_id="r-abcd")
    domain = cdk.CfnParameter(stack, "Domain")
    IconikPerimeter(stack, "Perimeter", system_domain_ids=[domain.value_as_string], target_ids=[unit.attr_id])
    (policy,) = Template.from_stack(stack).find_resources("AWS::Organizations::Policy").values()
    assert policy["Properties"]["TargetIds"] == [{"Fn::GetAtt": ["Media", "Id"]}]
    condition = policy["Properties"]["Content"]["Statement"][0]["Condition"]
    assert condition["StringNotEquals"] == {"aws:PrincipalTag/IconikSystemDomainId": [{"Ref": "Domain"}]}


def test_the_plain_template_has_the_resource_of_the_construct() -> None:
    targets = parse_target_ids([UNIT, "r-abcd"])
    written = PERIMETER_FORMATS["cloudformation"](Perimeter(policy=perimeter_policy([DOMAIN]), target_ids=targets))
    (plain,) = yaml.safe_load(written)["Resources"].values()
    assert plain["Type"] == "AWS::Organizations::Policy"
    assert plain["Properties"] == properties(target_ids=[UNIT, "r-abcd"])
