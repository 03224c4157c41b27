"""What the programs of the local AWS see of this machine: no credentials, profile, region or proxy of the user's.

A list of what passes, not of what is held back: an environment variable that AWS or a proxy invents next year stays out
as well.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from threading import RLock
from typing import Final

__all__ = ["ACCESS_KEY", "TOP", "base_environment", "cli_environment", "without_aws_settings"]

TOP: Final = Path(__file__).resolve().parents[2]
"""The top of this repository."""

ACCESS_KEY: Final = "test"
"""The local AWS takes any access key and secret; this is both."""

# The last leaves out the CDK's own rules on templates, which take longer than all else of a small app.
_PASSED: Final = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "VIRTUAL_ENV", "CDK_VALIDATION")
_HELD_BACK: Final = ("AWS_", "BOTO")
_environ_lock: Final = RLock()


def base_environment(workdir: Path) -> dict[str, str]:
    """Return the environment that all programs get; their temporary files go below `workdir`."""
    passed = {name: os.environ[name] for name in _PASSED if name in os.environ}
    # Node and Python are those of the virtual environment, whether or not it is activated.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**passed, "PATH": path, "HOME": _home(workdir), "TMPDIR": str(workdir)}


def cli_environment(workdir: Path, endpoint: str, account: str, region: str) -> dict[str, str]:
    """Return the environment of the CDK CLI and of the app that it runs."""
    return {
        **base_environment(workdir),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DEFAULT_ACCOUNT": account,
        "CDK_DEFAULT_REGION": region,
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "true",
        "CDK_HOME": str(workdir / "cdk-home"),
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "true",
        # The app imports the library of this very tree, wherever it runs.
        "PYTHONPATH": str(TOP),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@contextmanager
def without_aws_settings() -> Iterator[None]:
    """Hide the user's AWS settings from this process: boto3 reads them when a client is made."""
    with _environ_lock:
        hidden = {name: value for name, value in os.environ.items() if name.startswith(_HELD_BACK)}
        for name in hidden:
            del os.environ[name]
        os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
        try:
            yield
        finally:
            del os.environ["AWS_CONFIG_FILE"], os.environ["AWS_SHARED_CREDENTIALS_FILE"]
            os.environ.update(hidden)


def _home(workdir: Path) -> str:
    """Return the user's home, where jsii keeps its unpacked packages, or one below `workdir` if it cannot be used."""
    home = os.environ.get("HOME", "")
    if home and _is_writable(home):
        return home
    own = workdir / "home"
    own.mkdir(exist_ok=True)
    return str(own)


def _is_writable(directory: str) -> bool:
    try:
        # Tried, not asked: some file systems tell root that it may write and then refuse.
        with TemporaryFile(dir=directory):
            return True
    except OSError:
        return False
