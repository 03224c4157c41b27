"""Warns about props of a storage that allow something probably unwanted. Each warning can be acknowledged alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from constructs import Construct, IConstruct

from ..access.cors import ICONIK_ORIGINS, admits_iconik, has_own_origins
from ..access.permissions import IconikPermissions
from ..access.trust import ICONIK_ROLE_ARN, is_token
from ..placement.record import PlacementKind
from ..validation.domain_tokens import warn_of_ids
from .bucket_props import EXPIRY, openings
from .lifecycle import early_departure, part_of

if TYPE_CHECKING:
    from .props import StorageRequest

__all__ = ["EXPIRES", "TWO_CORS_WRITERS", "add_warnings", "prop_warnings", "settings_allow_nothing", "warn_of_trust"]

_LESS_PROTECTED: Final = "The bucket is less protected than this construct makes it: {}."

EXPIRES: Final = ("OpenExpiry", _LESS_PROTECTED.format(EXPIRY))
TWO_CORS_WRITERS: Final = (
    "TwoCorsWriters",
    (
        "iconik may write the CORS rules of this bucket, and the template writes them too: each overwrites the other. "
        "Give cors=Cors.by_template(), which allows iconik only to read them."
    ),
)


def add_warnings(storage: Construct, warnings: Iterable[tuple[str, str]]) -> None:
    """Add warnings, each a name and a text, to a storage."""
    for name, text in warnings:
        cdk.Validations.of(storage).add_warning(f"iconik-construct:{name}", text)


def warn_of_trust(construct: IConstruct, system_domain_ids: Sequence[str], iconik_role_arn: str) -> None:
    """Add warnings about the role and the System Domain IDs."""
    warn_of_ids(construct, system_domain_ids)
    if iconik_role_arn != ICONIK_ROLE_ARN:
        cdk.Validations.of(construct).add_warning(
            "iconik-construct:StandInRole",
            f"'iconik_role_arn' {iconik_role_arn} is not iconik's role. The owner of this role can set "
            "any session tag, also your System Domain ID. Leave iconik_role_arn out, unless this is a test.",
        )


def settings_allow_nothing(permissions: Iterable[IconikPermissions], path: str) -> tuple[str, str]:
    """Return the warning about settings in which every flag is false: no permission covers the whole path."""
    prefixes = sorted({prefix for item in permissions for prefix in item.prefixes})
    where = f"the path {path!r}" if path else "no path, which is the whole bucket"
    return (
        "SettingsAllowNothing",
        (
            f"The settings have {where}, and the permissions cover only parts of it: {', '.join(prefixes)}. So read, "
            "write, delete and scan are false, and iconik can use nothing. Give a path below one of the prefixes, such "
            f"as path={prefixes[0]!r}."
        ),
    )


def prop_warnings(
    request: StorageRequest, bucket_name: str, *, has_key: bool, how: PlacementKind
) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each warning.

    Args:
        request: the props.
        bucket_name: the bucket's.
        has_key: whether a customer managed key is known.
        how: the kind of placement of the bucket policy's statements.
    """
    if request.bucket is None and not request.keeps_settings:
        for name, opening in openings(request.bucket_props).items():
            yield f"Open{name}", _LESS_PROTECTED.format(opening)
        early = early_departure(request.bucket_props.get("lifecycle_rules") or ())
        if early is not None:
            yield "EarlyDeletion", f"By the lifecycle rules an object {early}. Keep it longer, or leave the class out."
    if request.bucket is not None and not has_key and request.encryption is None and how is not PlacementKind.OWNED:
        yield (
            "UnknownEncryption",
            (
                "No prop says how the existing bucket encrypts. If it uses a customer managed key, iconik gets "
                "AccessDenied on kms:Decrypt. Give that key as encryption_key=kms.Key.from_key_arn(...), or set "
                "encryption=StorageEncryption.S3_MANAGED."
            ),
        )
    origins = [
        str(origin) for rule in request.bucket_props.get("cors") or () for origin in part_of(rule, "allowed_origins")
    ]
    if origins and not has_own_origins(request.cors) and not any(map(is_token, origins)) and not admits_iconik(origins):
        yield (
            "CorsWithoutIconik",
            (
                "The bucket's CORS rules have no address of iconik's web application, so it cannot upload or play in "
                "the browser. iconik writes no rules if the template has some. Add a rule like that of "
                f"Cors.by_template(), for the address of your iconik, such as {ICONIK_ORIGINS[0]}."
            ),
        )
    if not request.cors.is_by_iconik and any(item.is_admin for item in request.permissions):
        yield (
            "AdminWritesCors",
            (
                "iconik's role Admin may write the CORS configuration, and the template writes it too: each overwrites "
                "the other. Use Cors.by_iconik(), or permissions other than Admin."
            ),
        )
    if "." in bucket_name and not is_token(bucket_name):
        yield (
            "DottedName",
            (
                f"The bucket's name '{bucket_name}' has dots: browsers refuse the certificate of its address, so "
                "iconik's web application cannot upload or play. Use a bucket without dots."
            ),
        )
    if request.bucket_props.get("object_lock_default_retention") is not None:
        yield (
            "ObjectLock",
            (
                "With a default retention, S3 requires a checksum for each upload, so settings() turns on "
                "presign_md5_checksum. Objects that iconik deletes or overwrites stay as older versions until their "
                "retention ends, which uses storage."
            ),
        )
