"""Finds the template of a stack in a synthesized app."""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk

from ..templates.template import App, Template

__all__ = ["template_of"]


def template_of(stack: cdk.Stack, app: App) -> Template:
    """Return the template of a stack. A nested template is found in its parent: its file can be shared.

    Raises:
        LookupError: the template is not in the app.
    """
    parent = stack.nested_stack_parent
    if parent is not None:
        resource = cast(cdk.CfnResource, stack.nested_stack_resource)
        return app.nested[template_of(parent, app), parent.resolve(resource.logical_id)]
    nested = set(app.nested.values())
    return {each.stack_path: each for each in app.templates if each.is_of_stack and each not in nested}[stack.node.path]
