"""Looks into the stand-in: what is registered there, and what was asked of it."""

from __future__ import annotations

from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.storage.settings import storage_settings


def only(iconik, name="Media"):
    (storage,) = iconik.named(name)
    return storage


def calls(iconik, method):
    return [call for call in iconik.calls if call.method == method]


def body(name="Media"):
    return storage_settings(
        bucket="media", region="eu-west-1", permissions=(IconikPermissions.read_write(),), name=name
    )
