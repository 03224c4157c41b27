"""The readable parts of a storage: its bucket, its key, and the placements of its statements."""

from __future__ import annotations

from copy import deepcopy
from typing import cast

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..access.cors import Cors
from ..access.permissions import IconikPermissions
from ..placement.record import Placement
from .props import StorageRequest

__all__ = ["StorageParts"]


class StorageParts(Construct):
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
        """The writer of the CORS rules."""
        return self._request.cors

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
