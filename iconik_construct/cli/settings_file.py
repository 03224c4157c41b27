"""Where `verify` takes settings from: a file of them, or the outputs of deployed stacks.

Apart from the command because it asks nobody anything.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ..access.trust import is_token
from ..storage.settings import SECRET_SETTINGS

__all__ = ["read_outputs", "read_settings"]

_OUTPUT: Final = "Settings"
"""What the name of the output ends with that the app of a file of storages makes for each storage."""
_SETTINGS: Final = {"bucket", "endpoint", "path", "region"}


def read_settings(source: Path) -> dict[str, Any]:
    """Return the settings that a file holds; `-` is standard input.

    Raises:
        ValueError: the file cannot be read, or holds no settings that can be sent.
    """
    return _checked(_json(source), str(source))


def read_outputs(source: Path, storage: str | None) -> dict[str, Any]:
    """Return the settings among the outputs that `cdk deploy --outputs-file` wrote.

    Args:
        source: the file.
        storage: the key of the storage, or the name of the output; may be left out where there is one only.

    Raises:
        ValueError: the file cannot be read, or it is not clear which output is meant.
    """
    found = dict(_outputs(_json(source)))
    names = ", ".join(sorted(found)) or "none"
    if storage is None and len(found) == 1:
        storage = next(iter(found))
    if storage is None:
        raise ValueError(f"{source} holds settings in several outputs ({names}): name one with --storage")
    name = storage if storage in found else f"{storage.replace('-', '')}{_OUTPUT}"
    if name not in found:
        raise ValueError(f"{source} holds no settings of the storage {storage!r}; it has those in the outputs: {names}")
    return _checked(found[name], f"{source}, {name}")


def _outputs(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield the outputs of all stacks whose value is the JSON of settings."""
    stacks = document.values() if isinstance(document, dict) else ()
    for outputs in stacks:
        for name, value in outputs.items() if isinstance(outputs, dict) else ():
            try:
                body = json.loads(value) if isinstance(value, str) else None
            except ValueError:
                continue
            if isinstance(body, dict) and "settings" in body:
                yield name, body


def _json(source: Path) -> Any:
    try:
        return json.loads(sys.stdin.read() if str(source) == "-" else source.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"cannot read {source}: {error.strerror}") from None
    except ValueError:
        raise ValueError(f"{source} is not JSON") from None


def _checked(body: Any, source: str) -> dict[str, Any]:
    settings = body.get("settings") if isinstance(body, dict) else None
    missing = [key for key in ("method", "purpose") if not isinstance(body, dict) or key not in body]
    if not isinstance(settings, dict) or missing or not settings.keys() >= _SETTINGS:
        raise ValueError(
            f"{source} must hold what storage.settings(...) returns: method, purpose, and settings with bucket, "
            "endpoint, path and region"
        )
    if SECRET_SETTINGS & settings.keys():
        raise ValueError(f"{source} must hold no {', '.join(sorted(SECRET_SETTINGS & settings.keys()))}")
    for key, value in {**body, **settings}.items():
        if isinstance(value, str) and is_token(value):
            raise ValueError(
                f"{source} holds in {key!r} a CDK token, {value!r}, which has no value before the stack is deployed. "
                "Write storage.output_settings(...) in the stack, deploy with "
                "'cdk deploy --outputs-file outputs.json', and call 'iconik-construct verify --outputs outputs.json'"
            )
    return {**body}
