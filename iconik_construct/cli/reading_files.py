"""Runs the commands that read files: each error is one line and an exit code, never a traceback and never a pass."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from ..errors import IconikPropError
from .exit_codes import ExitCode
from .extras import ask_for_extra
from .text import printable

__all__ = ["run_on_files"]


def run_on_files(command: str, run: Callable[[argparse.Namespace], int], options: argparse.Namespace) -> int:
    """Return the exit code of a command, and print its error to standard error."""
    from ..sources.files import SourceError  # noqa: PLC0415 - not for other commands
    from .live_options import WrongCall  # noqa: PLC0415

    try:
        return run(options)
    except (IconikPropError, SourceError, WrongCall) as error:
        code, text = ExitCode.WRONG_CALL, str(error)
    except RecursionError:
        code, text = ExitCode.WRONG_CALL, "nested too deeply"
    except BrokenPipeError:
        # As for all commands: nobody reads the output any more.
        raise
    except ModuleNotFoundError as error:
        return ask_for_extra(command, error)
    except Exception as error:  # noqa: BLE001 - an internal error is never a pass
        code, text = ExitCode.INTERNAL_ERROR, f"internal error: {type(error).__name__}: {error}"
    sys.stderr.write(f"iconik-construct {command}: {printable(' '.join(text.split()))}\n")
    return code
