"""Fills the report from a synthesized assembly: every template of it, those of stages and nested stacks included.

What it needs of the guardrail is its reading of an assembly; what stands in it is resolved apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from ..access.trust import ICONIK_ACCOUNT_ID
from ..guardrail.assembly import read_app
from ..guardrail.iconik import Iconik
from ..guardrail.intrinsics import Scope
from ..guardrail.manifest import Assembly as Manifest
from ..guardrail.manifest import read_assembly as read_manifest
from ..guardrail.template import App, Template, properties_of
from ..judge.text import shown
from .app_keys import AppKeys
from .matrix import json_text, may_others
from .model import Acknowledged, Function, Policy, Right, Storage, sha256_of
from .resolving import account_of, bucket_arn_of, document_of, merged_document_of, plain, rights_of, values_under
from .ways_in import found_by_the_guardrail, open_access_points

__all__ = ["Assembly", "AssemblyError", "read_assembly"]


class AssemblyError(Exception):
    """The folder is no synthesized assembly."""


class Assembly:
    """What an assembly says of iconik."""

    def __init__(
        self,
        app: App,
        iconik: Iconik,
        manifest: Manifest,
        acknowledged: tuple[Acknowledged, ...] = (),
        unread: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._iconik = iconik
        self._manifest = manifest
        self._role_arn = iconik.role_arn
        self.acknowledged = acknowledged
        self.unread = unread
        self._resources = [
            (template, logical_id, resource, Scope(app, template))
            for template in app.templates
            for logical_id, resource in template.resources.items()
        ]
        self._keys = AppKeys(self._resources)
        self._bucket_policies = tuple(self._read_bucket_policies())

    @cached_property
    def storages(self) -> tuple[Storage, ...]:
        """Each bucket whose policy names iconik, in the order of its name."""
        found = {}
        for name, policy, template in self._bucket_policies:
            if not self._names_iconik(policy):
                continue
            bucket = self._bucket(name)
            key = self._keys.beside(template, name) if bucket is None else self._keys.of_bucket(*bucket[1:])
            key_policy = None if key is None else self._keys.policy_of(key)
            found[name] = Storage(
                name=shown(name),
                account=account_of(template),
                region=template.region or "",
                bucket=policy,
                key=key_policy,
                key_is_unread=key is not None and key_policy is None,
                settings=tuple(_settings(bucket, key, known=key_policy is not None)),
            )
        return tuple(found[name] for name in sorted(found))

    def open_to_all(self, system_domain_ids: Sequence[str]) -> tuple[str, ...]:
        """Return the buckets whose policies do not name iconik and let in everyone, or may: iconik's customers too."""
        return tuple(
            sorted(
                shown(name)
                for name, policy, template in self._bucket_policies
                if not self._names_iconik(policy)
                and may_others(policy, account_of(template), system_domain_ids, self._role_arn)
            )
        )

    def templates_sha256(self) -> str:
        """Return the SHA-256 of all templates: whatever of a stack changes, even what the page does not show."""
        return sha256_of(sorted(sha256_of(one.body) for one in self._app.templates))

    def against(self, system_domain_ids: Sequence[str]) -> Iterator[str]:
        """Yield what beside the policies of buckets and keys lets somebody in, or keeps iconik out."""
        for name, policy, _ in self._bucket_policies:
            bucket = self._bucket(name)
            if bucket is None or not self._names_iconik(policy):
                continue
            if self._keys.is_aws_managed(*bucket[1:]):
                yield f"{shown(name)}: it encrypts with the AWS managed key, which never lets another account in"
            if self._keys.is_disabled(self._keys.of_bucket(*bucket[1:])):
                yield f"{shown(name)}: its key is disabled, so that nobody can use it"
        policies = {name: (policy, template) for name, policy, template in self._bucket_policies}
        yield from open_access_points(self._resources, policies, system_domain_ids, self._role_arn)
        yield from (text for is_judged, text in self._refused if not is_judged)

    def refused(self) -> tuple[str, ...]:
        """Return what the guardrail refuses of the policies that the judge is asked about."""
        return tuple(text for is_judged, text in self._refused if is_judged)

    @cached_property
    def _refused(self) -> tuple[tuple[bool, str], ...]:
        buckets = {name for name, _, _ in self._bucket_policies}
        keys = {one.key.arn for one in self.storages if one.key is not None}
        found = found_by_the_guardrail(self._app, self._iconik, self._manifest, buckets, keys)
        return tuple(dict.fromkeys(found))

    def _names_iconik(self, policy: Policy) -> bool:
        """Tell whether a statement that may allow something has iconik's role or its account in it, anywhere."""
        accounts = {ICONIK_ACCOUNT_ID, self._role_arn.split(":")[4]}
        return any(
            any(account in json_text(one) for account in accounts)
            for one in policy.statements
            if one.get("Effect") != "Deny"
        )

    def functions(self) -> tuple[Function, ...]:
        """Return the functions of the templates that hold a policy for iconik."""
        found = []
        for template, logical_id, resource, scope in self._resources:
            if resource.get("Type") != "AWS::Lambda::Function":
                continue
            properties = properties_of(resource)
            role = next(iter(plain(properties.get("Role"), scope)), "")
            rights, managed = self._rights(template, role)
            runtime = ", ".join(map(shown, plain(properties.get("Runtime"), scope)))
            found.append(
                Function(
                    name=logical_id,
                    runtime=runtime,
                    code=_code_of(properties.get("Code"), scope),
                    role=shown(role),
                    rights=rights,
                    managed_policies=managed,
                )
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
                managed += map(shown, plain(properties.get("ManagedPolicyArns"), scope))
                rights += [
                    right
                    for one in properties.get("Policies", [])
                    for right in rights_of(one.get("PolicyDocument"), scope)
                ]
            elif kind in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}:
                roles = [one.rpartition("#")[2].partition(".")[0] for one in plain(properties.get("Roles"), scope)]
                if any(f"#{one}." in role for one in roles):
                    rights += rights_of(properties.get("PolicyDocument"), scope)
        return tuple(rights), tuple(managed)

    def _read_bucket_policies(self) -> Iterator[tuple[str, Policy, Template]]:
        for template, _, resource, scope in self._resources:
            properties = properties_of(resource)
            if resource.get("Type") == "AWS::S3::BucketPolicy":
                document, whole = document_of(properties.get("PolicyDocument"), scope), True
                names = plain(properties.get("Bucket"), scope)
            elif resource.get("Type") == "Custom::IconikBucketPolicyStatements":
                document, whole = merged_document_of(properties, scope), False
                names = plain(properties.get("BucketName"), scope)
            else:
                continue
            for name in names:
                arn = bucket_arn_of(properties.get("Bucket"), scope) or f"arn:aws:s3:::{name}"
                yield name, Policy(arn=arn, document=document, is_whole=whole), template

    def _bucket(self, name: str) -> _Bucket | None:
        for _, logical_id, resource, scope in self._resources:
            if resource.get("Type") == "AWS::S3::Bucket" and name in plain({"Ref": logical_id}, scope):
                return _path_of(resource), properties_of(resource), scope
        return None


