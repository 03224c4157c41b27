"""Describes the storage for iconik's form and API: as a value, and as a stack output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from ..access.permissions import StoragePurpose
from .parts import StorageParts
from .prop_warnings import add_warnings, settings_allow_nothing
from .region import given_region
from .settings import allowed_flags, storage_settings

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .settings import OptionalSettings

__all__ = ["StorageForm"]


class StorageForm(StorageParts):
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
            IconikValueError: a field that iconik does not have, a secret, or a flag that the permissions do not allow.

            A warning says if no permission covers the whole path: iconik can then use nothing there.
        """
        is_new = self._request.bucket is None
        props = self._request.bucket_props
        more.setdefault("use_acceleration", bool(props.get("transfer_acceleration")))
        if props.get("object_lock_default_retention") is not None:
            # S3 then requires a checksum for each upload. Source: Amazon S3 API Reference, PutObject.
            more.setdefault("presign_md5_checksum", True)
        body = storage_settings(
            bucket=self._bucket.bucket_name,
            region=self._region if region is None else given_region(region, self._region, is_new=is_new),
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
