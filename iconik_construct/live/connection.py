"""Finds out within seconds whether AWS can be called, and otherwise returns the reason and the fix in one line."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from boto3.session import Session
from botocore.exceptions import HTTPClientError

from ..assessment.fact import Unknown, Why
from .asking import Aws, CallLimits
from .calls import CALLER_IDENTITY, Call

__all__ = ["no_credentials", "session_of", "why_unreachable"]

Probe = tuple[Call, Mapping[str, Any]]

_QUICK: Final = CallLimits(connect=2, answer=2, attempts=2)
"""At most five seconds, so that a command on a busy machine ends within ten."""
_WRONG_CLOCK: Final = ("RequestTimeTooSkewed", "Signature expired", "Signature not yet current")
_NO_TERMINAL: Final = (
    "the profile asks for an MFA code, and there is no terminal. Run this command in a terminal, or export temporary "
    "credentials first: aws configure export-credentials --format env"
)


def session_of(profile: str | None, region: str | None) -> Session:
    """Return boto3's session.

    Raises:
        BotoCoreError: the profile does not exist, or the configuration cannot be read.
    """
    session = Session(profile_name=profile, region_name=region)
    # Also for the calls by which botocore gets the credentials of a role.
    session._session.set_default_client_config(_QUICK.config())
    return session


def why_unreachable(session: Session, region: str | None, endpoint_url: str | None, probe: Probe) -> str:
    """Return why AWS cannot be called, and the fix; empty if it can.

    Args:
        session: the session.
        region: the region.
        endpoint_url: the destination of calls instead of AWS.
        probe: a call to S3 with its parameters. In a network that allows only S3, STS does not answer and S3 does.
    """
    if why := _lacking_credentials(session):
        return why
    aws = Aws(session, region, endpoint_url=endpoint_url, limits=_QUICK)
    with ThreadPoolExecutor(2) as pool:
        calls_in_progress = [
            pool.submit(aws.ask, call, **parameters) for call, parameters in ((CALLER_IDENTITY, {}), probe)
        ]
        answers = [each.result() for each in calls_in_progress]
    failures = [answer for answer in answers if isinstance(answer, Unknown)]
    for failure in failures:
        if any(text in failure.says for text in _WRONG_CLOCK):
            return f"the clock of this machine is wrong: {failure.says}. Set the clock"
        if failure.why is Why.NO_CREDENTIALS:
            return no_credentials(failure.says)
    if len(failures) == len(answers) and all(failure.why is Why.NO_ANSWER for failure in failures):
        return _no_answer(failures[0].says)
    return ""


def _lacking_credentials(session: Session) -> str:
    try:
        with _quiet():
            credentials = session.get_credentials()
            if credentials is not None:
                credentials.get_frozen_credentials()
    except EOFError:
        return _NO_TERMINAL
    except HTTPClientError as error:
        return _no_answer(" ".join(f"{error}".split()))
    except Exception as error:  # noqa: BLE001 - a plugin or a process can fail in any way
        return no_credentials(" ".join(f"{error}".split()))
    return no_credentials("none were found") if credentials is None else ""


def _no_answer(says: str) -> str:
    return f"AWS did not answer: {says}. Check the network, the proxy (HTTPS_PROXY), the region and --endpoint-url"


def no_credentials(says: str) -> str:
    """Return what to do if there are no credentials, or expired ones."""
    return (
        f"no AWS credentials that work: {says}. Sign in (aws sso login, aws configure), or name another profile with "
        "--profile"
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the warnings of a prompt for a code if nobody can answer it."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        is_asked = sys.stdin is not None and sys.stdin.isatty()
        with contextlib.nullcontext() if is_asked else contextlib.redirect_stderr(io.StringIO()):
            yield
    else:
        yield
