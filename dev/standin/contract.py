"""Holds requests and answers against `openapi.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from openapi_core import OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.paths.exceptions import PathNotFound
from openapi_core.templating.security.exceptions import SecurityNotFound
from werkzeug import Request, Response

from .storages import RefusedError

DESCRIPTION = Path(__file__).with_name("openapi.yaml")


@cache
def _description() -> OpenAPI:
    document: dict[str, Any] = yaml.safe_load(DESCRIPTION.read_text())
    variables = {"scheme": {"default": "http", "enum": ["http", "https"]}, "port": {"default": "80"}}
    document["servers"] = [{"url": "{scheme}://127.0.0.1:{port}/API", "variables": variables}]
    return OpenAPI.from_dict(document)


class Contract:
    """The description, for a server on this machine."""

    def __init__(self) -> None:
        self._openapi = _description()

    def check_request(self, request: Request) -> None:
        """Refuse a request that the description does not allow, in iconik's own form."""
        try:
            self._openapi.validate_request(WerkzeugOpenAPIRequest(request))
        except OpenAPIError as error:
            cause = _root(error)
            if isinstance(cause, SecurityNotFound):
                raise RefusedError(401, ["Unauthorized"]) from error
            raise RefusedError(404 if isinstance(cause, PathNotFound) else 400, [_text(cause)]) from error

    def complaint(self, request: Request, response: Response) -> str:
        """Return what is wrong with an answer of ours, or nothing."""
        try:
            self._openapi.validate_response(WerkzeugOpenAPIRequest(request), WerkzeugOpenAPIResponse(response))
        except OpenAPIError as error:
            return _text(_root(error))
        return ""


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _text(error: BaseException) -> str:
    found = getattr(error, "schema_errors", None)
    return "; ".join(item.message for item in found) if found else str(error)
