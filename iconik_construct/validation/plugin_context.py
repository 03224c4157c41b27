"""Reads the templates that the CDK gives to a validation plugin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import aws_cdk as cdk

from ..assessment import Finding
from ..assessment.names import Iconik
from ..templates.assembly import read_app
from ..templates.manifest import stacks_in
from ..templates.template import App, Template

__all__ = ["app_of"]


def app_of(context: cdk.IPolicyValidationContext, iconik: Iconik) -> tuple[App, list[Finding]]:
    """Return the app, and a finding for each template that cannot be read.

    Args:
        context: the context from the CDK.
        iconik: iconik, to search for in text that is not JSON.
    """
    return read_app(list(_stacks(context.template_paths)), iconik)


def _stacks(paths: Sequence[str]) -> Iterator[Template]:
    """Yield the templates that the CDK lists, with empty bodies.

    The manifests name their accounts and Regions. The context does too, but not in every release and not for a plugin
    that was read from `policy_validation_beta1`; and each property of a context is two calls to jsii.
    """
    folders = dict.fromkeys(Path(path).parent for path in paths)
    stacks = {Path(stack.path): stack for folder in folders for stack in stacks_in(folder)}
    for path in paths:
        yield stacks[Path(path)]
