"""Finds the file of storages: named in the call or in the CDK's context, in `cdk.json`, or by its default name.

The models know no files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..config.errors import IconikConfigError
from ..documents.text import read_json
from ..errors import IconikTypeError, IconikValueError

__all__ = ["USUAL_NAMES", "ConfigSource", "find_config", "read_context", "read_file"]

USUAL_NAMES: Final = ("storages.yaml", "storages.yml", "storages.json")
"""The default names of the file."""

_CONTEXT_FILE: Final = "cdk.json"
_FIX: Final = "Name a file of JSON or YAML: cdk synth -c config=storages.json"


@dataclass(frozen=True, slots=True)
class ConfigSource:
    """A configuration that is not parsed yet.

    Attributes:
        document: the content.
        path: the file.
        root: the name of the whole document in an error.
    """

    document: Any
    path: Path
    root: str

    @property
    def record_path(self) -> Path:
        """The file that records which stack has which storage."""
        return self.path.with_suffix(".stacks.json")


def find_config(iconik: Any, config: Any, directories: Sequence[Path], file: str | None = None) -> ConfigSource:
    """Return the configuration.

    Args:
        iconik: the value of the context key `iconik`, or None.
        config: the value of the context key `config`. It has priority.
        directories: the CDK's directory, to which the file's path is relative, and the app's directory. One of them has
            the `cdk.json` with `iconik`.
        file: the file in the call. It has priority over `iconik`. Without all three, the file is one of
            `USUAL_NAMES`.

    Raises:
        IconikConfigError: there is no file, or it cannot be read.
    """
    if config is not None:
        if not isinstance(config, str):
            raise IconikConfigError([IconikTypeError("config", "must be a path", got=config, fix=_FIX)])
        return _in_file(directories[0] / config, "config")
    if file is not None:
        return _in_file(directories[0] / file, "file")
    if iconik is None:
        return _in_file(_usual_file(directories[0]), "file")
    if isinstance(iconik, str):
        rule = "must be an object in a file, not a value on the command line"
        raise IconikConfigError([IconikTypeError("iconik", rule, got=iconik, fix=_FIX)])
    for directory in directories:
        path = directory / _CONTEXT_FILE
        written = read_context(directory).get("iconik")
        if written == iconik:
            # The CDK drops duplicate keys. The file still has them.
            return ConfigSource(written, path, "iconik")
    return ConfigSource(iconik, directories[0] / _CONTEXT_FILE, "iconik")


def read_file(path: Path, prop: str) -> Any:
    """Return the content of a JSON or YAML file. Its name determines the format.

    Raises:
        IconikConfigError: the file does not exist, or is not in that format and UTF-8.
        ModuleNotFoundError: YAML, and PyYAML is not installed.
    """
    form, read = "JSON", read_json
    if path.suffix.lower() in (".yaml", ".yml"):
        # JSON needs no PyYAML.
        from ..documents.yaml_text import read_yaml  # noqa: PLC0415

        form, read = "YAML", read_yaml
    try:
        return read(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        rule = f"must be a file that can be read ({error.strerror or error})"
    except ValueError as error:
        rule = f"must be a file of {form} in UTF-8 ({error})"
    raise IconikConfigError([IconikValueError(prop, rule, got=str(path), fix=_FIX)])


def read_context(directory: Path) -> dict[str, Any]:
    """Return the context of the `cdk.json` in a directory, or an empty one."""
    try:
        document = read_json((directory / _CONTEXT_FILE).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        # The CDK CLI reads that file too, and reports its errors.
        return {}
    context = document.get("context") if isinstance(document, Mapping) else None
    return dict(context) if isinstance(context, Mapping) else {}


def _in_file(path: Path, root: str) -> ConfigSource:
    return ConfigSource(read_file(path, root), path, root)


def _usual_file(directory: Path) -> Path:
    there = [name for name in USUAL_NAMES if (directory / name).is_file()]
    if len(there) == 1:
        return directory / there[0]
    names = f"{', '.join(USUAL_NAMES[:-1])} or {USUAL_NAMES[-1]}"
    if there:
        rule = f"must be only one of {', '.join(there)}, but this directory has several of them"
        fix = f"Name one of them: iconik-construct app {there[0]}"
    else:
        rule = f"must describe the storages: there is no {names} here, and the CDK's context has no key 'iconik'"
        fix = (
            "Write one, or name it (iconik-construct app FILE, or -c config=FILE), or write the storages into "
            f'{_CONTEXT_FILE} as "context": {{"iconik": {{...}}}}.'
        )
    raise IconikConfigError([IconikValueError("file", rule, fix=fix)])
