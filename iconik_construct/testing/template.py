"""A template without what changes from release to release though nothing of the user's has changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk.assertions import Template

from ..errors import IconikTypeError

__all__ = ["normalized_template", "template_dict"]

ASSET_HASH: Final = "[asset hash]"

_BOOTSTRAP_PARAMETER: Final = "BootstrapVersion"
_BOOTSTRAP_RULE: Final = "CheckBootstrapVersion"
# The forms in which CDK writes an asset's hash: the key of a file, its path in the assembly, an image's tag.
_ASSET: Final = re.compile(r"(?:(?<=^)|(?<=/)|(?<=asset\.)|(?<=:))[0-9a-f]{64}(?=$|\.[a-z]+$)")


def normalized_template(stack_or_template: cdk.Stack | Template | Mapping[str, Any]) -> dict[str, Any]:
    """Return the template without CDK's bootstrap parameter and rule, and with asset hashes masked.

    Nothing else is touched: what a snapshot of it shows is what you deploy.

    Args:
        stack_or_template: a stack, which is synthesized; an `assertions.Template`; or a template as a dict.

    Raises:
        IconikTypeError: anything else.
    """
    template: dict[str, Any] = _masked(template_dict(stack_or_template))
    for section, name in (("Parameters", _BOOTSTRAP_PARAMETER), ("Rules", _BOOTSTRAP_RULE)):
        if name in template.get(section, {}):
            del template[section][name]
            if not template[section]:
                del template[section]
    return template


def template_dict(stack_or_template: cdk.Stack | Template | Mapping[str, Any]) -> dict[str, Any]:
    """Return the template as a dict.

    Raises:
        IconikTypeError: neither a stack nor a template.
    """
    if isinstance(stack_or_template, cdk.Stack):
        stack_or_template = Template.from_stack(stack_or_template)
    if isinstance(stack_or_template, Template):
        return dict(stack_or_template.to_json())
    if isinstance(stack_or_template, Mapping):
        return dict(stack_or_template)
    raise IconikTypeError(
        "stack_or_template",
        "must be a cdk.Stack, an assertions.Template or a template as a dict",
        got=stack_or_template,
        way_out="Write normalized_template(stack).",
    )


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _masked(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return _ASSET.sub(ASSET_HASH, value) if isinstance(value, str) else value
