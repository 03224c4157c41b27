"""Reads the settings for `verify`: from a file, or from the outputs of deployed stacks.

This file makes no calls.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ..access.trust import is_token
from ..sources.files import SourceError, read_text
from ..storage.settings import SECRET_SETTINGS

__all__ = ["read_outputs", "read_settings"]

_OUTPUT: Final = "Settings"
"""The end of the name of the output that the app of a file of storages makes for each storage."""
_SETTINGS: Final = {"bucket", "endpoint", "path", "region"}


def read_settings(source: Path) -> dict[str, Any]:
    """Return the settings in a file. `-` is standard input.

    Raises:
        ValueError: the file cannot be read, or has no valid settings.
    """
    return _checked(_json(source), str(source))


def read_outputs(source: Path, storage: str | None) -> dict[str, Any]:
    """Return the settings among the outputs of `cdk deploy --outputs-file`.

    Args:
        source: the file.
        storage: the key of the storage, or the name of the output. None if there is only one.

    Raises:
        ValueError: the file cannot be read, or several outputs match.
    """
    settings = dict(_outputs(_json(source)))
    names = ", ".join(sorted(settings)) or "none"
    if storage is None and len(settings) == 1:
        storage = next(iter(settings))
    if storage is None:
        raise ValueError(f"{source} has settings in several outputs ({names}): name one with --storage")
    name = storage if storage in settings else f"{storage.replace('-', '')}{_OUTPUT}"
    if name not in settings:
        raise ValueError(f"{source} has no settings of the storage {storage!r}; the outputs with settings are: {names}")
    return _checked(settings[name], f"{source}, {name}")


def _outputs(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield the outputs of all stacks whose value is the JSON of settings."""
    stacks = document.values() if isinstance(document, dict) else ()
    for outputs in stacks:
        for name, value in outputs.items() if isinstance(outputs, dict) else ():
            try:
                body = json.loads(value) if isinstance(value, str) else None
            except (ValueError, RecursionError):
                continue
            if isinstance(body, dict) and "settings" in body:
                yield name, body


def _json(source: Path) -> Any:
    try:
        return json.loads(read_text(str(source)))
    except SourceError as error:
        raise ValueError(f"cannot read {error}") from None
    except (ValueError, RecursionError):
        raise ValueError(f"{source} is not JSON") from None


def _checked(body: Any, source: str) -> dict[str, Any]:
    settings = body.get("settings") if isinstance(body, dict) else None
    missing = [key for key in ("method", "purpose") if not isinstance(body, dict) or key not in body]
    if not isinstance(settings, dict) or missing or not settings.keys() >= _SETTINGS:
        raise ValueError(
            f"{source} must have the result of storage.settings(...): method, purpose, and settings with bucket, "
            "endpoint, path and region"
        )
    if SECRET_SETTINGS & settings.keys():
        raise ValueError(f"{source} must not have {', '.join(sorted(SECRET_SETTINGS & settings.keys()))}")
    for key, value in {**body, **settings}.items():
        if isinstance(value, str) and is_token(value):
            raise ValueError(
                f"{source} has a CDK token in {key!r}, {value!r}, which has no value before the stack is deployed. "
                "Write storage.output_settings(...) in the stack, deploy with "
                "'cdk deploy --outputs-file outputs.json', and call 'iconik-construct verify --outputs outputs.json'"
            )
    return {**body}
