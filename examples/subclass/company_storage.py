"""An organisation's own `IconikStorage`: the company's access logs, and a key that people find by its alias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from iconik_construct import IconikStorage, IconikStorageProps, StorageEncryption

if TYPE_CHECKING:
    from typing_extensions import Unpack


class CompanyStorage(IconikStorage):
    """An `IconikStorage` as the company's rules want it: encrypted with a customer managed key, its access logged.

    Args:
        scope: the parent construct.
        id: the construct id.
        logs: the bucket that takes the access logs; it must not log to itself.
        props: those of `IconikStorage`, which win over the company's choices.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name CDK gives it
        *,
        logs: s3.IBucket,
        **props: Unpack[IconikStorageProps],
    ) -> None:
        # IconikStorage makes its bucket and key while it is constructed, so what they need is there before.
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
