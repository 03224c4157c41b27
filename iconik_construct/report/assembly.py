"""Fills the report from a synthesized assembly: every template of it, those of stages and nested stacks included.

What it needs of the guardrail is three names: `read_app`, `Scope` and `texts`, whose marks become the judge's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..guardrail.assembly import read_app
from ..guardrail.iconik import Iconik
from ..guardrail.intrinsics import Scope, intrinsic, texts
from ..guardrail.template import App, Template, properties_of
from ..judge.text import own, shown, unknown
from .matrix import json_text
from .model import Acknowledged, Function, Policy, Right, Storage

__all__ = ["Assembly", "AssemblyError", "read_assembly"]

_MARKS = re.compile("\x01([^\x01]*)\x01|\x00([^\x00]*)\x00")
_ENVIRONMENT = re.compile(r"aws://([^/]+)/(.+)")
_VERSION: Final = "2012-10-17"


class AssemblyError(Exception):
    """The folder is no synthesized assembly."""


class Assembly:
    """What an assembly says of iconik."""

    def __init__(
        self, app: App, role_arn: str, acknowledged: tuple[Acknowledged, ...], unread: tuple[str, ...]
    ) -> None:
        self._app = app
        self._role_arn = role_arn
        self.acknowledged = acknowledged
        self.unread = unread
        self._resources = [
            (template, logical_id, resource, Scope(app, template))
            for template in app.templates
            for logical_id, resource in template.resources.items()
        ]

    def storages(self) -> tuple[Storage, ...]:
        """Return each bucket whose policy names iconik's role, in the order of its name."""
        found = {}
        keys = dict(self._key_policies())
        for name, policy, template in self._bucket_policies():
            if self._role_arn not in json_text([one.get("Principal") for one in policy.statements]):
                continue
            bucket = self._bucket(name)
            key_arn = self._key_of(bucket)
            if key_arn is None and bucket is None:
                key_arn = self._key_beside(template, name)
            account, region = template.account or own("AWS::AccountId"), template.region or ""
            found[name] = Storage(
                name=shown(name),
                account=account,
                region=region,
                bucket=policy,
                key=None if key_arn is None else keys.get(key_arn),
                settings=tuple(self._settings(bucket, key_arn, known=key_arn in keys)),
            )
        return tuple(found[name] for name in sorted(found))

    def functions(self) -> tuple[Function, ...]:
        """Return the functions of the templates that hold a policy for iconik."""
        found = []
        for template, logical_id, resource, scope in self._resources:
            if resource.get("Type") != "AWS::Lambda::Function":
                continue
            properties = properties_of(resource)
            role = next(iter(_plain(properties.get("Role"), scope)), "")
            rights, managed = self._rights(template, role)
            runtime = ", ".join(map(shown, _plain(properties.get("Runtime"), scope)))
            found.append(
                Function(name=logical_id, runtime=runtime, role=shown(role), rights=rights, managed_policies=managed)
            )
        return tuple(sorted(found, key=lambda one: one.name))

    def _rights(self, template: Template, role: str) -> tuple[tuple[Right, ...], tuple[str, ...]]:
        rights: list[Right] = []
        managed: list[str] = []
        for other, logical_id, resource, scope in self._resources:
            kind, properties = resource.get("Type"), properties_of(resource)
            if other is not template:
                continue
            if kind == "AWS::IAM::Role" and f"#{logical_id}." in role:
                managed += map(shown, _plain(properties.get("ManagedPolicyArns"), scope))
                rights += [
                    right
                    for one in properties.get("Policies", [])
                    for right in _rights_of(one.get("PolicyDocument"), scope)
                ]
            elif kind == "AWS::IAM::Policy":
                roles = [one.rpartition("#")[2].partition(".")[0] for one in _plain(properties.get("Roles"), scope)]
                if any(f"#{one}." in role for one in roles):
                    rights += _rights_of(properties.get("PolicyDocument"), scope)
        return tuple(rights), tuple(managed)

    def _bucket_policies(self) -> Iterator[tuple[str, Policy, Template]]:
        for template, _, resource, scope in self._resources:
            properties = properties_of(resource)
            if resource.get("Type") == "AWS::S3::BucketPolicy":
                document, whole = _document(properties.get("PolicyDocument"), scope), True
                names = _plain(properties.get("Bucket"), scope)
            elif resource.get("Type") == "Custom::IconikBucketPolicyStatements":
                document, whole = _merged(properties, scope), False
                names = _plain(properties.get("BucketName"), scope)
            else:
                continue
            for name in names:
                arn = _arn_of(properties.get("Bucket"), scope) or f"arn:aws:s3:::{name}"
                yield name, Policy(arn=arn, document=document, is_whole=whole), template

    def _key_policies(self) -> Iterator[tuple[str, Policy]]:
        for _, logical_id, resource, scope in self._resources:
            properties = properties_of(resource)
            if resource.get("Type") == "AWS::KMS::Key":
                arns = _plain({"Fn::GetAtt": [logical_id, "Arn"]}, scope)
                policy = _document(properties.get("KeyPolicy"), scope), True
            elif resource.get("Type") == "Custom::IconikKeyPolicyStatements":
                arns = _plain(properties.get("KeyArn"), scope)
                policy = _merged(properties, scope), False
            else:
                continue
            for arn in arns:
                yield arn, Policy(arn=arn, document=policy[0], is_whole=policy[1])

    def _bucket(self, name: str) -> tuple[Mapping[str, Any], Scope] | None:
        for _, logical_id, resource, scope in self._resources:
            if resource.get("Type") == "AWS::S3::Bucket" and name in _plain({"Ref": logical_id}, scope):
                return properties_of(resource), scope
        return None

    def _key_of(self, bucket: tuple[Mapping[str, Any], Scope] | None) -> str | None:
        if bucket is None:
            return None
        found = list(_values(bucket[0].get("BucketEncryption"), "KMSMasterKeyID"))
        return next((one for node in found for one in _plain(node, bucket[1])), None)

    def _key_beside(self, template: Template, name: str) -> str | None:
        """Return the key of an adopted bucket: the one merged for by the same construct, which the Sids tell."""
        suffixes: dict[str, tuple[str, str]] = {}
        for other, _, resource, scope in self._resources:
            properties = properties_of(resource)
            if other is not template or not str(resource.get("Type", "")).startswith("Custom::Iconik"):
                continue
            for sid in properties.get("Statements", {}) if isinstance(properties.get("Statements"), dict) else ():
                target = next(iter(_plain(properties.get("KeyArn", properties.get("BucketName")), scope)), "")
                kind = "key" if "KeyArn" in properties else "bucket"
                suffixes.setdefault(f"{kind} {sid[-8:]}", (kind, target))
        mine = [mark.split()[1] for mark, (kind, target) in suffixes.items() if kind == "bucket" and target == name]
        return next((suffixes[f"key {one}"][1] for one in mine if f"key {one}" in suffixes), None)

    def _settings(
        self, bucket: tuple[Mapping[str, Any], Scope] | None, key_arn: str | None, *, known: bool
    ) -> Iterator[tuple[str, str]]:
        if bucket is None:
            yield "bucket", "not of this app: only its policy is changed, its settings were not read"
        if key_arn is not None:
            yield "key", shown(key_arn) + ("" if known else ", whose policy is not in this app")
        if bucket is None:
            return
        properties, scope = bucket
        algorithms = [
            one for node in _values(properties.get("BucketEncryption"), "SSEAlgorithm") for one in _plain(node, scope)
        ]
        yield "encryption", ", ".join(algorithms) or "AES256, AWS's default"
        block = properties.get("PublicAccessBlockConfiguration")
        switched_on = isinstance(block, dict) and len(block) == 4 and all(block.values())  # noqa: PLR2004 - AWS has four
        yield "public access", "blocked, all four settings" if switched_on else "not blocked by all four settings"
        versioning = next(iter(_values(properties.get("VersioningConfiguration"), "Status")), "off")
        yield "versioning", shown(str(versioning)).lower()
        ownership = next(iter(_values(properties.get("OwnershipControls"), "ObjectOwnership")), "AWS's default")
        yield "object ownership", shown(str(ownership))
        yield "CORS rules", "in the template" if properties.get("CorsConfiguration") else "none in the template"


