"""The guardrail's templates in other forms: YAML with short functions, a bare policy, the JSON of a Terraform state."""

from __future__ import annotations

import json
from typing import Any

import yaml

__all__ = ["as_bare_policy", "as_plan", "as_yaml"]

BUCKET_ARN = "arn:aws:s3:::media-of-acme"
KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_LITERALS = [
    ({"Fn::GetAtt": ["Media", "Arn"]}, BUCKET_ARN),
    ({"Fn::Join": ["", [BUCKET_ARN, "/*"]]}, f"{BUCKET_ARN}/*"),
    ({"Fn::GetAtt": ["Key", "Arn"]}, KEY_ARN),
    ({"Ref": "Key"}, KEY_ARN),
    ({"Ref": "AWS::Partition"}, "aws"),
    ({"Ref": "AWS::AccountId"}, "123456789012"),
    ({"Fn::Join": ["", ["arn:", "aws", ":iam::", "123456789012", ":root"]]}, "arn:aws:iam::123456789012:root"),
]


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _mapping(dumper: _Dumper, data: dict[str, Any]) -> yaml.Node:
    if len(data) == 1:
        ((name, given),) = data.items()
        tag = "!" + str(name).removeprefix("Fn::")
        is_short = name == "Ref" or (str(name).startswith("Fn::") and str(name)[4:].isalnum())
        if is_short and name == "Fn::GetAtt" and isinstance(given, list) and all(isinstance(one, str) for one in given):
            return dumper.represent_scalar(tag, ".".join(given))
        if is_short and isinstance(given, str):
            return dumper.represent_scalar(tag, given)
        if is_short and isinstance(given, list):
            return dumper.represent_sequence(tag, given)
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items())


_Dumper.add_representer(dict, _mapping)


def as_yaml(body: Any) -> str:
    return yaml.dump(body, Dumper=_Dumper, sort_keys=False, width=1000)


def _literal(node: Any) -> Any:
    """The node with what the deployment makes of the references to bucket and key."""
    if isinstance(node, list):
        return [_literal(one) for one in node]
    if isinstance(node, dict):
        node = {key: _literal(value) for key, value in node.items()}
    return next((text for function, text in _LITERALS if function == node), node)


def _is_plain(node: Any) -> bool:
    if isinstance(node, list):
        return all(map(_is_plain, node))
    if isinstance(node, dict):
        return not any(key == "Ref" or str(key).startswith("Fn::") for key in node) and all(
            map(_is_plain, node.values())
        )
    return not (isinstance(node, str) and "{{resolve" in node)


def _resources(body: Any) -> dict[str, Any] | None:
    """The resources in which no function is left; None where some is, or where the template has more to it."""
    resources = body.get("Resources")
    if (
        not isinstance(resources, dict)
        or resources.get("Media", {}).get("Properties") == {}
        or set(body) - {"Resources", "Parameters", "Conditions", "Outputs"}
    ):
        return None
    found = _literal(resources)
    readable = all(isinstance(one, dict) and set(one) == {"Type", "Properties"} for one in found.values())
    if not readable or not _is_plain({**found, "MediaPolicy": {**found.get("MediaPolicy", {}), "Properties": {}}}):
        return None
    policy = found.get("MediaPolicy", {}).get("Properties", {})
    if policy.get("Bucket") == {"Ref": "Media"}:
        policy["Bucket"] = "media-of-acme"
    return found if _is_plain(found) else None


def as_bare_policy(body: Any) -> str | None:
    """The one policy of a template whose bucket is not encrypted by a key."""
    resources = _resources(body) or {}
    if set(resources) == {"Media", "MediaPolicy"} and set(resources["Media"]["Properties"]) <= {"BucketName"}:
        return _policy(resources["MediaPolicy"], "PolicyDocument")
    if set(resources) == {"Key"} and resources["Key"]["Type"] == "AWS::KMS::Key":
        return _policy(resources["Key"], "KeyPolicy")
    if set(resources) == {"It"} and resources["It"]["Type"] == "AWS::IAM::Role":
        return _policy(resources["It"], "AssumeRolePolicyDocument")
    return None


def _policy(resource: Any, name: str) -> str | None:
    document = resource["Properties"].get(name)
    is_document = isinstance(document, dict) and isinstance(document.get("Statement"), (dict, list))
    return json.dumps(document) if is_document else None


def as_plan(body: Any) -> str | None:
    """A template of a bucket, a key, or a role as Terraform shows its state."""
    resources = _resources(body)
    if resources is None:
        return None
    found = []
    for name, resource in resources.items():
        one = _TERRAFORM.get(resource.get("Type", ""))
        if one is None or set(resource["Properties"]) - one[1].keys() - {"BucketEncryption"}:
            return None
        kind, names = one
        values = {names[key]: _text(value) for key, value in resource["Properties"].items() if key in names}
        values |= {"arn": KEY_ARN} if kind == "aws_kms_key" else {}
        found.append(_resource(kind, name, values))
        rules = resource["Properties"].get("BucketEncryption")
        if rules is not None:
            found.append(
                _resource(
                    "aws_s3_bucket_server_side_encryption_configuration",
                    name,
                    {"bucket": "media-of-acme", "rule": _rules(rules)},
                )
            )
    values = {"root_module": {"resources": found[:1], "child_modules": [{"address": "m", "resources": found[1:]}]}}
    return json.dumps({"format_version": "1.0", "terraform_version": "1.9.5", "values": values})


def _rules(encryption: Any) -> list[Any]:
    found = []
    for rule in encryption["ServerSideEncryptionConfiguration"]:
        given = rule["ServerSideEncryptionByDefault"]
        by_default = {"sse_algorithm": given["SSEAlgorithm"], "kms_master_key_id": given.get("KMSMasterKeyID", "")}
        found.append({"apply_server_side_encryption_by_default": [by_default]})
    return found


def _resource(kind: str, name: str, values: dict[str, Any]) -> dict[str, Any]:
    return {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "values": values}


def _text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


_TERRAFORM: dict[str, tuple[str, dict[str, str]]] = {
    "AWS::S3::Bucket": ("aws_s3_bucket", {"BucketName": "bucket"}),
    "AWS::S3::BucketPolicy": ("aws_s3_bucket_policy", {"Bucket": "bucket", "PolicyDocument": "policy"}),
    "AWS::KMS::Key": ("aws_kms_key", {"KeyPolicy": "policy"}),
    "AWS::IAM::Role": ("aws_iam_role", {"AssumeRolePolicyDocument": "assume_role_policy"}),
    "AWS::S3::AccessPoint": ("aws_s3_access_point", {"Bucket": "bucket", "Policy": "policy", "Name": "name"}),
    "AWS::SNS::TopicPolicy": ("aws_sns_topic_policy", {"Topics": "arn", "PolicyDocument": "policy"}),
    "AWS::SQS::QueuePolicy": ("aws_sqs_queue_policy", {"Queues": "queue_url", "PolicyDocument": "policy"}),
}
