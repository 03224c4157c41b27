"""The Lambda function behind all adoptions of a stack: one, however many storages.

Apart because what it may do is what a reviewer asks first: its role begins with nothing but its own log group, and each
adoption adds the actions on one policy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources
from constructs import Construct

from .scope import adoption_scope

__all__ = ["SERVICE_TIMEOUT", "handler_role", "service_token"]

HANDLER_TIMEOUT: Final = cdk.Duration.minutes(5)
SERVICE_TIMEOUT: Final = cdk.Duration.minutes(10)
"""How long CloudFormation waits for an answer; its default is an hour."""

_HANDLER_ID = "Handler"
_HANDLER_ROLE_ID = "HandlerRole"
_PROVIDER_ID = "Provider"


def handler_role(stack: cdk.Stack) -> iam.IRole:
    """Return the role of the function that reads and writes the policies."""
    return cast(iam.IRole, _provider(stack).node.find_child(_HANDLER_ROLE_ID))


def service_token(stack: cdk.Stack) -> str:
    """Return what a custom resource of this stack is to call."""
    provider = cast(custom_resources.Provider, _provider(stack).node.find_child(_PROVIDER_ID))
    return provider.service_token


def _provider(stack: cdk.Stack) -> Construct:
    scope = adoption_scope(stack)
    if scope.node.try_find_child(_PROVIDER_ID) is None:
        _make_provider(scope)
    return scope


def _make_provider(scope: Construct) -> None:
    log_group = logs.LogGroup(
        scope, "Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
    )
    handler = lambda_.Function(
        scope,
        _HANDLER_ID,
        description="Adds iconik's statements to bucket and key policies that other stacks or people own",
        runtime=lambda_.Runtime.determine_latest_python_runtime(scope),
        code=lambda_.Code.from_asset(
            # Only the sources, or a cache left by an interpreter would change the asset's hash.
            str(Path(__file__).parent),
            exclude=["*", "!handler", "!handler/*.py"],
            ignore_mode=cdk.IgnoreMode.GIT,
        ),
        handler="handler.index.on_event",
        timeout=HANDLER_TIMEOUT,
        role=_role(scope, _HANDLER_ROLE_ID, log_group),
        log_group=log_group,
    )
    custom_resources.Provider(
        scope,
        _PROVIDER_ID,
        on_event_handler=cast(lambda_.IFunction, handler),
        framework_on_event_role=_role(scope, "ProviderRole", log_group),
        log_group=log_group,
    )


def _role(scope: Construct, construct_id: str, log_group: logs.LogGroup) -> iam.IRole:
    """Make a role that may write to its log group: AWS's managed policy for it would allow every log group."""
    lambda_service = cast(iam.IPrincipal, iam.ServicePrincipal("lambda.amazonaws.com"))
    role = cast(iam.IRole, iam.Role(scope, construct_id, assumed_by=lambda_service))
    log_group.grant_write(role)
    return role
