"""Describes the parts of a template besides its resources, and the settings of its deployment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ..templates.intrinsics import Scope
from ..templates.template import Template, mapping
from .differences import plain_of, text_of
from .uploads import file_at

__all__ = ["differences_of_stack", "differences_of_template"]

_SECTIONS: Final = ("Conditions", "Globals", "Hooks", "Mappings", "Outputs", "Parameters", "Rules")
_BY_CDK: Final = frozenset({"CDKMetadataAvailable", "CheckBootstrapVersion"})
"""A condition and a rule that decide about no resource with access."""
_BOOTSTRAP: Final = re.compile(r"/cdk-bootstrap/\w+/version")
_ROLES: Final = {"assumeRoleArn": "-deploy-role-", "cloudFormationExecutionRoleArn": "-cfn-exec-role-"}
_DEPLOYMENT: Final = (*_ROLES, "notificationArns", "parameters", "stackName", "tags", "terminationProtection")
_URL: Final = "stackTemplateAssetObjectUrl"


def differences_of_template(place: str, template: Template, scope: Scope) -> Iterator[str]:
    """Yield each output, parameter, condition and so on of a template, unless the CDK writes it into every template."""
    for section in _SECTIONS:
        for name, value in sorted(template.section(section).items()):
            if name not in _BY_CDK and not (name == "BootstrapVersion" and _is_bootstrap(value)):
                shown = plain_of(value, scope) if section == "Outputs" else value
                yield f"{place}: {section} {name}: {text_of(shown)}"
    if "Transform" in template.body:
        yield f"{place}: Transform: {text_of(template.body['Transform'])}"


def _is_bootstrap(parameter: Any) -> bool:
    given = mapping(parameter)
    default = str(given.get("Default"))
    return given.get("Type") == "AWS::SSM::Parameter::Value<String>" and bool(_BOOTSTRAP.fullmatch(default))


def differences_of_stack(template: Template, given: Mapping[str, Any], scope: Scope) -> Iterator[str]:
    """Yield the settings of a deployment that are not the CDK's defaults.

    Args:
        template: the template of the stack.
        given: the properties of the stack in the manifest.
        scope: the scope of its values.
    """
    for name in _DEPLOYMENT:
        value = given.get(name)
        if value and not _is_default(name, value, template):
            yield f"{template.stack_path}: {name}: {text_of(value)}"
    url = given.get(_URL)
    if url is not None:
        bucket, _, key = str(url).removeprefix("s3://").partition("/")
        code = {"S3Bucket": {"Fn::Sub": bucket}, "S3Key": {"Fn::Sub": key}}
        if file_at(code, scope, Path(template.path).parent) != Path(template.path):
            yield f"{template.stack_path}: {_URL}: {text_of(url)}, which is not this template"


def _is_default(name: str, value: Any, template: Template) -> bool:
    if name in _ROLES:
        own = f"arn:${{AWS::Partition}}:iam::{template.account or '${AWS::AccountId}'}:role/cdk-"
        return str(value).startswith(own) and _ROLES[name] in str(value)
    return name == "stackName" and value == template.stack_path.replace("/", "-")
