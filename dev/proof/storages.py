"""The storages that are proved: a grid of permissions, encryption, CORS, prefixes and domains, synthesized.

Apart from the intent because this is where the package is called. The policies asked about are those of the templates.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk

from iconik_construct import Cors, IconikPermissions, IconikStorage, StorageEncryption, StoragePurpose, StorageRole

from .intent import Scope, Storage
from .policy_engine import OWNER_ACCOUNT_ID
from .questions import Written
from .templates import REGION, bucket_policies, key_arn, key_of_bucket, key_policies

__all__ = ["DOMAINS", "Declared", "Synthesized", "grid", "permissions_of", "synthesize"]

DOMAINS: Final = ("0b7fa3c2-9d41-4d5e-8f7a-6c2e1d3b5a90", "f3e1c0aa-52b6-4c1d-9e07-abcdef012345")

_PREFIXES: Final = ((), ("masters/",), ("masters/", "masters/2024/", "weiß & blau/"))
_MORE_ON_BUCKET: Final = frozenset({"s3:GetBucketVersioning", "s3:ListBucketVersions"})
_MORE_ON_OBJECTS: Final = frozenset({"s3:GetObjectTagging", "s3:GetObjectVersion"})
# Bucket, bucket policy and key are three resources; a stack holds 500.
_STORAGES_A_STACK = 120


@dataclass(frozen=True, slots=True)
class Declared:
    """A storage as it is meant, and the permissions that a user would write for it."""

    meant: Storage
    permissions: tuple[IconikPermissions, ...]


@dataclass(frozen=True, slots=True)
class Synthesized:
    """What came out: the storages with their policies, and the templates they are in."""

    storages: tuple[Written, ...]
    templates: tuple[Path, ...]


def grid() -> list[Declared]:
    """Return the storages of the grid, more than 300."""
    return [
        Declared(
            Storage(
                scopes=scopes,
                domains=domains,
                encryption=encryption,
                cors_by_iconik=cors_by_iconik,
                # both ways for each kind of encryption, each kind of CORS and each number of domains
                via_s3_only=encryption != "S3_MANAGED" and (number + len(domains)) % 2 == 0,
            ),
            permissions,
        )
        for (number, (scopes, permissions)), encryption, cors_by_iconik, domains in product(
            enumerate(_shapes()), ("S3_MANAGED", "KMS", "DSSE"), (True, False), (DOMAINS[:1], DOMAINS)
        )
    ]


def permissions_of(scope: Scope) -> IconikPermissions:
    """Return the permissions for a scope, through the general constructor."""
    roles = {StorageRole.READ: scope.read, StorageRole.WRITE: scope.write, StorageRole.ADMIN: scope.admin}
    return IconikPermissions(
        roles={role for role, wanted in roles.items() if wanted},
        prefixes=scope.prefixes,
        delete=scope.delete or not scope.write,
        extra_bucket_actions=sorted(scope.more_on_bucket),
        extra_object_actions=sorted(scope.more_on_objects),
    )


def synthesize(declared: Iterable[Declared], directory: Path, *, flags: Mapping[str, Any] | None = None) -> Synthesized:
    """Synthesize the storages into as few stacks as they fit, and read their policies back from the templates.

    Args:
        declared: the storages.
        directory: where the templates go.
        flags: CDK's feature flags. Default: none are set.
    """
    todo = list(declared)
    app = cdk.App(outdir=str(directory), analytics_reporting=False, context=flags)
    env = cdk.Environment(account=OWNER_ACCOUNT_ID, region=REGION)
    count = range(-(-len(todo) // _STORAGES_A_STACK))
    stacks = [cdk.Stack(app, f"Storages{number}", env=env) for number in count]
    for number, one in enumerate(todo):
        IconikStorage(
            stacks[number // _STORAGES_A_STACK],
            _name(number),
            system_domain_id=one.meant.domains,
            permissions=one.permissions,
            bucket_name=_name(number),
            encryption=StorageEncryption[one.meant.encryption],
            cors=Cors.by_iconik() if one.meant.cors_by_iconik else Cors.by_template(),
            via_s3_only=one.meant.via_s3_only,
        )
    app.synth()
    templates = tuple(sorted(directory.glob("*.template.json")))
    found = {name: written for path in templates for name, written in _read(json.loads(path.read_text()))}
    storages = tuple(
        Written(name=_name(number), storage=one.meant, **found[_name(number)]) for number, one in enumerate(todo)
    )
    return Synthesized(storages, templates)


def _shapes() -> Iterator[tuple[tuple[Scope, ...], tuple[IconikPermissions, ...]]]:
    """Yield what iconik may do, as it is meant and as a user writes it."""
    for prefixes in _PREFIXES:
        read_write = Scope(read=True, write=True, delete=True, prefixes=prefixes)
        yield (Scope(read=True, prefixes=prefixes),), (IconikPermissions.read(*prefixes),)
        yield (Scope(write=True, delete=True, prefixes=prefixes),), (IconikPermissions.write(*prefixes),)
        yield (Scope(write=True, prefixes=prefixes),), (IconikPermissions.write(*prefixes, delete=False),)
        yield (read_write,), (IconikPermissions.read_write(*prefixes),)
        yield (
            (Scope(read=True, write=True, prefixes=prefixes),),
            (IconikPermissions.read_write(*prefixes, delete=False),),
        )
        more = Scope(read=True, prefixes=prefixes, more_on_bucket=_MORE_ON_BUCKET, more_on_objects=_MORE_ON_OBJECTS)
        yield (more,), (permissions_of(more),)
    yield from _several()
    yield (Scope(admin=True),), (IconikPermissions.admin(),)
    yield from _purposes("masters/")


def _several() -> Iterator[tuple[tuple[Scope, ...], tuple[IconikPermissions, ...]]]:
    for scopes in (
        (Scope(read=True, prefixes=("masters/",)), Scope(write=True, prefixes=("proxies/",))),
        (Scope(read=True), Scope(write=True, delete=True, prefixes=("masters/",))),
        (
            Scope(read=True, prefixes=("masters/2024/",), more_on_bucket=frozenset({"s3:ListBucketVersions"})),
            Scope(read=True, write=True, delete=True, prefixes=("masters/",)),
            Scope(write=True, prefixes=("exports/", "proxies/")),
        ),
    ):
        yield scopes, tuple(permissions_of(scope) for scope in scopes)


def _purposes(prefix: str) -> Iterator[tuple[tuple[Scope, ...], tuple[IconikPermissions, ...]]]:
    everything = Scope(read=True, write=True, delete=True, prefixes=(prefix,))
    for purpose, meant in (
        ("FILES", everything),
        ("KEYFRAMES", everything),
        ("PROXIES", everything),
        ("EXPORTS", Scope(write=True, prefixes=(prefix,))),
        ("ARCHIVE", Scope(read=True, write=True, prefixes=(prefix,))),
    ):
        yield (meant,), (IconikPermissions.for_purpose(StoragePurpose[purpose], prefix),)


def _read(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name of each bucket, and its policies as the fields of `Written`."""
    keys = key_policies(template)
    for bucket, policy in bucket_policies(template).items():
        name = template["Resources"][bucket]["Properties"]["BucketName"]
        found: dict[str, Any] = {"bucket_arn": f"arn:aws:s3:::{name}", "bucket_policy": policy}
        key = key_of_bucket(template, bucket)
        if key is not None:
            found |= {"key_arn": key_arn(key), "key_policy": keys[key]}
        yield name, found


def _name(number: int) -> str:
    return f"storage-{number:03}"
