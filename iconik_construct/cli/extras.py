"""Prints how to install a missing extra."""

from __future__ import annotations

import sys

from .exit_codes import ExitCode

__all__ = ["ask_for_extra"]

_EXTRAS = {
    "boto3": "live",
    "botocore": "live",
    "jinja2": "report",
    "pydantic": "app",
    "pydantic_core": "app",
    "yaml": "app",
}


def ask_for_extra(command: str, error: ModuleNotFoundError) -> ExitCode:
    """Print how to install the extra of the missing module, and return the exit code.

    Raises:
        ModuleNotFoundError: the module belongs to no extra.
    """
    if error.name not in _EXTRAS:
        raise error
    extra = "guard" if command in ("diff", "guard") and error.name == "yaml" else _EXTRAS[error.name]
    sys.stderr.write(
        f"iconik-construct {command} needs {error.name}, which is not installed. "
        f"Install it with: pip install 'iconik-construct[{extra}]'\n"
    )
    return ExitCode.WRONG_CALL