def read_assembly(folder: Path, role_arn: str, system_domain_ids: Sequence[str]) -> Assembly:
    """Read an assembly.

    Raises:
        AssemblyError: there is no manifest, or it names no stack.
    """
    stacks = list(_stacks(folder))
    if not stacks:
        raise AssemblyError(f"{folder} holds no stacks. Run `cdk synth` first, and name its folder, such as cdk.out.")
    app, findings = read_app(stacks, Iconik(frozenset(system_domain_ids), role_arn))
    return Assembly(
        app,
        role_arn,
        tuple(_acknowledged(folder)),
        tuple(f"{Path(one.template_path).name}: {one.logical_id}: {one.detail}" for one in findings),
    )


def _stacks(folder: Path) -> Iterator[Template]:
    manifest = _json(folder / "manifest.json")
    for name, artifact in sorted(manifest.get("artifacts", {}).items()):
        properties = artifact.get("properties", {})
        if artifact.get("type") == "aws:cloudformation:stack":
            found = _ENVIRONMENT.fullmatch(str(artifact.get("environment", "")))
            account, region = found.groups() if found else ("", "")
            yield Template(
                str(folder / properties["templateFile"]),
                {},
                artifact.get("displayName", name),
                account if account.isdigit() else None,
                None if region.startswith("unknown") else region or None,
            )
        elif artifact.get("type") == "cdk:cloud-assembly":
            yield from _stacks(folder / properties["directoryName"])


