"""The options for what iconik may do, for the subcommands that need them."""

from __future__ import annotations

import argparse
from dataclasses import replace

from ..access.permissions import NAMED_PERMISSIONS, IconikPermissions, StoragePurpose

__all__ = ["add_permission_options", "are_given", "permissions_of"]


def add_permission_options(parser: argparse.ArgumentParser) -> None:
    """Add `--permissions`, `--prefix` and `--no-delete`."""
    parser.add_argument(
        "--permissions",
        metavar="WHAT",
        choices=[*NAMED_PERMISSIONS, *(purpose.name for purpose in StoragePurpose)],
        help=f"what iconik should be able to do: {', '.join(NAMED_PERMISSIONS)}, or the purpose of a storage: "
        f"{', '.join(purpose.name for purpose in StoragePurpose)}. Default: read_write",
    )
    parser.add_argument(
        "--prefix",
        metavar="PREFIX/",
        action="append",
        default=[],
        help="iconik should be able to use only this prefix; may be repeated. Default: the whole bucket",
    )
    parser.add_argument("--no-delete", action="store_true", help="iconik should not be able to delete objects")


def are_given(options: argparse.Namespace) -> bool:
    """Return whether one of the options is given."""
    return bool(options.permissions or options.prefix or options.no_delete)


def permissions_of(options: argparse.Namespace) -> IconikPermissions:
    """Return the permissions of the options.

    Raises:
        IconikValueError: an invalid prefix, or Admin with a limit.
    """
    name: str = options.permissions or "read_write"
    named = NAMED_PERMISSIONS.get(name) or IconikPermissions.for_purpose(StoragePurpose[name])
    return replace(named, prefixes=options.prefix, delete=named.delete and not options.no_delete)
