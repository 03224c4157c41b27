"""Reads the templates that the CDK gives to a validation plugin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import aws_cdk as cdk

from ..assessment import Finding
from ..assessment.names import Iconik
from ..templates.assembly import read_app
from ..templates.manifest import read_assembly
from ..templates.template import App, Template

__all__ = ["app_of"]


def app_of(context: cdk.IPolicyValidationContext, iconik: Iconik) -> tuple[App, list[Finding]]:
    """Return the app, and a finding for each template that cannot be read.

    Args:
        context: the context from the CDK.
        iconik: iconik, to search for in text that is not JSON.
    """
    return read_app(_stacks(context), iconik)


def _stacks(context: cdk.IPolicyValidationContext) -> list[Template]:
    """Return the templates that the CDK lists, with empty bodies.

    A release older than the supported ones, which only a forced installation brings, lists no accounts. Then
    everything is read from the manifests.
    """
    named = getattr(context, "stack_templates", None)
    if named is None or not all(hasattr(type(stack), "account_id") for stack in named):
        return list(_stacks_of_manifests(context.template_paths))
    return [
        Template(stack.template_path, {}, stack.stack_construct_path, stack.account_id, stack.region) for stack in named
    ]


def _stacks_of_manifests(paths: Sequence[str]) -> Iterator[Template]:
    stacks = {
        stack.path: stack
        for folder in dict.fromkeys(Path(path).parent for path in paths)
        for stack in read_assembly(folder).stacks
    }
    for path in paths:
        yield stacks[path]