_Bucket = tuple[str, Mapping[str, Any], Scope]
"""A bucket of the app: the path of its construct, its properties, and where it stands."""


def _path_of(resource: Mapping[str, Any]) -> str:
    metadata = resource.get("Metadata")
    path = metadata.get("aws:cdk:path") if isinstance(metadata, Mapping) else None
    return str(path or "").removesuffix("/Resource").removesuffix("/Default")


def _code_of(code: Any, scope: Scope) -> str:
    """Return what tells one code from another: CDK names an asset by the hash of what is in it."""
    given = code if isinstance(code, Mapping) else {}
    inline = "".join(plain(given.get("ZipFile"), scope))
    if inline:
        return f"SHA-256 {hashlib.sha256(shown(inline).encode('utf-8', 'surrogatepass')).hexdigest()}"
    return ", ".join(shown(one) for name in ("S3Key", "ImageUri") for one in plain(given.get(name), scope))


def _settings(bucket: _Bucket | None, key: str | None, *, known: bool) -> Iterator[tuple[str, str]]:
    if bucket is None:
        yield "bucket", "not of this app: only its policy is changed, its settings were not read"
    elif bucket[0]:
        yield "construct", bucket[0]
    if key is not None:
        yield "key", shown(key) + ("" if known else ", whose policy is not in this app")
    if bucket is None:
        return
    _, properties, scope = bucket
    encryption = properties.get("BucketEncryption")
    algorithms = [one for node in values_under(encryption, "SSEAlgorithm") for one in plain(node, scope)]
    yield "encryption", ", ".join(algorithms) or "AES256, AWS's default"
    block = properties.get("PublicAccessBlockConfiguration")
    switched_on = isinstance(block, dict) and len(block) == 4 and all(block.values())  # noqa: PLR2004 - AWS has four
    yield "public access", "blocked, all four settings" if switched_on else "not blocked by all four settings"
    versioning = next(iter(values_under(properties.get("VersioningConfiguration"), "Status")), "off")
    yield "versioning", shown(str(versioning)).lower()
    ownership = next(iter(values_under(properties.get("OwnershipControls"), "ObjectOwnership")), "AWS's default")
    yield "object ownership", shown(str(ownership))
    yield "CORS rules", "in the template" if properties.get("CorsConfiguration") else "none in the template"


def read_assembly(folder: Path, role_arn: str, system_domain_ids: Sequence[str]) -> Assembly:
    """Read an assembly.

    Raises:
        AssemblyError: there is no manifest, or it names no stack.
    """
    manifest = _manifest(folder)
    if not manifest.stacks:
        raise AssemblyError(f"{folder} holds no stacks. Run `cdk synth` first, and name its folder, such as cdk.out.")
    iconik = Iconik(frozenset(system_domain_ids), role_arn)
    app, findings = read_app(manifest.stacks, iconik)
    return Assembly(
        app,
        iconik,
        manifest,
        tuple(_acknowledged(folder)),
        tuple(f"{Path(one.template_path).name}: {one.logical_id}: {one.detail}" for one in findings),
    )


def _manifest(folder: Path) -> Manifest:
    _json(folder / "manifest.json")
    try:
        return read_manifest(folder)
    except (OSError, ValueError) as error:
        raise AssemblyError(f"cannot read {folder}: {error}") from None


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
