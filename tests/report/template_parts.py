"""The parts of a template, and functions that change them.

A change is a function of the resources of the template: `masters` is the bucket, `policy` its policy, `key` its key,
`function` a function with `role` and `rights`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
OTHER = "5d0a9f3e-2c1b-4f6a-8a4e-7b9c1d2e3f02"
ROLE = "arn:aws:iam::283217727627:role/IconikS3AccessRole"
TAG = "aws:PrincipalTag/IconikSystemDomainId"
FOREIGN = "arn:aws:iam::999988887777:root"
ELSEWHERE = "arn:aws:s3:::elsewhere"
GOOD, NOT_GOOD, UNKNOWN = "good", "not_good", "unknown"

Resource = dict[str, Any]
Change = Callable[["Parts"], object]


class Parts:
    """The resources of the template by what they are."""

    def __init__(self, template: dict[str, Any]) -> None:
        self.template = template
        self.resources: dict[str, Resource] = template["Resources"]
        found = {name: body for name, body in self.resources.items() if name.startswith("Masters")}
        self.name = next(name for name, body in found.items() if body["Type"] == "AWS::S3::Bucket")
        self.masters = self._of(found, "AWS::S3::Bucket")
        self.policy = self._of(found, "AWS::S3::BucketPolicy")
        self.key = self._of(found, "AWS::KMS::Key")
        self.function = self._of(self.resources, "AWS::Lambda::Function")
        self.role = self._of(self.resources, "AWS::IAM::Role")
        self.rights = self._of(self.resources, "AWS::IAM::Policy")

    def _of(self, resources: Mapping[str, Resource], kind: str) -> Resource:
        return next(body for body in resources.values() if body["Type"] == kind)

    def id_of(self, resource: Resource) -> str:
        return next(name for name, body in self.resources.items() if body is resource)

    def ref(self, resource: Resource) -> dict[str, str]:
        return {"Ref": self.id_of(resource)}

    def add(self, kind: str, **properties: Any) -> None:
        self.resources["Added"] = {"Type": kind, "Properties": properties}

    def statement(self, name: str = "policy", **elements: Any) -> None:
        base = {
            "Sid": "Added",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": {"Fn::Sub": f"${{{self.name}.Arn}}/*"},
        }
        document = {"policy": "PolicyDocument", "key": "KeyPolicy"}[name]
        if name == "key":
            base |= {"Action": "kms:Decrypt", "Resource": "*"}
        getattr(self, name)["Properties"][document]["Statement"].append({**base, **elements})

    def for_iconik(self, name: str = "policy") -> list[Resource]:
        document = {"policy": "PolicyDocument", "key": "KeyPolicy"}[name]
        listed = getattr(self, name)["Properties"][document]["Statement"]
        return [one for one in listed if ROLE in json.dumps(one.get("Principal"))]


def put(name: str, **properties: Any) -> Change:
    return lambda parts: getattr(parts, name)["Properties"].update(properties)


def take(name: str, prop: str) -> Change:
    return lambda parts: getattr(parts, name)["Properties"].pop(prop)


def attribute(name: str, **attributes: Any) -> Change:
    return lambda parts: getattr(parts, name).update(attributes)


def add(kind: str, **properties: Any) -> Change:
    return lambda parts: parts.add(kind, **properties)


def statement(name: str = "policy", **elements: Any) -> Change:
    return lambda parts: parts.statement(name, **elements)


def each_for_iconik(change: Callable[[Resource], object], name: str = "policy") -> Change:
    return lambda parts: [change(one) for one in parts.for_iconik(name)]


def open_acls(parts: Parts) -> None:
    parts.masters["Properties"]["OwnershipControls"] = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    parts.masters["Properties"]["PublicAccessBlockConfiguration"]["IgnorePublicAcls"] = False


def without_tls(parts: Parts) -> None:
    document = parts.policy["Properties"]["PolicyDocument"]
    document["Statement"] = [one for one in document["Statement"] if one["Effect"] == "Allow"]


def trust(**elements: Any) -> Change:
    def change(parts: Parts) -> None:
        parts.role["Properties"]["AssumeRolePolicyDocument"]["Statement"].append(
            {"Effect": "Allow", "Action": "sts:AssumeRole", **elements}
        )

    return change


def right(**elements: Any) -> Change:
    return lambda parts: parts.rights["Properties"]["PolicyDocument"]["Statement"][0].update(elements)


def encryption(**rule: Any) -> Change:
    return put("masters", BucketEncryption={"ServerSideEncryptionConfiguration": [rule]})


def point(parts: Parts) -> None:
    open_ = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": "*"}
    parts.add("AWS::S3::AccessPoint", Bucket=parts.ref(parts.masters), Name="point", Policy={"Statement": [open_]})


def second_policy(parts: Parts) -> None:
    document = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": FOREIGN}, "Action": "s3:*", "Resource": "*"}]}
    parts.add("AWS::S3::BucketPolicy", Bucket=parts.ref(parts.masters), PolicyDocument=document)


def target(name: str) -> Change:
    return lambda parts: parts.add(name, FunctionName=parts.ref(parts.function))


def of_function(kind: str, prop: str = "FunctionName", **properties: Any) -> Change:
    return lambda parts: parts.add(kind, **{prop: parts.ref(parts.function), **properties})


def inline(document: Any) -> Change:
    return put("role", Policies=[{"PolicyName": "inline", "PolicyDocument": {"Statement": [document]}}])


def another_role(parts: Parts) -> None:
    trusted = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    parts.add("AWS::IAM::Role", AssumeRolePolicyDocument=trusted)


def attached(parts: Parts) -> None:
    another_role(parts)
    parts.rights["Properties"]["Roles"].append({"Ref": "Added"})


def rights_of_another_role(parts: Parts) -> None:
    another_role(parts)
    document = {"Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}
    parts.resources["AddedRights"] = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": "x", "PolicyDocument": document, "Roles": [{"Ref": "Added"}]},
    }


DESTINATION = {"BucketArn": ELSEWHERE, "Format": "CSV", "BucketAccountId": "999988887777"}


def section(name: str, **entries: Any) -> Change:
    """Add entries to a section of the template, or replace them."""
    return lambda parts: parts.template.setdefault(name, {}).update(entries)
