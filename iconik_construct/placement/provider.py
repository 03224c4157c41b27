"""Defines the Lambda function of all custom resources of one kind in a stack: one function for all storages.

Reviewers first ask for its permissions: its role can write to its own log group, and each custom resource adds the
one permission that it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources
from constructs import Construct, IConstruct, IValidation

__all__ = ["handler", "handler_role", "is_made", "make_provider", "service_token", "warn_if_kept"]

_HANDLER_ID: Final = "Handler"
_PROVIDER_ID: Final = "Provider"
_FRAMEWORK_ID: Final = "framework-onEvent"
_NETWORK_ACTIONS: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
"""Permissions of a function in a VPC. Source: the AWS managed policy AWSLambdaVPCAccessExecutionRole, without logs."""


def make_provider(
    scope: Construct,
    *,
    directory: Path,
    files: Sequence[str],
    entry: str,
    description: str,
    timeout: cdk.Duration,
    role: iam.IRole | None = None,
) -> None:
    """Make the function and its provider below `scope`, unless they exist.

    Args:
        scope: the one place in the stack for custom resources of this kind.
        directory: the folder of the function's code.
        files: the folders below it, and patterns of the files in them, such as `handler` and `handler/*.py`.
        entry: the Python function that answers events.
        description: the description of the function.
        timeout: the timeout of the function.
        role: the role of the function. Default: a new one.
    """
    if is_made(scope):
        return
    log_group = logs.LogGroup(
        scope, "Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
    )
    if role is None:
        role = _role(scope, "HandlerRole", log_group)
    else:
        log_group.grant_write(role)
    function = lambda_.Function(
        scope,
        _HANDLER_ID,
        description=description,
        # Named, so that the template changes with this library and not with the CDK's version.
        runtime=lambda_.Runtime.PYTHON_3_14,
        code=lambda_.Code.from_asset(
            # Only the sources: an interpreter's cache would change the asset's hash.
            str(directory),
            exclude=["*", *(f"!{each}" for each in files)],
            ignore_mode=cdk.IgnoreMode.GIT,
        ),
        handler=entry,
        timeout=timeout,
        role=role,
        log_group=log_group,
    )
    provider = custom_resources.Provider(
        scope,
        _PROVIDER_ID,
        on_event_handler=cast(lambda_.IFunction, function),
        framework_on_event_role=_role(scope, "ProviderRole", log_group),
        log_group=log_group,
    )
    for each in (function, cast(lambda_.Function, provider.node.find_child(_FRAMEWORK_ID))):
        _allow_network_interfaces(each)


def is_made(scope: Construct) -> bool:
    """Return whether `make_provider` made the function below `scope`."""
    return scope.node.try_find_child(_PROVIDER_ID) is not None


def handler(scope: Construct) -> lambda_.IFunction:
    """Return the function that `make_provider` made below `scope`."""
    return cast(lambda_.IFunction, scope.node.find_child(_HANDLER_ID))


def handler_role(scope: Construct) -> iam.IRole:
    """Return the role of the function that `make_provider` made below `scope`."""
    return cast(iam.IRole, handler(scope).role)


def service_token(scope: Construct) -> str:
    """Return the service token for a custom resource."""
    return cast(custom_resources.Provider, scope.node.find_child(_PROVIDER_ID)).service_token


def warn_if_kept(resource: cdk.CustomResource, stays: str) -> None:
    """Warn if an aspect keeps a custom resource, because CloudFormation then never sends its Delete.

    Args:
        resource: the custom resource.
        stays: what stays without the Delete, and where, for the warning.
    """
    check = _CHECKS[resource] = _Kept(resource, stays)
    resource.node.add_validation(check)


@jsii.implements(IValidation)
class _Kept:
    def __init__(self, resource: cdk.CustomResource, stays: str) -> None:
        self._options = cast(cdk.CfnResource, resource.node.default_child).cfn_options
        self._resource: cdk.CustomResource | None = resource
        self._stays = stays

    def validate(self) -> list[str]:
        policies = {self._options.deletion_policy, self._options.update_replace_policy}
        if self._resource is not None and not policies <= {cdk.CfnDeletionPolicy.DELETE, None}:
            cdk.Validations.of(self._resource).add_warning(
                "iconik-construct:KeptCustomResource",
                f"The removal policy keeps this custom resource, so {self._stays} after it leaves the stack. Leave it "
                "out of the aspect: RemovalPolicies.of(...).retain(exclude_resource_types="
                f"['{cast(cdk.CfnResource, self._resource.node.default_child).cfn_resource_type}']).",
            )
            # A test can synthesize an app several times.
            self._resource = None
        return []


# Kept for the life of the process: if Python deleted a check with its stack, nothing would be checked.
_CHECKS: dict[cdk.CustomResource, _Kept] = {}


def _allow_network_interfaces(function: lambda_.Function) -> None:
    """Add the permissions for a VPC, which a property injector or an aspect can set.

    The CDK adds them only to its own roles.
    """
    if function.is_bound_to_vpc:
        _add_network_actions(function)
    else:
        made = cast(cdk.CfnResource, function.node.default_child)
        cdk.Aspects.of(made).add(_InVpc(function), priority=cdk.AspectPriority.READONLY)


def _add_network_actions(function: lambda_.Function) -> None:
    function.add_to_role_policy(iam.PolicyStatement(actions=list(_NETWORK_ACTIONS), resources=["*"]))


@jsii.implements(cdk.IAspect)
class _InVpc:
    """Adds the same once all other aspects have changed the function."""

    def __init__(self, function: lambda_.Function) -> None:
        self._function = function
        self._done = False

    def visit(self, node: IConstruct) -> None:
        if not self._done and isinstance(node, lambda_.CfnFunction) and node.vpc_config is not None:
            self._done = True
            _add_network_actions(self._function)


def _role(scope: Construct, construct_id: str, log_group: logs.LogGroup) -> iam.IRole:
    """Make a role that can write to its log group. AWS's managed policy for this would allow every log group."""
    lambda_service = cast(iam.IPrincipal, iam.ServicePrincipal("lambda.amazonaws.com"))
    role = cast(iam.IRole, iam.Role(scope, construct_id, assumed_by=lambda_service))
    log_group.grant_write(role)
    return role
