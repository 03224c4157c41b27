"""Finds the configuration: the context key `iconik`, or the file that the context key `config` names.

Apart from the parser, which knows no files. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import IconikTypeError, IconikValueError
from .document import IconikConfigError
from .json_document import read_json

__all__ = ["ConfigSource", "find_config", "read_context", "read_json_file"]

_CONTEXT_FILE: Final = "cdk.json"
_WAY_OUT: Final = "Name a JSON file: cdk synth -c config=storages.json"


@dataclass(frozen=True, slots=True)
class ConfigSource:
    """A configuration that is not parsed yet.

    Attributes:
        document: the JSON it holds.
        path: the file it stands in.
        root: what it is called where a mistake concerns the whole of it.
    """

    document: Any
    path: Path
    root: str

    @property
    def record_path(self) -> Path:
        """Where it is recorded which stack holds which storage."""
        return self.path.with_suffix(".stacks.json")


def find_config(iconik: Any, config: Any, directories: Sequence[Path]) -> ConfigSource:
    """Return the configuration.

    Args:
        iconik: the value of the context key `iconik`; None where it is not there.
        config: the value of the context key `config`, which goes before `iconik`.
        directories: where the CDK runs, to which the file's path is relative, and where the app lies: one of the two
            holds the `cdk.json` that `iconik` comes from.

    Raises:
        IconikConfigError: there is none, or the file cannot be read.
    """
    if config is not None:
        if not isinstance(config, str):
            raise IconikConfigError([IconikTypeError("config", "must be a path", got=config, way_out=_WAY_OUT)])
        path = directories[0] / config
        return ConfigSource(read_json_file(path, "config"), path, "config")
    if iconik is None:
        rule = "must describe the storages, and the CDK context has no such key"
        way_out = (
            f'Write it into {_CONTEXT_FILE} as "context": {{"iconik": {{...}}}}, or name a file: -c config=FILE.json'
        )
        raise IconikConfigError([IconikValueError("iconik", rule, way_out=way_out)])
    if isinstance(iconik, str):
        rule = "must be an object in a file, not a value on the command line"
        raise IconikConfigError([IconikTypeError("iconik", rule, got=iconik, way_out=_WAY_OUT)])
    for directory in directories:
        path = directory / _CONTEXT_FILE
        written = read_context(directory).get("iconik")
        if written == iconik:
            # The CDK has dropped what stands twice; the file itself still has it.
            return ConfigSource(written, path, "iconik")
    return ConfigSource(iconik, directories[0] / _CONTEXT_FILE, "iconik")


def read_json_file(path: Path, prop: str) -> Any:
    """Return what a JSON file holds.

    Raises:
        IconikConfigError: there is no such file, or it is not JSON in UTF-8.
    """
    try:
        return read_json(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        rule = f"must be a file that can be read ({error.strerror or error})"
    except ValueError as error:
        rule = f"must be a file of JSON in UTF-8 ({error})"
    raise IconikConfigError([IconikValueError(prop, rule, got=str(path), way_out=_WAY_OUT)])


def read_context(directory: Path) -> dict[str, Any]:
    """Return the context of the `cdk.json` in a directory; an empty one where there is none."""
    try:
        document = read_json((directory / _CONTEXT_FILE).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        # The CDK CLI reads that file too, and says what is wrong with it.
        return {}
    context = document.get("context") if isinstance(document, Mapping) else None
    return dict(context) if isinstance(context, Mapping) else {}
