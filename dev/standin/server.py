"""Serves the stand-in over HTTP on a free port of this machine, in a thread."""

from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from werkzeug import Request, Response
from werkzeug.datastructures import Headers
from werkzeug.serving import WSGIRequestHandler, make_server

from .contract import Contract
from .faults import Fault, FaultKind, Faults
from .storages import Access, RefusedError, Storages, Try

_PREFIX = "/API"


@dataclass(frozen=True, kw_only=True)
class Account:
    """Who may call, and whose storages they then see."""

    app_id: str
    auth_token: str
    system_domain_id: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request that arrived, without its headers."""

    method: str
    path: str
    status: int
    body: Any


class IconikStandin:
    """A running stand-in; a context manager.

    Args:
        accounts: who may call.
        attempt: what AWS lets iconik do; by default everything.
        tls: whether to serve HTTPS, with a certificate that nobody vouches for.
    """

    def __init__(self, *accounts: Account, attempt: Try | None = None, tls: bool = False) -> None:
        self.accounts = list(accounts)
        self.faults = Faults()
        self.calls: list[Call] = []
        self.complaints: list[str] = []
        """What was wrong with our own answers; a test expects none."""
        self.storages = Storages(attempt=attempt or (lambda _settings, _domain: Access()))
        self._server = make_server(
            "127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet, ssl_context="adhoc" if tls else None
        )
        scheme = "https" if tls else "http"
        self.base_url = f"{scheme}://127.0.0.1:{self._server.server_port}"
        self._contract = Contract()
        self._lock = threading.RLock()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> IconikStandin:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the storages of that name, of all system domains."""
        return [
            item for storages in self.storages.by_domain.values() for item in storages.values() if item["name"] == name
        ]

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        path = request.path.removeprefix(_PREFIX)
        fault = self.faults.take(request.method, path)
        response = self._carried_out(request, path) if fault is None or fault.after_effect else None
        if fault is not None:
            response = self._spoiled(fault, request) or response
        if response is None:
            response = self._carried_out(request, path)
        self.calls.append(
            Call(method=request.method, path=path, status=response.status_code, body=_json(request.get_data()))
        )
        if fault is not None and fault.kind is FaultKind.DROP:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return response(environ, start_response)

    def _carried_out(self, request: Request, path: str) -> Response:
        try:
            self._contract.check_request(request)
            domain = self._domain(request.headers)
            with self._lock:
                status, body = self._operation(domain, request, path.strip("/").split("/"))
        except RefusedError as refused:
            status, body = refused.status, {"errors": refused.errors}
        if status == 204:  # noqa: PLR2004
            response = Response(status=status)
        else:
            response = Response(json.dumps(body), status=status, content_type="application/json")
        complaint = self._contract.complaint(request, response)
        if complaint:
            self.complaints.append(f"{request.method} {path} {status}: {complaint}")
        return response

    def _domain(self, headers: Headers) -> str:
        for account in self.accounts:
            if (headers.get("App-ID"), headers.get("Auth-Token")) == (account.app_id, account.auth_token):
                return account.system_domain_id
        raise RefusedError(401, ["Unauthorized"])

    def _operation(self, domain: str, request: Request, parts: list[str]) -> tuple[int, Any]:  # noqa: PLR0911 a call a line
        body = request.get_json(silent=True) or {}
        storages = self.storages
        match request.method, parts:
            case "GET", ["settings", "v1", "system", "current"]:
                return 200, {"system_domain_id": domain}
            case "GET", ["files", "v1", "storages"]:
                name, page, size = (request.args.get(key, "") for key in ("name", "page", "per_page"))
                return 200, storages.page(domain, name, int(page or 1), int(size or 10))
            case "POST", ["files", "v1", "storages"]:
                return 201, storages.create(domain, body)
            case "POST", ["files", "v1", "storages", "verifications", check]:
                return 200, getattr(storages, check)(domain, body["settings"])
            case "GET", ["files", "v1", "storages", storage_id, "verifications", check]:
                return 200, getattr(storages, check)(domain, storages.get(domain, storage_id)["settings"])
            case "GET", ["files", "v1", "storages", storage_id]:
                return 200, storages.get(domain, storage_id)
            case "PATCH", ["files", "v1", "storages", storage_id]:
                return 200, storages.patch(domain, storage_id, body)
            case "DELETE", ["files", "v1", "storages", storage_id]:
                storages.delete(domain, storage_id)
                return 204, None
        raise RefusedError(404, ["no such call"])

    @staticmethod
    def _spoiled(fault: Fault, request: Request) -> Response | None:
        match fault.kind:
            case FaultKind.DROP:
                return Response(status=200)  # for the record; nobody gets it
            case FaultKind.NOT_JSON:
                return Response("<html>We will be back soon</html>", content_type="text/html")
            case FaultKind.REDIRECT:
                return Response(status=302, headers={"Location": fault.location})
            case FaultKind.ECHO:
                text = f"bad token {request.headers.get('Auth-Token')} of {request.headers.get('App-ID')}"
                return Response(json.dumps({"errors": [text]}), status=400, content_type="application/json")
            case FaultKind.SLOW:
                time.sleep(fault.seconds)
                return None
        body = json.dumps({"errors": [f"fault {fault.status}"]})
        return Response(body, status=fault.status, headers=dict(fault.headers), content_type="application/json")


class _Quiet(WSGIRequestHandler):
    """Logs nothing: a dropped connection is meant."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        pass

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        pass


def _json(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return data
