"""Makes the calls to AWS. The outcome of each call is a fact: nothing here raises, whatever AWS answers.

Only this file of the package calls AWS. boto3 repeats throttled calls a few times.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, cast
from urllib.parse import urlsplit

from boto3.session import Session
from botocore import exceptions
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's
    ConnectTimeoutError,
    CredentialRetrievalError,
    MetadataRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProxyConnectionError,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
)

from ..assessment.fact import Fact, Found, NotConfigured, Unknown, Why
from .calls import CALLER_IDENTITY, PAGES, SIZES, Call

__all__ = ["Aws", "CallLimits"]

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
_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_NO_CREDENTIALS: Final = frozenset(
    {
        *_EXPIRED,
        "AuthFailure",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_NOT_FOUND: Final = frozenset(
    {
        "404",
        "NoSuchBucket",
        "NotFoundException",
        "NoSuchAccessPoint",
        "PolicyNotFoundException",
        "ResourceNotFoundException",
    }
)
_THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_NOT_OF_AWS: Final = frozenset({"", "407", "Unknown"})
"""What botocore makes of the page of a proxy."""
_FIRST_SERVER_ERROR: Final = 500
_TOO_MANY_REQUESTS: Final = 429
_LONGEST_LINE: Final = 500
_MOST_PAGES: Final = 1000
_DOWN_AFTER: Final = 2
"""The number of consecutive failed connections after which a service is not called again."""
_CREDENTIALS: Final = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    getattr(exceptions, "LoginError", SSOError),  # of newer versions
    MetadataRetrievalError,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
    EOFError,  # from a profile that asks for a code without a terminal
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """Limits for AWS: the seconds to connect and to answer, and the number of tries of a call."""

    connect: float = 5
    answer: float = 20
    attempts: int = 5

    def config(self, connections: int = 10) -> Config:
        """Return the limits as botocore's configuration of a client."""
        return Config(
            connect_timeout=self.connect,
            read_timeout=self.answer,
            max_pool_connections=connections,
            retries={"mode": "standard", "total_max_attempts": self.attempts},
        )


