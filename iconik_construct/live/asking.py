"""Asks AWS, and makes each call's outcome a value: nothing here raises, whatever AWS does.

Apart because nothing else in this room speaks to AWS, so that what is asked can be read, recorded and refused in one
place. Throttled calls are made again a few times by boto3 itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

from boto3.session import Session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from .calls import Call
from .outcome import Absent, NotRead, Outcome, Read, Why

__all__ = ["Aws"]

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


class Aws:
    """Asks AWS with one set of credentials; may be used by several threads.

    Args:
        session: whose credentials.
        region: where services are asked that have no region of their own in a call. Default: the session's.
        connections: how many calls may be under way at a time.
    """

    def __init__(self, session: Session, region: str | None = None, *, connections: int = 10) -> None:
        self.region = region or session.region_name or DEFAULT_REGION
        self._session = session
        self._config = Config(
            connect_timeout=10,
            read_timeout=20,
            max_pool_connections=connections,
            retries={"mode": "standard", "total_max_attempts": 5},
        )
        self.calls = 0
        """How many calls were made, retries not counted."""
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._lock = Lock()

    def ask(self, call: Call, region: str | None = None, **parameters: Any) -> Outcome:
        """Make one call."""
        with self._lock:
            self.calls += 1
        try:
            method = getattr(self._client(call.service, region or self.region), call.operation, None)
            if method is None:
                return NotRead(call.action, Why.UNKNOWN, f"boto3 has no {call.service}.{call.operation}")
            answer = dict(method(**parameters))
        except ClientError as error:
            return _refusal(call, error)
        except (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError) as error:
            return NotRead(call.action, Why.NO_CREDENTIALS, _line(error))
        except (SSOError, TokenRetrievalError) as error:
            return NotRead(call.action, Why.NO_CREDENTIALS, _line(error))
        except (BotoCoreError, ResponseParserError, OSError, ValueError) as error:
            return NotRead(call.action, Why.SILENT, _line(error))
        answer.pop("ResponseMetadata", None)
        return Read(answer)

    def ask_all(
        self, call: Call, holding: str, token: str, region: str | None = None, *, says: str | None = None, **more: Any
    ) -> Outcome:
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
            if not isinstance(page, Read):
                return page
            found.extend(page.value.get(holding) or ())
            following = page.value.get(says or token)
            if not following:
                return Read(found)
            more = {**more, token: following}
        return NotRead(call.action, Why.REFUSED, f"AWS gave more than {_MOST_PAGES} pages")

    def _client(self, service: str, region: str) -> BaseClient:
        # Making a client is not safe in several threads, using one is.
        with self._lock:
            found = self._clients.get((service, region))
            if found is None:
                make: Callable[..., BaseClient] = self._session.client
                found = make(service, region_name=region, config=self._config)
                host = urlsplit(found.meta.endpoint_url).hostname or ""
                if service == "s3control" and not host.endswith(".amazonaws.com"):
                    # A stand-in for AWS has no host names with an account in front.
                    found.meta.events.register_first("request-created.s3-control", _without_account)
                self._clients[service, region] = found
            return found


def _without_account(request: Any, **_: object) -> None:
    request.url = re.sub("^(https?://)[0-9]{12}[.]", r"\1", request.url)


def _refusal(call: Call, error: ClientError) -> Outcome:
    """Return what an error of AWS's says."""
    answer = error.response
    code = str(answer.get("Error", {}).get("Code", ""))
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0
    if code in call.absent:
        return Absent()
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
    return NotRead(call.action, why, _line(error))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
