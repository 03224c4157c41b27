"""The role of the function that merges: given or made here, and what it must be able to get."""

import json

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from placement_stacks import ACCOUNT, BOTH, KEY_ARN, functions, imported, merges, place, resources, statement, warnings

from iconik_construct.errors import IconikValueError
from iconik_construct.placement.record import MergeOptions

LAMBDA = iam.ServicePrincipal("lambda.amazonaws.com")
UNUSABLE_ROLES = {
    "immutable by its name": lambda stack: iam.Role.from_role_name(stack, "Given", "media", mutable=False),
    "immutable by its ARN": lambda stack: iam.Role.from_role_arn(
        stack, "Given", f"arn:aws:iam::{ACCOUNT}:role/media", mutable=False
    ),
    "of another account": lambda stack: iam.Role.from_role_arn(stack, "Given", "arn:aws:iam::999999999999:role/media"),
    "without policy updates": lambda stack: iam.Role(stack, "Given", assumed_by=LAMBDA).without_policy_updates(),
}


@pytest.mark.parametrize("which", UNUSABLE_ROLES)
def test_a_role_that_cannot_get_the_permissions_is_refused(stack, which):
    options = MergeOptions(role=UNUSABLE_ROLES[which](stack))

    with pytest.raises(IconikValueError, match=r"'adoption_role' must be a role to which this stack can attach"):
        place(stack, imported(stack), BOTH, options=options)


@pytest.mark.parametrize(("account", "count"), [(None, 1), (ACCOUNT, 0)])
def test_an_imported_role_in_a_stack_without_an_account_causes_a_warning(account, count):
    env = cdk.Environment(account=account, region="eu-west-1")
    stack = cdk.Stack(cdk.App(), "Stack", env=env)
    role = iam.Role.from_role_arn(stack, "Given", f"arn:aws:iam::{ACCOUNT}:role/media")

    place(stack, imported(stack), BOTH, options=MergeOptions(role=role))

    found = [each for each in warnings(stack) if "The adoption_role Stack/Given is in the account 123456789012" in each]
    assert len(found) == count


def test_a_role_of_the_stack_without_an_account_causes_no_warning():
    stack = cdk.Stack(cdk.App(), "Stack")
    role = iam.Role(stack, "Given", assumed_by=LAMBDA)

    place(stack, imported(stack), BOTH, options=MergeOptions(role=role))

    assert warnings(stack) == []


@pytest.mark.parametrize(
    "trusted",
    [iam.ServicePrincipal("ec2.amazonaws.com"), iam.ArnPrincipal(f"arn:aws:iam::{ACCOUNT}:role/Deployer")],
    ids=["another service", "a role"],
)
def test_a_role_that_lambda_cannot_assume_is_refused_once(stack, trusted):
    role = iam.Role(stack, "Given", assumed_by=trusted)
    for which in ("One", "Two"):
        place(stack, imported(stack, construct_id=which), BOTH, options=MergeOptions(role=role))

    with pytest.raises(RuntimeError, match=r"'adoption_role' must be a role that the service lambda") as refused:
        stack.node.root.synth()
    assert str(refused.value).count("can assume") == 1


