"""Defines the Lambda function of all registrations of a stack."""

from __future__ import annotations

from pathlib import Path
from typing import Final, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from ..placement import provider
from ..placement.merge_order import run_in_turn

__all__ = ["SERVICE_TIMEOUT", "handler_role", "service_token", "wait_for_turn"]

HANDLER_TIMEOUT: Final = cdk.Duration.minutes(12)
"""Eight minutes until iconik has access, and time for iconik's answers before and after."""
SERVICE_TIMEOUT: Final = cdk.Duration.minutes(14)
"""The time for an answer to CloudFormation. CloudFormation's default is one hour."""

_SCOPE_ID: Final = "IconikRegistrations"


def handler_role(stack: cdk.Stack) -> iam.IRole:
    """Return the role of the function that calls iconik."""
    return provider.handler_role(_provider(stack))


def service_token(stack: cdk.Stack) -> str:
    """Return the service token for custom resources of this stack."""
    return provider.service_token(_provider(stack))


def wait_for_turn(stack: cdk.Stack, registration: cdk.CustomResource) -> None:
    """Make a registration wait for an earlier one of the stack, so that only a few run at once."""
    run_in_turn(_provider(stack), registration)


def _provider(stack: cdk.Stack) -> Construct:
    scope_before = stack.node.try_find_child(_SCOPE_ID)
    scope = Construct(stack, _SCOPE_ID) if scope_before is None else cast(Construct, scope_before)
    provider.make_provider(
        scope,
        directory=Path(__file__).parent,
        files=("handler", "handler/*.py"),
        entry="handler.index.on_event",
        description="Registers storages in iconik once iconik can use them",
        timeout=HANDLER_TIMEOUT,
    )
    return scope
