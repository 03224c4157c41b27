"""What can be read from a storage: its parts, the region of the media, and the storage for iconik's form and API."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..access.cors import Cors
from ..access.permissions import IconikPermissions, StoragePurpose
from ..access.regions import parse_region
from ..access.trust import is_token
from ..errors import IconikValueError
from ..placement.record import Placement
from .prop_warnings import add_warnings, settings_allow_nothing
from .props import StorageRequest
from .settings import allowed_flags, storage_settings

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .settings import OptionalSettings

__all__ = ["StorageForm", "region_of_storage"]

_SET_BY_STORAGE: Final = frozenset({"bucket", "permissions"})

_REGIONS: WeakKeyDictionary[cdk.Stack, str] = WeakKeyDictionary()


def _region_of_stack(stack: cdk.Stack) -> str:
    """Return the region of a stack. The value is cached, because a stack can have hundreds of storages."""
    region = _REGIONS.get(stack)
    if region is None:
        region = _REGIONS[stack] = stack.region
    return region


def region_of_storage(stack: cdk.Stack, bucket: Any, key: Any) -> str:
    """Return the region of a bucket and its key; a token if the stack has no fixed region.

    A bucket that is imported by name has the stack's region by default. A key's ARN always contains the key's region.

    Args:
        stack: the stack of the storage.
        bucket: an existing bucket, or None for a new one.
        key: an existing customer managed key, or None.

    Raises:
        IconikValueError: bucket and key are known to be in different regions: S3 cannot use such a key.
    """
    here = _region_of_stack(stack)
    of_bucket = here if bucket is None else str(bucket.env.region)
    if key is None:
        return of_bucket
    of_key = str(key.env.region)
    if is_token(of_key) or of_key == of_bucket:
        return of_bucket
    if is_token(of_bucket) or (bucket is not None and of_bucket == here):
        return of_key
    arn = str(key.key_arn)
    replica = " Or give the ARN of its replica there." if ":key/mrk-" in arn else ""
    raise IconikValueError(
        "encryption_key",
        f"must be in the region of the bucket, {of_bucket}: S3 cannot use a key of {of_key}",
        got=arn,
        fix=f"Give a key of {of_bucket}.{replica}",
    )


def _given_region(region: str, known: str, *, is_new: bool) -> str:
    """Return the region that a caller gives for an existing bucket.

    Args:
        region: the given region.
        known: the region from the bucket, its key or the stack.
        is_new: whether the stack makes the bucket, which is then in the stack's region.

    Raises:
        IconikTypeError: not a string.
        IconikValueError: not a region, a region of another partition, or not the stack's region for a new bucket.
    """
    if isinstance(region, str) and is_token(region):
        return region
    parse_region(region)
    if is_new and not is_token(known) and region != known:
        raise IconikValueError(
            "region", f"must be {known}, because the stack makes the bucket", got=region, fix="Leave it out."
        )
    return region


class _StorageParts(Construct):
    """The read-only properties of an `IconikStorage`."""

    _request: StorageRequest
    _bucket: s3.IBucket
    _key: kms.IKey | None
    _placements: tuple[Placement, ...]

    @property
    def bucket(self) -> s3.Bucket:
        """The bucket. An imported bucket has only the members of `s3.IBucket`, whatever its type is."""
        return cast(s3.Bucket, self._bucket)

    @property
    def encryption_key(self) -> kms.IKey | None:
        """The customer managed key; None if S3 manages the keys."""
        return self._key

    @property
    def system_domain_ids(self) -> tuple[str, ...]:
        """The System Domain IDs with access: lower case, sorted."""
        return self._request.system_domain_ids

    @property
    def permissions(self) -> tuple[IconikPermissions, ...]:
        """What iconik may do."""
        return self._request.permissions

    @property
    def cors(self) -> Cors:
        """The writer of the CORS rules. It is the template if the bucket's own props have rules."""
        request = self._request
        return Cors.by_template() if request.cors.is_by_iconik and not request.iconik_writes_cors else request.cors

    @property
    def tolerates_denies(self) -> bool:
        """Whether a Deny that blocks iconik is tolerated in merged policies."""
        return self._request.merge_options.tolerate_denies

    @property
    def placements(self) -> tuple[Placement, ...]:
        """The placements of the statements: in the bucket policy and, with a key, in the key policy. Copies."""
        return deepcopy(self._placements)

    @property
    def bucket_policy_statements(self) -> list[iam.PolicyStatement]:
        """The statements for the bucket policy. Copies: changing one changes no policy."""
        return self._statements("bucket")

    @property
    def key_policy_statements(self) -> list[iam.PolicyStatement]:
        """The statements for the key policy. Copies: changing one changes no policy."""
        return self._statements("key")

    def _statements(self, resource: str) -> list[iam.PolicyStatement]:
        placed = [placement.statements for placement in self._placements if placement.resource == resource]
        return [iam.PolicyStatement.from_json(statement) for statements in placed for statement in statements]