@pytest.mark.parametrize(
    "trusted",
    [
        LAMBDA,
        iam.CompositePrincipal(iam.ServicePrincipal("ec2.amazonaws.com"), LAMBDA),
        iam.PrincipalWithConditions(LAMBDA, {"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        iam.ServicePrincipal(cdk.Fn.import_value("Service")),
    ],
    ids=["Lambda", "two services", "with a condition", "of another stack"],
)
def test_a_role_that_lambda_can_or_may_assume_is_accepted(stack, trusted):
    role = iam.Role(stack, "Given", assumed_by=trusted)
    place(stack, imported(stack), BOTH, options=MergeOptions(role=role))
    stack.node.root.synth()


def test_a_trust_that_is_added_after_the_storage_counts(stack):
    role = iam.Role(stack, "Given", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    place(stack, imported(stack), BOTH, options=MergeOptions(role=role))
    role.assume_role_policy.add_statements(iam.PolicyStatement(actions=["sts:AssumeRole"], principals=[LAMBDA]))
    stack.node.root.synth()


def test_a_role_of_another_stack_is_refused_and_can_be_imported(stack):
    role = iam.Role(
        cdk.Stack(stack.node.root, "Other", env=cdk.Environment(account=ACCOUNT, region="eu-west-1")),
        "Role",
        assumed_by=LAMBDA,
    )

    with pytest.raises(
        IconikValueError, match=r"'adoption_role' must be in the stack Stack, but Other/Role.*from_role_arn"
    ):
        place(stack, imported(stack), BOTH, options=MergeOptions(role=role))

    given = iam.Role.from_role_arn(stack, "AdoptionRole", role.role_arn)
    place(stack, imported(stack, construct_id="Again"), BOTH, options=MergeOptions(role=given))
    stack.node.root.synth()
    (permission,) = resources(stack, "AWS::IAM::ManagedPolicy").values()
    assert "ImportValue" in str(permission["Properties"]["Roles"])


@jsii.implements(cdk.IPropertyInjector)
class IntoTheVpc:
    """Puts every function of an app into a VPC, as companies do."""

    @property
    def construct_unique_id(self):
        return lambda_.Function.PROPERTY_INJECTION_ID

    def inject(self, original_props, *, id, scope):  # noqa: A002 - the name CDK gives it
        vpc = ec2.Vpc.from_vpc_attributes(
            scope, f"{id}Vpc", vpc_id="vpc-1", availability_zones=["eu-west-1a"], private_subnet_ids=["subnet-1"]
        )
        group = ec2.SecurityGroup.from_security_group_id(scope, f"{id}Group", "sg-1")
        return {**original_props, "vpc": vpc, "security_groups": [group]}


@jsii.implements(cdk.IAspect)
class IntoTheVpcLater:
    """Puts every function of an app into a VPC by an aspect."""

    def visit(self, node):
        if isinstance(node, lambda_.CfnFunction):
            node.vpc_config = {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-12345678"]}


@pytest.mark.parametrize("by_aspect", [False, True])
def test_functions_in_a_vpc_may_have_network_interfaces(by_aspect):
    app = cdk.App(property_injectors=[] if by_aspect else [IntoTheVpc()])
    stack = cdk.Stack(app, "Stack")
    place(stack, imported(stack), BOTH)
    if by_aspect:
        cdk.Aspects.of(app).add(IntoTheVpcLater())

    found = resources(stack, "AWS::Lambda::Function").values()
    policies = resources(stack, "AWS::IAM::Policy").values()
    assert len(found) == 2
    for function in found:
        assert "VpcConfig" in function["Properties"]
        role = {"Ref": function["Properties"]["Role"]["Fn::GetAtt"][0]}
        actions = [str(policy) for policy in policies if role in policy["Properties"]["Roles"]]
        assert "ec2:CreateNetworkInterface" in actions[0]


def test_a_given_role_runs_the_function_and_gets_the_permission(stack):
    role = iam.Role.from_role_name(stack, "Given", "media-policies")
    terms = MergeOptions(role=role)

    place(stack, imported(stack), BOTH, options=terms)
    place(stack, kms.Key.from_key_arn(stack, "Key", KEY_ARN), [statement("IconikKey")], options=terms)

    (function,) = functions(stack)
    assert ":role/media-policies" in json.dumps(function["Role"])
    attached = [
        found["Properties"]
        for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
        for found in resources(stack, kind).values()
    ]
    actions = json.dumps([found for found in attached if found["Roles"] == ["media-policies"]])
    assert all(action in actions for action in ("s3:PutBucketPolicy", "kms:PutKeyPolicy", "logs:PutLogEvents"))
    assert not any("HandlerRole" in name for name in resources(stack, "AWS::IAM::Role"))


@pytest.mark.parametrize("given_first", [True, False])
def test_two_roles_for_one_function_are_refused(stack, given_first):
    given = MergeOptions(role=iam.Role.from_role_name(stack, "Given", "media-policies"))
    first, second = (given, MergeOptions()) if given_first else (MergeOptions(), given)
    place(stack, imported(stack), BOTH, options=first)

    other = imported(stack, "other", "Other")
    before = {each.node.path for each in stack.node.find_all()}
    with pytest.raises(IconikValueError, match="'adoption_role' must be the same for all storages of the stack Stack"):
        place(stack, other, BOTH, options=second)

    assert {each.node.path for each in stack.node.find_all()} == before


def test_one_role_can_be_imported_for_each_storage(stack):
    for name in ("one", "two"):
        role = iam.Role.from_role_name(stack, f"Role{name}", "media-policies")
        place(stack, imported(stack, name, name), BOTH, options=MergeOptions(role=role))

    assert len(merges(stack)) == 2
