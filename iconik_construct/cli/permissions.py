"""The options that say what iconik may do, for the subcommands that need to know it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Final

from ..access.permissions import IconikPermissions, StoragePurpose

__all__ = ["add_permission_options", "are_given", "permissions_of"]

_NAMED: Final[Mapping[str, Callable[..., IconikPermissions]]] = {
    "read": IconikPermissions.read,
    "write": IconikPermissions.write,
    "read_write": IconikPermissions.read_write,
    "admin": IconikPermissions.admin,
}


def add_permission_options(parser: argparse.ArgumentParser) -> None:
    """Add `--permissions`, `--prefix` and `--no-delete`."""
    parser.add_argument(
        "--permissions",
        metavar="WHAT",
        choices=[*_NAMED, *(purpose.name for purpose in StoragePurpose)],
        help=f"what iconik may do: {', '.join(_NAMED)}, or what a storage is for: "
        f"{', '.join(purpose.name for purpose in StoragePurpose)}. Default: read_write",
    )
    parser.add_argument(
        "--prefix",
        metavar="PREFIX/",
        action="append",
        default=[],
        help="where objects may be reached; may be repeated. Default: the whole bucket",
    )
    parser.add_argument("--no-delete", action="store_true", help="leave out what deletes objects")


def are_given(options: argparse.Namespace) -> bool:
    """Tell whether one of the options is given."""
    return bool(options.permissions or options.prefix or options.no_delete)


def permissions_of(options: argparse.Namespace) -> IconikPermissions:
    """Return what the options ask for.

    Raises:
        IconikValueError: a prefix that cannot be, or Admin with a limit.
    """
    name: str = options.permissions or "read_write"
    found = _NAMED[name]() if name in _NAMED else IconikPermissions.for_purpose(StoragePurpose[name])
    return IconikPermissions(
        roles=found.roles,
        prefixes=options.prefix,
        delete=found.delete and not options.no_delete,
    )
