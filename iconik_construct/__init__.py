"""An S3 bucket for your iconik domain, without access for other iconik customers.

Each name is loaded on first use. So `iconik_construct.access` and other packages without constructs are imported
without starting Node.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .access.cors import Cors
    from .access.permissions import IconikPermissions, StoragePurpose, StorageRole
    from .access.trust import ICONIK_ROLE_ARN
    from .errors import IconikPropError, IconikTypeError, IconikValueError
    from .guardrail.plugin import IconikGuardrail
    from .perimeter import IconikPerimeter
    from .placement.record import Adoption, Placement, PlacementKind
    from .registration.construct import IconikRegistration, RegistrationVerification
    from .storage.construct import IconikStorage
    from .storage.encryption import StorageEncryption
    from .storage.lifecycle import archive_after
    from .storage.mixins import IconikBucketAccess, IconikKeyAccess
    from .storage.props import IconikStorageProps
    from .watch.construct import IconikWatch

__all__ = [
    "ICONIK_ROLE_ARN",
    "Adoption",
    "Cors",
    "IconikBucketAccess",
    "IconikGuardrail",
    "IconikKeyAccess",
    "IconikPerimeter",
    "IconikPermissions",
    "IconikPropError",
    "IconikRegistration",
    "IconikStorage",
    "IconikStorageProps",
    "IconikTypeError",
    "IconikValueError",
    "IconikWatch",
    "Placement",
    "PlacementKind",
    "RegistrationVerification",
    "StorageEncryption",
    "StoragePurpose",
    "StorageRole",
    "archive_after",
]

_HOME = {
    "ICONIK_ROLE_ARN": "access.trust",
    "Adoption": "placement.record",
    "Cors": "access.cors",
    "IconikBucketAccess": "storage.mixins",
    "IconikGuardrail": "guardrail.plugin",
    "IconikKeyAccess": "storage.mixins",
    "IconikPerimeter": "perimeter",
    "IconikPermissions": "access.permissions",
    "IconikPropError": "errors",
    "IconikRegistration": "registration.construct",
    "IconikStorage": "storage.construct",
    "IconikStorageProps": "storage.props",
    "IconikTypeError": "errors",
    "IconikValueError": "errors",
    "IconikWatch": "watch.construct",
    "Placement": "placement.record",
    "PlacementKind": "placement.record",
    "RegistrationVerification": "registration.construct",
    "StorageEncryption": "storage.encryption",
    "StoragePurpose": "access.permissions",
    "StorageRole": "access.permissions",
    "archive_after": "storage.lifecycle",
}


__version__: str
"""The version of the installed package; `0+unknown` for sources that are not installed."""


if not TYPE_CHECKING:  # a type checker would accept any name of this module

    def __getattr__(name: str) -> object:
        if name == "__version__":
            value: object = _installed_version()
            globals()[name] = value
            return value
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__


def _installed_version() -> str:
    # On first use, because looking it up reads files.
    from importlib import metadata  # noqa: PLC0415

    try:
        return metadata.version("iconik-construct")
    except metadata.PackageNotFoundError:
        return "0+unknown"