def _acknowledged(folder: Path) -> Iterator[Acknowledged]:
    file = folder / "validation-report.json"
    for plugin in _json(file).get("pluginReports", []) if file.exists() else ():
        for one in plugin.get("suppressedViolations", []):
            where = ", ".join(str(construct.get("constructPath")) for construct in one.get("violatingConstructs", []))
            yield Acknowledged(
                id=str(one.get("ruleName")),
                where=where,
                finding=str(one.get("description")),
                reason=str(one.get("reason")),
            )


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AssemblyError(f"cannot read {file}: {error.strerror}") from None
    except ValueError:
        raise AssemblyError(f"{file} is not JSON") from None
    if not isinstance(found, dict):
        raise AssemblyError(f"{file} is no object")
    return found


def _plain(node: Any, scope: Scope) -> list[str]:
    """Return every text that a node can be, with the judge's marks."""
    return [_MARKS.sub(_mark, text) for text in texts(node, scope)]


def _mark(found: re.Match[str]) -> str:
    return own(found[1]) if found[1] is not None else unknown(found[2])


def _arn_of(node: Any, scope: Scope) -> str | None:
    """Return the ARN of a bucket that a template makes and names by a reference, as its statements write it."""
    logical_id = node.get("Ref") if isinstance(node, dict) else None
    made = scope.template.resources.get(logical_id, {}) if isinstance(logical_id, str) else {}
    if made.get("Type") != "AWS::S3::Bucket":
        return None
    return next(iter(_plain({"Fn::GetAtt": [logical_id, "Arn"]}, scope)), None)


def _document(node: Any, scope: Scope) -> dict[str, Any]:
    found = _resolved(node, scope)
    return found if isinstance(found, dict) else {"Version": _VERSION, "Statement": [{"Effect": found}]}


def _merged(properties: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    given = properties.get("Statements")
    statements = list(given.values()) if isinstance(given, dict) else []
    return {"Version": _VERSION, "Statement": [_resolved(one, scope) for one in statements]}


def _resolved(node: Any, scope: Scope) -> Any:
    if intrinsic(node) is not None:
        found = _plain(node, scope)
        return found[0] if len(found) == 1 else found
    if isinstance(node, dict):
        return {key: _resolved(value, scope) for key, value in node.items()}
    if isinstance(node, list):
        return [_resolved(item, scope) for item in node if item != {"Ref": "AWS::NoValue"}]
    return _plain(node, scope)[0] if isinstance(node, str) else node


def _rights_of(document: Any, scope: Scope) -> Iterator[Right]:
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    for one in statements if isinstance(statements, list) else [statements]:
        if isinstance(one, dict):
            yield Right(
                actions=tuple(map(shown, _plain(one.get("Action"), scope))),
                resources=tuple(map(shown, _plain(one.get("Resource"), scope))),
            )


def _values(node: Any, name: str) -> Iterator[Any]:
    """Yield what stands under a name, however deep."""
    if isinstance(node, dict):
        if name in node:
            yield node[name]
        for value in node.values():
            yield from _values(value, name)
    elif isinstance(node, list):
        for item in node:
            yield from _values(item, name)
