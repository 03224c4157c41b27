"""A company's `IconikStorage`, with access logs and a key with an alias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from iconik_construct import IconikStorage, IconikStorageProps, StorageEncryption

if TYPE_CHECKING:
    from typing_extensions import Unpack


class CompanyStorage(IconikStorage):
    """An `IconikStorage` by the company's rules: encrypted with a customer managed key, with access logs.

    Args:
        scope: the parent construct.
        id: the construct id.
        logs: the bucket for the access logs. It must not log to itself.
        props: the props of `IconikStorage`, which replace the company's defaults.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name CDK gives it
        *,
        logs: s3.IBucket,
        **props: Unpack[IconikStorageProps],
    ) -> None:
        # IconikStorage makes its bucket and key in its constructor, so these must be set before.
        self._logs = logs
        self._alias = f"alias/media/{id.lower()}"
        if "bucket" not in props:
            props.setdefault("encryption", StorageEncryption.KMS)
        super().__init__(scope, id, **props)

    def create_bucket(self, props: dict[str, Any]) -> s3.IBucket:
        """Make the bucket that `IconikStorage` makes, with access logs."""
        logged = {"server_access_logs_bucket": self._logs, "server_access_logs_prefix": f"{self.node.id}/"}
        return super().create_bucket({**logged, **props})

    def create_key(self) -> kms.IKey | kms.Key:
        """Make the key that `IconikStorage` makes, with an alias."""
        key = super().create_key()
        key.add_alias(self._alias)
        return key