class StorageForm(_StorageParts):
    """The methods of `IconikStorage` for iconik's form."""

    _region: str
    _useless_paths: frozenset[str] = frozenset()

    def settings(
        self,
        *,
        name: str,
        purpose: StoragePurpose = StoragePurpose.FILES,
        path: str = "",
        region: str | None = None,
        **more: Unpack[OptionalSettings],
    ) -> dict[str, Any]:
        """Return the body of iconik's `POST /files/v1/storages/` for this storage. It contains no secret.

        Args:
            name: the name of the storage in iconik.
            purpose: the purpose of the storage in iconik.
            path: the key prefix at which the storage begins. Default: the whole bucket.
            region: the region of the bucket. Default: from the bucket or the ARN of its key, else the stack's region.
            more: further fields of iconik's storage or S3 settings; see `iconik_construct.storage.settings`.

        Raises:
            IconikTypeError: a field of the wrong type.
            IconikValueError: a field that iconik does not have, a field that the storage sets, a secret, or a flag that
                the permissions do not allow.

            A warning says if no permission covers the whole path: iconik can then use nothing there.
        """
        for prop in sorted(_SET_BY_STORAGE & more.keys()):
            raise IconikValueError(prop, "must be left out, because the storage sets it", fix="Leave it out.")
        is_new = self._request.bucket is None
        props = self._request.bucket_props
        more.setdefault("use_acceleration", bool(props.get("transfer_acceleration")))
        if props.get("object_lock_default_retention") is not None:
            # S3 then requires a checksum for each upload. Source: Amazon S3 API Reference, PutObject.
            more.setdefault("presign_md5_checksum", True)
        body = storage_settings(
            bucket=self._bucket.bucket_name,
            region=self._region if region is None else _given_region(region, self._region, is_new=is_new),
            permissions=self._request.permissions,
            name=name,
            purpose=purpose,
            path=path,
            **more,
        )
        if path not in self._useless_paths and not any(allowed_flags(self._request.permissions, path).values()):
            self._useless_paths |= {path}
            add_warnings(self, [settings_allow_nothing(self._request.permissions, path)])
        return body

    def output_settings(
        self,
        *,
        name: str,
        id: str = "Settings",  # noqa: A002 - the name CDK gives it
        purpose: StoragePurpose = StoragePurpose.FILES,
        path: str = "",
        region: str | None = None,
        **more: Unpack[OptionalSettings],
    ) -> cdk.CfnOutput:
        """Add a stack output with the values for iconik's storage form: `settings(...)` as JSON.

        `iconik-construct verify --outputs FILE` reads this output.

        Args:
            name: the name of the storage in iconik.
            id: the construct id of the output. Default: `Settings`.
            purpose: see `settings`.
            path: see `settings`.
            region: see `settings`.
            more: see `settings`.

        Raises:
            IconikTypeError: see `settings`.
            IconikValueError: see `settings`.
        """
        body = self.settings(name=name, purpose=purpose, path=path, region=region, **more)
        return cdk.CfnOutput(
            self,
            id,
            value=cdk.Stack.of(self).to_json_string(body),
            description=f"{name}: The storage as iconik's API takes it",
        )
