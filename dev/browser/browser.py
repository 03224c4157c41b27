"""Runs the Node program that drives the browser."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final
from xml.sax.saxutils import escape

from .view import Seen, View

__all__ = ["Browser", "BrowserError"]

_PROGRAM: Final = Path(__file__).with_suffix(".mjs")
_SECONDS_FOR_A_VIEW: Final = 60
_SECONDS_TO_UNPACK: Final = 120
_FONTS: Final = """<?xml version="1.0"?>
<fontconfig>
  <dir>{directory}/fonts</dir>
  <cachedir>{directory}/fonts-cache</cachedir>
</fontconfig>
"""


class BrowserError(Exception):
    """The browser is not there, does not run, or could not show a page."""


class Browser:
    """A headless Chromium, to be used in a `with` statement."""

    def __init__(self) -> None:
        self._directory: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Browser:
        self._directory = tempfile.TemporaryDirectory(prefix="iconik-construct-browser-")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = None

    def look(self, views: Iterable[View]) -> list[Seen]:
        """Return what is seen in each view, in order.

        Raises:
            BrowserError: a view could not be had.
        """
        asked = [view.asked() for view in views]
        try:
            return [Seen.parse(one) for one in json.loads(self._run(json.dumps(asked), len(asked)))]
        except (ValueError, KeyError, TypeError) as error:
            raise BrowserError(f"the browser's program answered something else: {error}") from error

    def _run(self, asked: str, views: int) -> str:
        if self._directory is None:
            raise BrowserError("the browser must be used in a `with` statement")
        node = shutil.which("node")
        if node is None:
            raise BrowserError("Node is not installed. Install Node 22 or newer; `make setup` then brings the browser.")
        # The name of a Lambda runtime is how the package is told to unpack the libraries that the browser needs. Its
        # own fonts.conf looks below /tmp, where its fonts are not: without a font no text has a size.
        environment = {
            **os.environ,
            "TMPDIR": self._directory.name,
            "HOME": self._directory.name,
            "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x",
            "FONTCONFIG_FILE": str(_write_fonts(Path(self._directory.name))),
        }
        process = subprocess.Popen(  # noqa: S603 - our own program
            [node, str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,
        )
        try:
            out, complaint = process.communicate(asked, timeout=_SECONDS_TO_UNPACK + views * _SECONDS_FOR_A_VIEW)
        except subprocess.TimeoutExpired:
            raise BrowserError("the browser did not answer in time") from None
        finally:
            _end_group(process)
        if process.returncode != 0:
            raise BrowserError(f"the browser failed; `make setup` brings it, for x86-64 only\n{complaint.strip()}")
        return out


def _write_fonts(directory: Path) -> Path:
    """Write where the fonts that the package brings are; the machine's own would make pages of another width."""
    file = directory / "fonts.conf"
    file.write_text(_FONTS.format(directory=escape(str(directory))), encoding="utf-8")
    return file


def _end_group(process: subprocess.Popen[str]) -> None:
    """End the program and every process of the browser that it left behind."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
