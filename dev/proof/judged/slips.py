"""Applies a slip to a copy of the judge: the proof must notice it, or proves nothing.

The copy lives in memory beside the judge, under another name, so that its relative imports hold.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

import iconik_construct.judge

from .agreement import Judge

__all__ = ["Slip", "slipped"]

_COPY: Final = "iconik_construct.judge_with_a_slip"
_FOLDER: Final = Path(iconik_construct.judge.__file__).parent


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip.

    Args:
        name: what the slip is.
        module: the judge's module that has it, without `.py`.
        right: a piece of its source, which stands there once.
        wrong: what the slip makes of it.
    """

    name: str
    module: str
    right: str
    wrong: str


@contextmanager
def slipped(slip: Slip) -> Iterator[Judge]:
    """Give a copy of `judge` with the slip.

    Raises:
        ValueError: the piece of source is not there, or more than once.
    """
    path = _FOLDER / f"{slip.module}.py"
    source = path.read_text(encoding="utf-8")
    if source.count(slip.right) != 1:
        raise ValueError(f"the slip {slip.name!r} applies {source.count(slip.right)} times to {path.name}")
    finder = _Copies(slip.module, source.replace(slip.right, slip.wrong))
    sys.meta_path.insert(0, finder)
    try:
        yield importlib.import_module(_COPY).judge
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name == _COPY or name.startswith(f"{_COPY}.")]:
            del sys.modules[name]


_COMPILED: dict[Path, CodeType] = {}


class _Copies(MetaPathFinder, Loader):
    """Finds the modules of the copy: the judge's own, but for one."""

    def __init__(self, module: str, source: str) -> None:
        self._module = module
        self._source = source

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the import machinery gives both
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname != _COPY and not fullname.startswith(f"{_COPY}."):
            return None
        return spec_from_loader(fullname, self, is_package=fullname == _COPY)

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__.removeprefix(_COPY).removeprefix(".") or "__init__"
        path = _FOLDER / f"{name}.py"
        if name == self._module:
            code = compile(self._source, str(path), "exec")
        else:
            if path not in _COMPILED:
                _COMPILED[path] = compile(path.read_text(encoding="utf-8"), str(path), "exec")
            code = _COMPILED[path]
        exec(code, module.__dict__)  # noqa: S102 - our own source
