"""Calls iconik's REST API: one host, verified TLS, no redirects, timeouts, retries.

Standard library only. Only this file sees a token, and no text of it can contain one.
"""

from __future__ import annotations

import http.client
import json
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from .errors import AnswerLostError, IconikApiError, RegistrationError

__all__ = ["Credentials", "IconikClient", "parse_base_url"]

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS: Final = 20.0
_ATTEMPTS: Final = 6
_LONGEST_WAIT: Final = 30.0
_LARGEST_ANSWER: Final = 4 * 1024 * 1024
_LONGEST_TEXT: Final = 600
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

_UNAUTHORIZED, _TOO_MANY = 401, 429


@dataclass(frozen=True)
class Credentials:
    """An iconik application's App-ID and Auth-Token. `repr` shows neither."""

    app_id: str = field(repr=False)
    auth_token: str = field(repr=False)

    def __post_init__(self) -> None:
        for name, value in (("App-ID", self.app_id), ("Auth-Token", self.auth_token)):
            # Checked here, because http.client quotes a bad header value in its error.
            if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
                raise RegistrationError(f"iconik's {name} must be printable ASCII without line breaks, and not empty.")

    def redacted(self, text: str) -> str:
        """Return the text without App-ID and Auth-Token."""
        for secret in sorted((self.app_id, self.auth_token), key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes


class IconikClient:
    """Calls iconik with one application's token.

    Args:
        base_url: the address of iconik: `https://HOST[:PORT]`; `/API` can follow. Plain `http` is allowed only for the
            loopback addresses of this machine.
        credentials: the token.
        timeout: the seconds for connecting, and for each wait for data.
        sleep: waits the given seconds.

    Raises:
        RegistrationError: `base_url` is anything else.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        timeout: float = TIMEOUT_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = base_url
        self._secure, self.host, self._port = parse_base_url(base_url)
        self._credentials = credentials
        self._timeout = timeout
        self._sleep = sleep
        self._rest = 0.0

    def redacted(self, text: str) -> str:
        """Return a text from iconik without App-ID and Auth-Token."""
        return self._credentials.redacted(text)

    def get(self, path: str, **query: str | int) -> Any:
        """Return the object at that path."""
        return self._repeated("GET", f"{path}?{urlencode(query)}" if query else path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send a query. It is repeated if the answer is lost, so do not use it to create something."""
        return self._repeated("POST", path, body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Set fields. Repeating this after a lost answer changes nothing."""
        return self._repeated("PATCH", path, body)

    def delete(self, path: str) -> None:
        """Delete. The answer 404 is success, because an earlier attempt may have deleted it."""
        try:
            self._repeated("DELETE", path, None)
        except IconikApiError as error:
            if error.status != http.HTTPStatus.NOT_FOUND:
                raise

    def create(self, path: str, body: Mapping[str, Any]) -> Any:
        """Create something. This is repeated only if iconik says that nothing happened (429).

        Raises:
            AnswerLostError: it may have been created.
        """
        answer = self._once("POST", path, body)
        for attempt in range(_ATTEMPTS - 1):
            if answer.status != _TOO_MANY:
                break
            self._sleep(_pause(attempt, answer.headers))
            answer = self._once("POST", path, body)
        if answer.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise AnswerLostError(self._failed("POST", path, answer))
        return self._read("POST", path, answer)

    def _repeated(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        for attempt in range(_ATTEMPTS - 1):
            headers: Mapping[str, str] = {}
            try:
                answer = self._once(method, path, body)
                headers = answer.headers
                if answer.status != _TOO_MANY and answer.status < http.HTTPStatus.INTERNAL_SERVER_ERROR:
                    return self._read(method, path, answer)
            except AnswerLostError:
                logger.info("%s %s got no usable answer and is repeated", method, _readable_path(path))
            self._sleep(_pause(attempt, headers))
        return self._read(method, path, self._once(method, path, body))

    def _once(self, method: str, path: str, body: Mapping[str, Any] | None) -> _Answer:
        """Send a request on a new connection, because load balancers drop idle connections."""
        if self._rest:
            self._sleep(self._rest)
            self._rest = 0.0
        connection = self._connection()
        headers = {
            "App-ID": self._credentials.app_id,
            "Auth-Token": self._credentials.auth_token,
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Connection": "close",
        }
        content = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, f"/API{path}", body=content, headers=headers)
            response = connection.getresponse()
            lower_headers = {name.lower(): value for name, value in response.getheaders()}
            answer = _Answer(response.status, lower_headers, response.read(_LARGEST_ANSWER))
        except ssl.SSLCertVerificationError as error:
            raise RegistrationError(
                f"The certificate of {self.host} is not trusted: {error.verify_message}. Nothing was sent."
            ) from None
        except (OSError, http.client.HTTPException) as error:
            raise AnswerLostError(
                f"{method} {_readable_path(path)} at {self.host} got no answer ({type(error).__name__}). Is iconik "
                "available, and can this network connect to it?"
            ) from None
        finally:
            connection.close()
        self._rest = _spent(lower_headers)
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self.host, self._port)
        if self._secure:
            connection = http.client.HTTPSConnection(self.host, self._port, context=ssl.create_default_context())
        connection.timeout = self._timeout
        return connection

    def _read(self, method: str, path: str, answer: _Answer) -> Any:
        if http.HTTPStatus.MULTIPLE_CHOICES <= answer.status < http.HTTPStatus.BAD_REQUEST:
            raise IconikApiError(
                answer.status,
                f"{method} {_readable_path(path)} at {self.host} was redirected. Redirects are not followed, because "
                "the token is for this host only. Set the base URL to the address of your iconik.",
            )
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise IconikApiError(answer.status, self._failed(method, path, answer))
        if answer.status == http.HTTPStatus.NO_CONTENT:
            return None
        try:
            return json.loads(answer.content)
        except ValueError:
            raise AnswerLostError(
                f"{method} {_readable_path(path)} at {self.host} was answered with {answer.status} but not in JSON. Is "
                "the base URL iconik's, or is there a proxy or a maintenance page?"
            ) from None

    def _failed(self, method: str, path: str, answer: _Answer) -> str:
        # Redacted before it is cut. Otherwise half a token could remain.
        error_text = _cut(self.redacted(_errors(answer.content)))
        text = f"{method} {_readable_path(path)} at {self.host} was answered with {answer.status}: {error_text}"
        if answer.status == _UNAUTHORIZED:
            text += " The App-ID and the Auth-Token must belong together and be valid in this iconik."
        return text


def parse_base_url(base_url: str) -> tuple[bool, str, int | None]:
    """Return whether TLS is used, the host and the port.

    Raises:
        RegistrationError: not `https://HOST[:PORT]`, nor `http` on a loopback address.
    """
    fix = "Write iconik's address, such as https://app.iconik.io."
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise RegistrationError(f"The base URL is not a URL. {fix}") from None
    if (
        not host
        or parts.username
        or parts.password
        or parts.path.strip("/") not in ("", "API")
        or parts.query
        or parts.fragment
    ):
        raise RegistrationError(f"The base URL must be a scheme and a host, nothing else. {fix}")
    if parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK):
        return parts.scheme == "https", host, port
    raise RegistrationError(f"The base URL must begin with https://, because the token must be encrypted. {fix}")


def _errors(content: bytes) -> str:
    """Return iconik's error texts. An answer in another form is not quoted."""
    try:
        errors = json.loads(content)["errors"]
        texts = [f"{key}: {value}" for key, value in errors.items()] if isinstance(errors, dict) else map(str, errors)
        return "; ".join(texts)
    except (ValueError, KeyError, TypeError):
        return "without an error text."


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _readable_path(path: str) -> str:
    return path.partition("?")[0]


def _pause(attempt: int, headers: Mapping[str, str]) -> float:
    """Return the seconds to wait: iconik's value, else twice as long each time."""
    retry_after = headers.get("retry-after", "")
    wait = float(retry_after) if retry_after.isdecimal() else 0.5 * 2**attempt
    return min(max(wait, _spent(headers)), _LONGEST_WAIT)


def _spent(headers: Mapping[str, str]) -> float:
    """Return the seconds until another request is allowed. iconik counts by the second."""
    return 1.0 if headers.get("ratelimit-remaining") == "0" else 0.0
