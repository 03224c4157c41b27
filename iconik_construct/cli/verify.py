"""`iconik-construct verify`: lets iconik check whether a storage works, for people without CDK or AWS rights.

Starts without jsii and Node. Exit codes: 0 all checks passed (or all checks of `--require`), 1 a check failed, 2 wrong
call, 3 iconik could not be called.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from ..errors import InputError
from ..registration.base_url import DEFAULT_BASE_URL
from ..registration.handler.checks import CHECKS, Verification, verify_settings, verify_storage
from ..registration.handler.client import Credentials, IconikClient, parse_base_url
from ..registration.handler.errors import RegistrationError
from .command import Commands, add_parser, say
from .exit_codes import ExitCode
from .settings_file import read_outputs, read_settings

__all__ = ["add_command"]

APP_ID: Final = "ICONIK_APP_ID"
AUTH_TOKEN: Final = "ICONIK_AUTH_TOKEN"  # noqa: S105 the name of an environment variable

_DESCRIPTION: Final = "Let iconik check whether it can use a storage: access, CORS, read, write, delete."
_EPILOG: Final = f"""\
The token comes from the environment variables {APP_ID} and {AUTH_TOKEN}, or from a prompt. It is never an argument,
because process lists and shell histories show arguments.

exit codes:
  {ExitCode.GOOD:d}  all required checks passed
  {ExitCode.NOT_GOOD:d}  a required check failed
  {ExitCode.WRONG_CALL:d}  wrong call
  {ExitCode.UNREACHABLE:d}  iconik could not be called
"""


def _run(options: argparse.Namespace) -> int:
    try:
        subject = _subject(options)
        parse_base_url(options.base_url)
    except (ValueError, RegistrationError) as error:
        raise InputError(str(error)) from error
    try:
        client = IconikClient(options.base_url, _credentials())
        if isinstance(subject, str):
            verification = verify_storage(client, subject)
            checked = f"the storage {subject}"
        else:
            verification = verify_settings(client, subject)
            checked = f"settings for {subject['settings']['bucket']}/{subject['settings']['path']}"
    except RegistrationError as error:
        say("verify", str(error))
        return ExitCode.UNREACHABLE
    sys.stdout.writelines(f"{line}\n" for line in _report(checked, verification))
    return ExitCode.NOT_GOOD if verification.failed(_required(options.require, subject)) else ExitCode.GOOD


def add_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the subcommand to those of `iconik-construct`."""
    verify = add_parser(
        commands, _run, "verify", "let iconik check whether it can use a storage", _DESCRIPTION, epilog=_EPILOG
    )
    subject = verify.add_mutually_exclusive_group(required=True)
    subject.add_argument("--storage-id", metavar="ID", help="a storage that exists in iconik")
    subject.add_argument(
        "--settings",
        metavar="FILE",
        type=Path,
        help="a JSON file with the result of storage.settings(...); - for stdin",
    )
    subject.add_argument(
        "--outputs",
        metavar="FILE",
        type=Path,
        help="the file that 'cdk deploy --outputs-file FILE' writes; an output has the settings of the storage",
    )
    verify.add_argument(
        "--storage",
        metavar="KEY",
        help="with --outputs, if the file has several storages: the key of the storage in the configuration file, or "
        "the name of the output",
    )
    verify.add_argument("--base-url", default=DEFAULT_BASE_URL, metavar="URL", help="default: %(default)s")
    verify.add_argument(
        "--require",
        metavar="CHECK",
        action="append",
        choices=[check.name for check in CHECKS],
        help="a check that must pass; may be repeated. Default with settings: cors, and each flag that is true. "
        "Default with --storage-id: all four. Access is always required.",
    )


def _subject(options: argparse.Namespace) -> str | dict[str, Any]:
    """Return the storage id, or the settings from the file of settings or of outputs.

    Raises:
        ValueError: neither is valid.
    """
    if options.storage_id is not None:
        try:
            return str(UUID(options.storage_id))
        except ValueError:
            raise ValueError(f"a storage id must be a UUID, got {options.storage_id!r}") from None
    if options.outputs is not None:
        return read_outputs(options.outputs, options.storage)
    return read_settings(options.settings)


def _required(required: Sequence[str] | None, subject: str | dict[str, Any]) -> Sequence[str]:
    if required:
        return required
    if isinstance(subject, str):
        return [check.name for check in CHECKS]
    return [check.name for check in CHECKS if not check.setting or subject["settings"].get(check.setting, True)]


def _report(checked: str, verification: Verification) -> Iterator[str]:
    """Yield the lines: each check, with iconik's text and the usual cause if it fails."""
    yield f"iconik on {checked}:"
    for finding in (verification.access, *verification.findings):
        yield f"  {finding.check.name:<8}{'passed' if finding.passed else 'FAILED'}"
        if finding.error and not finding.passed:
            yield f"          iconik says: {finding.error}"
        if not finding.passed:
            yield f"          usually: {finding.check.usually}"


def _credentials() -> Credentials:
    app_id = os.environ.get(APP_ID) or _prompted("iconik App-ID: ")
    auth_token = os.environ.get(AUTH_TOKEN) or _prompted("iconik Auth-Token: ")
    return Credentials(app_id, auth_token)


def _prompted(prompt: str) -> str:
    try:
        return getpass.getpass(prompt)
    except EOFError:
        raise RegistrationError(f"Set {APP_ID} and {AUTH_TOKEN}, or answer the prompt.") from None
