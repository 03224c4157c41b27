"""An S3 bucket made ready for iconik, and for no other iconik customer.

Each name is loaded on first use: `iconik_construct.permissions` and the other rooms without a construct in them are
then imported without starting Node.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .cors import Cors
    from .encryption import StorageEncryption
    from .errors import IconikPropError, IconikTypeError, IconikValueError
    from .guardrail.plugin import IconikGuardrail
    from .landing_record import Adoption, Landing, LandingKind
    from .mixins import IconikBucketAccess, IconikKeyAccess
    from .permissions import IconikPermissions, StoragePurpose, StorageRole
    from .props import IconikStorageProps
    from .registration.construct import IconikRegistration
    from .storage import IconikStorage
    from .trust import ICONIK_ROLE_ARN

__all__ = [
    "ICONIK_ROLE_ARN",
    "Adoption",
    "Cors",
    "IconikBucketAccess",
    "IconikGuardrail",
    "IconikKeyAccess",
    "IconikPermissions",
    "IconikPropError",
    "IconikRegistration",
    "IconikStorage",
    "IconikStorageProps",
    "IconikTypeError",
    "IconikValueError",
    "Landing",
    "LandingKind",
    "StorageEncryption",
    "StoragePurpose",
    "StorageRole",
]

_HOME = {
    "ICONIK_ROLE_ARN": "trust",
    "Adoption": "landing_record",
    "Cors": "cors",
    "IconikBucketAccess": "mixins",
    "IconikGuardrail": "guardrail.plugin",
    "IconikKeyAccess": "mixins",
    "IconikPermissions": "permissions",
    "IconikPropError": "errors",
    "IconikRegistration": "registration.construct",
    "IconikStorage": "storage",
    "IconikStorageProps": "props",
    "IconikTypeError": "errors",
    "IconikValueError": "errors",
    "Landing": "landing_record",
    "LandingKind": "landing_record",
    "StorageEncryption": "encryption",
    "StoragePurpose": "permissions",
    "StorageRole": "permissions",
}


if not TYPE_CHECKING:  # a type checker would take any name for one of this module's

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