class Aws:
    """Calls AWS with one set of credentials. Several threads can use it.

    Args:
        session: the session with the credentials.
        region: the region of calls without a region of their own. Default: the session's.
        endpoint_url: the destination of every call instead of AWS.
        connections: the maximum number of simultaneous calls.
        limits: the limits for AWS.
    """

    def __init__(
        self,
        session: Session,
        region: str | None = None,
        *,
        endpoint_url: str | None = None,
        connections: int = 10,
        limits: CallLimits = CallLimits(),
    ) -> None:
        self.region = region or session.region_name or DEFAULT_REGION
        self._session = session
        self._endpoint_url = endpoint_url
        self._config = limits.config(connections)
        self.calls = 0
        """The number of calls, without retries."""
        self.expired = ""
        """What AWS says if the credentials have expired."""
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._failures: dict[tuple[str, str], int] = {}
        self._lock = Lock()

    def ask(self, call: Call, region: str | None = None, **parameters: Any) -> Fact:
        """Make one call."""
        place = (call.service, region or self.region)
        with self._lock:
            self.calls += 1
            if self._failures.get(place, 0) >= _DOWN_AFTER:
                return Unknown(call.action, Why.NO_ANSWER, f"{call.service} in {place[1]} cannot be reached")
        try:
            method = getattr(self._client(*place), call.operation, None)
            if method is None:
                return Unknown(call.action, Why.UNKNOWN_CALL, f"boto3 has no {call.service}.{call.operation}")
            answer = dict(method(**parameters))
        except Exception as error:  # noqa: BLE001 - AWS, a proxy or a plugin can answer anything
            return self._failed(call, place, error)
        self._failures.pop(place, None)
        answer.pop("ResponseMetadata", None)
        if not _holds(answer, call.holds):
            return Unknown(call.action, Why.UNREADABLE, f"the answer has no {'.'.join(call.holds)}")
        return Found(answer)

    def _failed(self, call: Call, place: tuple[str, str], error: Exception) -> Fact:
        """Return the fact for an error, and note what concerns later calls."""
        if isinstance(error, (ConnectionError, ConnectTimeoutError, ProxyConnectionError)):
            with self._lock:
                self._failures[place] = self._failures.get(place, 0) + 1
        code = _code(error) if isinstance(error, ClientError) else ""
        if isinstance(error, _CREDENTIALS) or code in _EXPIRED or (code in _NO_CREDENTIALS and self._is_unknown(call)):
            self.expired = _line(error)
        if isinstance(error, ClientError):
            self._failures.pop(place, None)
            return _refusal(call, error)
        return Unknown(
            call.action, Why.NO_CREDENTIALS if isinstance(error, _CREDENTIALS) else Why.NO_ANSWER, _line(error)
        )

    def _is_unknown(self, call: Call) -> bool:
        """Return whether AWS does not accept the credentials. A region that is not enabled gives the same errors."""
        who = self.ask(CALLER_IDENTITY) if call is not CALLER_IDENTITY else None
        return isinstance(who, Unknown) and who.why is Why.NO_CREDENTIALS

    def ask_all(self, call: Call, region: str | None = None, **parameters: Any) -> Fact:
        """Make a call page by page, and return the items of all pages as one list."""
        holding, token, says = PAGES[call]
        parameters = {**SIZES.get(call, {}), **parameters}
        items: list[Any] = []
        for _ in range(_MOST_PAGES):
            page = self.ask(call, region, **parameters)
            if not isinstance(page, Found):
                return page
            items.extend(page.value.get(holding) or ())
            following = page.value.get(says)
            if not following:
                return Found(items)
            parameters[token] = following
        return Unknown(call.action, Why.REFUSED, f"AWS gave more than {_MOST_PAGES} pages")

    def _client(self, service: str, region: str) -> BaseClient:
        # Making a client is not thread-safe. Using a client is.
        with self._lock:
            client = self._clients.get((service, region))
            if client is None:
                make = cast("Callable[..., BaseClient]", self._session.client)
                client = make(service, region_name=region, endpoint_url=self._endpoint_url, config=self._config)
                host = urlsplit(client.meta.endpoint_url).hostname or ""
                if service == "s3control" and not host.endswith(".amazonaws.com"):
                    # A stand-in for AWS has no host names that begin with an account.
                    client.meta.events.register_first("request-created.s3-control", _without_account)
                self._clients[service, region] = client
            return client


def _holds(answer: object, path: Sequence[str]) -> bool:
    """Return whether an answer has the part at a path, and the part is not empty."""
    for name in path:
        answer = answer.get(name) if isinstance(answer, Mapping) else None
    return bool(answer) or answer is False or not path


def _without_account(request: Any, **_: object) -> None:
    request.url = re.sub("^(https?://)[0-9]{12}[.]", r"\1", request.url)


def _refusal(call: Call, error: ClientError) -> Fact:
    """Return the fact for an error of AWS."""
    code = _code(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0
    if code in call.absent:
        return NotConfigured()
    if code in _NO_CREDENTIALS:
        why = Why.NO_CREDENTIALS
    elif code in _DENIED:
        why = Why.DENIED
    elif code in _NOT_FOUND:
        why = Why.NOT_FOUND
    elif code in _THROTTLED or status == _TOO_MANY_REQUESTS:
        why = Why.THROTTLED
    elif status >= _FIRST_SERVER_ERROR or code in _NOT_OF_AWS:
        why = Why.NO_ANSWER
    else:
        why = Why.REFUSED
    return Unknown(call.action, why, _line(error))


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _line(error: Exception) -> str:
    text = " ".join(f"{error}".split()).removesuffix(".")
    if len(text) > _LONGEST_LINE:
        # An error can quote the whole page of a proxy.
        text = f"{text[:_LONGEST_LINE]}…"
    return f"the answer lacks {text}" if isinstance(error, KeyError) else text or type(error).__name__
