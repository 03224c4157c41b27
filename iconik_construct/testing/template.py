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
_ASSET: Final = re.compile(r"(?:(?<=^)|(?<=/)|(?<=asset\.)|(?<=:))(?<!sha256:)[0-9a-f]{64}(?=$|\.[a-z]+$)")
# In the commands of a pipeline an asset stands in the middle.
_ASSET_IN_TEXT: Final = re.compile(
    r"(?<![0-9a-f:])[0-9a-f]{64}(?![0-9a-f])(:[a-z0-9_-]+?)?(?:-[0-9a-f]{8})?(?=[^a-z0-9_-]|$)"
)
_UPLOADED: Final = re.compile(r"(cdk-[a-z0-9]+-(?:container-)?assets-\S*?[/:])[0-9a-f]{64}(?![0-9a-f])")
_PARAMETER: Final = re.compile(r"AssetParameters([0-9a-f]{64})(?:(S3Bucket|S3VersionKey|ArtifactHash)[0-9A-F]{8})?")
_PLACES: Final = frozenset(
    {
        "CodeUri",
        "ContentUri",
        "DefinitionS3Location",
        "Image",
        "ImageUri",
        "LoadTemplateFromURL",
        "S3Key",
        "S3ObjectKey",
        "ScriptLocation",
        "SourceObjectKeys",
        "TemplateURL",
        "aws:asset:original-path",
        "aws:asset:path",
    }
)
"""The properties in which CDK writes assets."""
_COMMANDS: Final = frozenset({"BuildSpec", "EnvironmentVariables"})
"""Those in which a pipeline writes which assets it publishes, and the hash of what it publishes with."""
_POLICIES: Final = frozenset(
    {
        "AccessPolicies",
        "AssumeRolePolicyDocument",
        "KeyPolicy",
        "Policy",
        "PolicyDocument",
        "PolicyText",
        "ResourcePolicy",
    }
)


def normalized_template(stack_or_template: cdk.Stack | Template | Mapping[str, Any]) -> dict[str, Any]:
    """Return the template without CDK's bootstrap parameter and rule, and with asset hashes masked.

    Masked is a hash only where CDK writes assets: keys of code, images and nested templates, what a pipeline publishes,
    the parameters of the legacy synthesizer. Nothing else is touched, and nothing in a policy: what a snapshot of it
    shows is what you deploy.

    Args:
        stack_or_template: a stack, which is synthesized; an `assertions.Template`; or a template as a dict.

    Raises:
        IconikTypeError: anything else.
    """
    template: dict[str, Any] = _Masking().masked(template_dict(stack_or_template))
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
        fix="Write normalized_template(stack).",
    )


class _Masking:
    """Masks one template; the legacy synthesizer's parameters, which are named by hashes, are numbered."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def masked(self, value: Any, place: str = "") -> Any:
        """Return a value with the assets in it masked; `place` is the property in which it stands."""
        if isinstance(value, Mapping):
            if place in _POLICIES or "Effect" in value:
                return self._with_parameters(value)
            return {self._named(str(name)): self.masked(item, _place(place, str(name))) for name, item in value.items()}
        if isinstance(value, list):
            return [self.masked(item, place) for item in value]
        return self._masked_text(value, place) if isinstance(value, str) else value

    def _masked_text(self, text: str, place: str) -> str:
        text = _UPLOADED.sub(rf"\1{ASSET_HASH}", self._named(text))
        if place in _PLACES:
            return _ASSET.sub(ASSET_HASH, text)
        if _PARAMETER.match(place):
            return _ASSET_IN_TEXT.sub(ASSET_HASH, text)
        return _ASSET_IN_TEXT.sub(rf"{ASSET_HASH}\1", text) if place in _COMMANDS and _is_of_a_pipeline(text) else text

    def _with_parameters(self, value: Any) -> Any:
        """Return a policy as it is, but for references to those parameters."""
        if isinstance(value, Mapping):
            return {
                name: self._named(item) if name == "Ref" and isinstance(item, str) else self._with_parameters(item)
                for name, item in value.items()
            }
        return [self._with_parameters(item) for item in value] if isinstance(value, list) else value

    def _named(self, text: str) -> str:
        return _PARAMETER.sub(self._numbered, text) if "AssetParameters" in text else text

    def _numbered(self, found: re.Match[str]) -> str:
        number = self._numbers.setdefault(found[1], len(self._numbers) + 1)
        return f"AssetParameters[asset {number}]{found[2] or ''}"


def _place(place: str, name: str) -> str:
    """Return the property in which a value stands, functions and lists around it left out."""
    stays = place in _PLACES | _COMMANDS or _PARAMETER.match(place)
    return place if stays and name not in _POLICIES else name


def _is_of_a_pipeline(text: str) -> bool:
    return "cdk-assets" in text or "_PROJECT_CONFIG_HASH" in text
