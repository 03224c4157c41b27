"""The Lambda function behind all adoptions of a stack."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from . import provider
from .scope import adoption_scope

__all__ = ["SERVICE_TIMEOUT", "handler_role", "service_token"]

HANDLER_TIMEOUT: Final = cdk.Duration.minutes(5)
SERVICE_TIMEOUT: Final = cdk.Duration.minutes(10)
"""How long CloudFormation waits for an answer; its default is an hour."""


def handler_role(stack: cdk.Stack) -> iam.IRole:
    """Return the role of the function that reads and writes the policies."""
    return provider.handler_role(_provider(stack))


def service_token(stack: cdk.Stack) -> str:
    """Return what a custom resource of this stack is to call."""
    return provider.service_token(_provider(stack))


def _provider(stack: cdk.Stack) -> Construct:
    scope = adoption_scope(stack)
    provider.make_provider(
        scope,
        directory=Path(__file__).parent,
        description="Adds iconik's statements to bucket and key policies that other stacks or people own",
        timeout=HANDLER_TIMEOUT,
    )
    return scope
