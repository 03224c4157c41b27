"""The request in a custom resource event. CloudFormation passes every value as a string."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["HOLDERS", "RegistrationRequest"]

HOLDERS: Final = "/iconik-construct/registrations"
"""The parameters that record which registrations use a storage."""


@dataclass(frozen=True)
class RegistrationRequest:
    """The properties of `Custom::IconikRegistration`.

    Attributes:
        base_url: the address of iconik.
        credentials_arn: the secret with App-ID and Auth-Token.
        system_domain_ids: the system domains that the policies allow.
        storage: the body that creates the storage.
        removed_on_delete: whether the storage is deleted in iconik with the resource.
        cors_required: whether the CORS check must pass before the storage is created.
        settle_seconds: how long S3 and IAM may take until iconik has access.
    """

    base_url: str
    credentials_arn: str
    system_domain_ids: tuple[str, ...]
    storage: Mapping[str, Any]
    removed_on_delete: bool
    cors_required: bool
    settle_seconds: float

    @classmethod
    def from_properties(cls, properties: Mapping[str, Any]) -> RegistrationRequest:
        """Read the properties of an event."""
        return cls(
            base_url=properties["BaseUrl"],
            credentials_arn=properties["CredentialsArn"],
            system_domain_ids=tuple(properties["SystemDomainIds"]),
            storage=json.loads(properties["Storage"]),
            removed_on_delete=properties["RemovalPolicy"] == "DESTROY",
            cors_required=str(properties["CorsRequired"]).lower() == "true",
            settle_seconds=float(properties["SettleSeconds"]),
        )

    @property
    def name(self) -> str:
        """The storage's name."""
        return str(self.storage["name"])

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return str(self.storage["settings"]["bucket"])

    @property
    def required_checks(self) -> tuple[str, ...]:
        """The checks that must pass, from the storage's flags."""
        flags = tuple(flag for flag in ("read", "write", "delete") if self.storage["settings"].get(flag))
        return ("cors", *flags) if self.cors_required else flags
