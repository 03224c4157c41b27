"""Asks AWS. The outcome of each call is a fact: nothing here raises, whatever AWS does.

Nothing else in this package calls AWS. boto3 repeats throttled calls a few times.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, cast
from urllib.parse import urlsplit

from boto3.session import Session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's
    ConnectTimeoutError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProxyConnectionError,
    SSOError,
    TokenRetrievalError,
)

from ..assessment.fact import Fact, Found, NotConfigured, Unknown, Why
from .calls import Call

__all__ = ["Aws", "Patience"]

DEFAULT_REGION: Final = "us-east-1"

_DENIED: Final = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "Forbidden",
        "MethodNotAllowed",
        "UnauthorizedOperation",
    }
)
_NO_CREDENTIALS: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_GONE: Final = frozenset(
    {
        "404",
        "NoSuchBucket",
        "NotFoundException",
        "NoSuchAccessPoint",
        "PolicyNotFoundException",
        "ResourceNotFoundException",
    }
)
_BUSY: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_FIRST_SERVER_ERROR: Final = 500
_TOO_MANY_REQUESTS: Final = 429
_MOST_PAGES: Final = 1000
_DOWN_AFTER: Final = 2
"""Calls in a row that could not connect, after which a service is not asked again."""
_CREDENTIALS: Final = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    SSOError,
    TokenRetrievalError,
    EOFError,  # of a profile that asks for a code where there is no terminal
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long AWS may take: seconds to connect and to answer, and how often a call is made."""

    connect: float = 5
    answer: float = 20
    attempts: int = 5


class Aws:
    """Asks AWS with one set of credentials. Several threads may use it.

    Args:
        session: the session with the credentials.
        region: the region of services that have none of their own in a call. Default: the session's.
        endpoint_url: where every call goes, instead of AWS.
        connections: how many calls may be under way at a time.
        patience: how long AWS may take.
    """

    def __init__(
        self,
        session: Session,
        region: str | None = None,
        *,
        endpoint_url: str | None = None,
        connections: int = 10,
        patience: Patience = Patience(),
    ) -> None:
        self.region = region or session.region_name or DEFAULT_REGION
        self._session = session
        self._endpoint_url = endpoint_url
        self._config = Config(
            connect_timeout=patience.connect,
            read_timeout=patience.answer,
            max_pool_connections=connections,
            retries={"mode": "standard", "total_max_attempts": patience.attempts},
        )
        self.calls = 0
        """How many calls were made, retries not counted."""
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._failures: dict[tuple[str, str], int] = {}
        self._lock = Lock()

    def ask(self, call: Call, region: str | None = None, **parameters: Any) -> Fact:
        """Make one call."""
        place = (call.service, region or self.region)
        with self._lock:
            self.calls += 1
            if self._failures.get(place, 0) >= _DOWN_AFTER:
                return Unknown(call.action, Why.SILENT, f"{call.service} in {place[1]} cannot be reached")
        try:
            method = getattr(self._client(*place), call.operation, None)
            if method is None:
                return Unknown(call.action, Why.UNKNOWN_CALL, f"boto3 has no {call.service}.{call.operation}")
            answer = dict(method(**parameters))
        except ClientError as error:
            self._failures.pop(place, None)
            return _refusal(call, error)
        except Exception as error:  # noqa: BLE001 - AWS, a proxy or a plugin can answer anything
            if isinstance(error, (ConnectionError, ConnectTimeoutError, ProxyConnectionError)):
                with self._lock:
                    self._failures[place] = self._failures.get(place, 0) + 1
            why = Why.NO_CREDENTIALS if isinstance(error, _CREDENTIALS) else Why.SILENT
            return Unknown(call.action, why, _line(error))
        self._failures.pop(place, None)
        answer.pop("ResponseMetadata", None)
        return Found(answer)

    def ask_all(
        self, call: Call, holding: str, token: str, region: str | None = None, *, says: str | None = None, **more: Any
    ) -> Fact:
        """Make a call page by page, and return the items of all pages as one list.

        Args:
            call: the call.
            holding: the part of the answer that holds the items.
            token: the parameter that asks for the next page.
            region: where.
            says: the part of the answer that holds the next token. Default: as the parameter is called.
            more: further parameters.
        """
        found: list[Any] = []
        for _ in range(_MOST_PAGES):
            page = self.ask(call, region, **more)
            if not isinstance(page, Found):
                return page
            found.extend(page.value.get(holding) or ())
            following = page.value.get(says or token)
            if not following:
                return Found(found)
            more = {**more, token: following}
        return Unknown(call.action, Why.REFUSED, f"AWS gave more than {_MOST_PAGES} pages")

    def _client(self, service: str, region: str) -> BaseClient:
        # Making a client is not safe in several threads, using one is.
        with self._lock:
            found = self._clients.get((service, region))
            if found is None:
                make = cast("Callable[..., BaseClient]", self._session.client)
                found = make(service, region_name=region, endpoint_url=self._endpoint_url, config=self._config)
                host = urlsplit(found.meta.endpoint_url).hostname or ""
                if service == "s3control" and not host.endswith(".amazonaws.com"):
                    # A stand-in for AWS has no host names with an account in front.
                    found.meta.events.register_first("request-created.s3-control", _without_account)
                self._clients[service, region] = found
            return found


def _without_account(request: Any, **_: object) -> None:
    request.url = re.sub("^(https?://)[0-9]{12}[.]", r"\1", request.url)


def _refusal(call: Call, error: ClientError) -> Fact:
    """Return what an error of AWS's says."""
    answer = error.response
    code = str(answer.get("Error", {}).get("Code", ""))
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0
    if code in call.absent:
        return NotConfigured()
    if code in _NO_CREDENTIALS:
        why = Why.NO_CREDENTIALS
    elif code in _DENIED:
        why = Why.DENIED
    elif code in _GONE:
        why = Why.GONE
    elif code in _BUSY or status == _TOO_MANY_REQUESTS:
        why = Why.BUSY
    elif status >= _FIRST_SERVER_ERROR:
        why = Why.SILENT
    else:
        why = Why.REFUSED
    return Unknown(call.action, why, _line(error))


def _line(error: Exception) -> str:
    return " ".join(f"{error}".split()) or type(error).__name__
