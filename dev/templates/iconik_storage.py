"""Synthesizes the plain CloudFormation template from `IconikStorage`: one source for both."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import yaml
from aws_cdk.assertions import Template

from iconik_construct import IconikPermissions, IconikStorage, StorageEncryption
from iconik_construct.access.trust import EXAMPLE_SYSTEM_DOMAIN_ID

from .choices import Choice, choose

__all__ = ["ENCRYPTIONS", "PERMISSIONS", "template", "template_text"]

PERMISSIONS = {
    "Read and write storage": ("ReadWrite", IconikPermissions.read_write()),
    "Read and write storage without delete": ("ReadWriteKeep", IconikPermissions.read_write(delete=False)),
    "Read storage": ("Read", IconikPermissions.read()),
    "Write storage": ("Write", IconikPermissions.write()),
    "Write storage without delete": ("WriteKeep", IconikPermissions.write(delete=False)),
    "Admin": ("Admin", IconikPermissions.admin()),
}
ENCRYPTIONS = {
    encryption.value: (encryption.name.title().replace("_", ""), encryption) for encryption in StorageEncryption
}

_LABELS = {
    "SystemDomainId": "Your iconik System Domain ID",
    "Permissions": "What may iconik do?",
    "BucketName": "Name of the new bucket",
    "Encryption": "How is it encrypted?",
}
"""What the console of CloudFormation shows in place of the parameters' names."""

_HEADER = """\
# An S3 bucket that iconik can use with its managed credentials, and that no other iconik customer can reach.
# Made from the CDK construct by `make template`; change the construct, not this file.
"""


def template() -> dict[str, Any]:
    """Return the template."""
    permissions = Choice("Permissions", {value: name for value, (name, _) in PERMISSIONS.items()})
    encryption = Choice("Encryption", {value: name for value, (name, _) in ENCRYPTIONS.items()})
    merged = choose(
        encryption,
        {
            how: choose(
                permissions, {what: _synthesized(granted, encrypted) for what, (_, granted) in PERMISSIONS.items()}
            )
            for how, (_, encrypted) in ENCRYPTIONS.items()
        },
    )
    conditions = {**merged.get("Conditions", {}), **encryption.conditions, **permissions.conditions}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "S3 storage for iconik with iconik-managed credentials (iconik-construct)",
        "Metadata": {"AWS::CloudFormation::Interface": _interface()},
        "Parameters": {**merged["Parameters"], **_choice_parameters()},
        "Conditions": dict(sorted(conditions.items())),
        "Resources": merged["Resources"],
        "Outputs": merged["Outputs"],
    }


def template_text() -> str:
    """Return the template as YAML, the same bytes each time."""
    return _HEADER + yaml.dump(template(), Dumper=_Plain, sort_keys=False, width=110, allow_unicode=True)


class _Plain(yaml.SafeDumper):
    """YAML without anchors: CloudFormation's editors show them badly."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True


def _synthesized(permissions: IconikPermissions, encryption: StorageEncryption) -> dict[str, Any]:
    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(
        app, "IconikStorage", synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
    )
    domain = cdk.CfnParameter(
        stack,
        "SystemDomainId",
        description="Your iconik System Domain ID: Admin > Settings > System Settings in iconik",
        # Lower case only: the policy compares case-sensitively, and CloudFormation cannot change the case. The id of
        # iconik's own example is somebody else's.
        allowed_pattern=f"^(?!{EXAMPLE_SYSTEM_DOMAIN_ID}$)[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$",
        constraint_description="must be a UUID in lower case, your own and not that of iconik's example",
    )
    name = cdk.CfnParameter(
        stack,
        "BucketName",
        default="",
        description="The name of the new bucket; empty for one that CloudFormation chooses",
        allowed_pattern=r"^$|^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        constraint_description="must be a name that S3 accepts, in lower case",
    )
    named = cdk.CfnCondition(
        stack, "HasBucketName", expression=cdk.Fn.condition_not(cdk.Fn.condition_equals(name.value_as_string, ""))
    )
    storage = IconikStorage(
        stack,
        "Storage",
        system_domain_id=domain.value_as_string,
        permissions=permissions,
        encryption=encryption,
        bucket_name=cdk.Token.as_string(cdk.Fn.condition_if(named.logical_id, name.value_as_string, cdk.Aws.NO_VALUE)),
    )
    cdk.CfnOutput(stack, "Bucket", value=storage.bucket.bucket_name, description="Bucket, for iconik's storage form")
    cdk.CfnOutput(stack, "Region", value=stack.region, description="Region, for iconik's storage form")
    if storage.encryption_key is not None:
        cdk.CfnOutput(stack, "KeyArn", value=storage.encryption_key.key_arn, description="Customer managed key")
    return dict(Template.from_stack(stack).to_json())


def _choice_parameters() -> dict[str, Any]:
    return {
        "Permissions": {
            "Type": "String",
            "Default": next(iter(PERMISSIONS)),
            "AllowedValues": list(PERMISSIONS),
            "Description": "What iconik may do, in the names of iconik's roles",
        },
        "Encryption": {
            "Type": "String",
            "Default": next(iter(ENCRYPTIONS)),
            "AllowedValues": list(ENCRYPTIONS),
            "Description": "How the bucket encrypts; SSE-KMS and DSSE-KMS come with a new customer managed key",
        },
    }


def _interface() -> dict[str, Any]:
    groups = {"iconik": ["SystemDomainId", "Permissions"], "The bucket": ["BucketName", "Encryption"]}
    return {
        "ParameterGroups": [{"Label": {"default": label}, "Parameters": names} for label, names in groups.items()],
        "ParameterLabels": {name: {"default": label} for name, label in _LABELS.items()},
    }
