"""Normalizes a template: removes changes that come from the CDK alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk.assertions import Template

from ..errors import IconikTypeError
from .assets import HASH, hashes_in_assembly, hashes_in_template

__all__ = ["assembly_of", "normalized_template", "template_dict"]

ASSET_HASH: Final = "[asset hash]"
CONTENT_HASH: Final = "[hash]"

_BOOTSTRAP_PARAMETER: Final = ("Parameters", "BootstrapVersion", "Version of the CDK Bootstrap resources")
_BOOTSTRAP_RULE: Final = ("Rules", "CheckBootstrapVersion", "CDK bootstrap stack version")
_METADATA: Final = "AWS::CDK::Metadata"
_METADATA_CONDITION: Final = "CDKMetadataAvailable"

_PARAMETER: Final = re.compile(rf"AssetParameters({HASH})(?:(S3Bucket|S3VersionKey|ArtifactHash)[0-9A-F]{{8}})?")
# A pipeline writes the destination after the hash, and then a hash of the destination.
_DESTINATION: Final = r"(:[a-z0-9_-]+?)?(?:-[0-9a-f]{8})?(?=[^a-z0-9_-]|$)"
_PROJECT_CONFIG: Final = re.compile(rf"(_PROJECT_CONFIG_HASH\W.*?){HASH}")
_FINGERPRINT: Final = re.compile(r"^(# fingerprint: )[0-9a-f]{16}$", re.MULTILINE)
_HASHED_IDS: Final = {
    "AWS::ApiGateway::Deployment": re.compile(r"(.*[0-9A-F]{8})[0-9a-f]{32}"),
    "AWS::EC2::Instance": re.compile(r"(.*[0-9A-F]{8})[0-9a-f]{16}"),
    "AWS::Lambda::Version": re.compile(r"(.*[0-9A-F]{8})[0-9a-f]{32}"),
}
"""Resources in whose logical ids the CDK writes a hash of their content."""
# Another stack refers to a version by an export, whose name ends with a hash.
_VERSION: Final = r"(?<=CurrentVersion[0-9A-F]{8})[0-9a-f]{32}([0-9A-F]{8})?"
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
_RESOURCES: Final = frozenset({"Resource", "NotResource"})


def normalized_template(stack_or_template: cdk.Stack | Template | Mapping[str, Any]) -> dict[str, Any]:
    """Return the template without the CDK's own additions, and with the hashes of assets masked.

    The CDK's additions are the bootstrap parameter and rule, and `AWS::CDK::Metadata`. The hashes of the app's assets
    are masked, with the hashes that the CDK makes from them: in logical ids of versions, deployments and instances, in
    user data. In a policy only resources are masked: principals, actions and conditions are deployed as they are.

    For a stack, the assets are known from the assembly. For a template, they are known by the bucket or repository of
    `cdk bootstrap`. Give the stack if its synthesizer uses others.

    Args:
        stack_or_template: a stack, which is synthesized; an `assertions.Template`; or a template as a dict.

    Raises:
        IconikTypeError: anything else.
    """
    template = template_dict(stack_or_template)
    hashes = hashes_in_template(template)
    if isinstance(stack_or_template, cdk.Stack):
        hashes |= hashes_in_assembly(assembly_of(stack_or_template))
    masked: dict[str, Any] = _Masking(template, hashes).masked(_without_additions(template))
    return masked


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


def assembly_of(stack: cdk.Stack) -> Path:
    """Return the directory of the assembly of a stack, which is synthesized."""
    stage = cdk.Stage.of(stack)
    if stage is None:
        raise AssertionError("The CDK synthesizes no stack outside an app")
    return Path(stage.synth().directory)


def _without_additions(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template without the CDK's additions, which are recognised by their content."""
    sections = {name: dict(body) if isinstance(body, Mapping) else body for name, body in template.items()}
    removed = [
        (section, name)
        for section, name, text in (_BOOTSTRAP_PARAMETER, _BOOTSTRAP_RULE)
        if text in str(_section(sections, section).get(name))
    ]
    metadata = [
        ("Resources", name)
        for name, body in _section(sections, "Resources").items()
        if isinstance(body, Mapping) and body.get("Type") == _METADATA
    ]
    if metadata and _METADATA_CONDITION in _section(sections, "Conditions"):
        metadata.append(("Conditions", _METADATA_CONDITION))
    for section, name in (*removed, *metadata):
        del sections[section][name]
        if not sections[section]:
            del sections[section]
    return sections


def _section(template: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    body = template.get(name)
    return body if isinstance(body, Mapping) else {}


class _Masking:
    """Masks one template. The legacy synthesizer's parameters, which are named by hashes, get numbers."""

    def __init__(self, template: Mapping[str, Any], hashes: frozenset[str]) -> None:
        self._numbers: dict[str, int] = {}
        ids = [f"(?<={re.escape(start)}){re.escape(end)}" for start, end in _hashed_ids(template)]
        self._content = re.compile("|".join((*(f"{logical_id}([0-9A-F]{{8}})?" for logical_id in ids), _VERSION)))
        self._assets = re.compile(f"(?:{'|'.join(sorted(hashes))}){_DESTINATION}") if hashes else None

    def masked(self, value: Any, *, assets: bool = True) -> Any:
        """Return a value with its hashes masked. `assets` is false in a policy."""
        if isinstance(value, Mapping):
            in_statement = "Effect" in value
            return {
                self._named(str(name)): self.masked(
                    item,
                    assets=name in _RESOURCES if in_statement else assets and name not in _POLICIES,
                )
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self.masked(item, assets=assets) for item in value]
        if not isinstance(value, str):
            return value
        text = self._named(value)
        if not assets:
            return text
        text = _FINGERPRINT.sub(rf"\g<1>{CONTENT_HASH}", _PROJECT_CONFIG.sub(rf"\g<1>{ASSET_HASH}", text))
        return self._assets.sub(rf"{ASSET_HASH}\1", text) if self._assets else text

    def _named(self, text: str) -> str:
        """Return a name, or a text with names, with the hashes in the names masked."""
        if "AssetParameters" in text:
            text = _PARAMETER.sub(self._numbered, text)
        return self._content.sub(CONTENT_HASH, text)

    def _numbered(self, match: re.Match[str]) -> str:
        number = self._numbers.setdefault(match[1], len(self._numbers) + 1)
        return f"AssetParameters[asset {number}]{match[2] or ''}"


def _hashed_ids(template: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the logical ids with a hash of the content, as the part before the hash and the hash."""
    ids = []
    for name, body in _section(template, "Resources").items():
        form = _HASHED_IDS.get(str(body.get("Type"))) if isinstance(body, Mapping) else None
        if form and (parts := form.fullmatch(str(name))):
            ids.append((parts[1], str(name)[parts.end(1) :]))
    return ids
