"""What stands before every request: who asks, from where, and under which headers it is answered.

There is no CORS: a page of another site can neither read an answer nor make the service work.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from beholder.errors import BeholderError, Forbidden, Unauthorized
from beholder.service.metrics import Metrics
from beholder.service.problems import problem
from beholder.service.settings import Settings, is_loopback

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' blob:; media-src blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""On every answer. `blob:` lets the page show the files that its user dropped on it."""

_GUARDED = ("/v1/", "/metrics")
"""What needs the token; the page holds nothing, and the health check says nothing."""


class Guard:
    """ASGI middleware; see the top of the file."""

    def __init__(self, app: ASGIApp, *, settings: Settings, metrics: Metrics) -> None:
        """Stand before an application.

        Args:
            app: What is guarded.
            settings: Token and names of the service.
            metrics: Counts requests.
        """
        self._app = app
        self._metrics = metrics
        self._token = None if settings.token is None else settings.token.encode()
        self._hosts = {"localhost", *(host.lower() for host in settings.hosts)}
        # Beyond loopback a token is asked for, which no page of another site knows.
        self._any_host = not is_loopback(settings.host) and not settings.hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.count_request(message["status"])
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            self._check(scope)
        except BeholderError as error:
            await problem(error.code, str(error))(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        self._check_host(headers.get("host", ""))
        _check_origin(headers)
        if self._token is not None and scope["path"].startswith(_GUARDED):
            self._check_token(headers.get("authorization", ""), self._token)

    def _check_host(self, host: str) -> None:
        """Refuse names that are not ours: a foreign name may be made to point at this machine."""
        name = _hostname(host)
        if not (self._any_host or name in self._hosts or is_loopback(name)):
            raise Forbidden(
                f"expected a request for this service, found one for the host {host!r}; "
                "start it with --allow-host if that is its name"
            )

    def _check_token(self, authorization: str, token: bytes) -> None:
        kind, _, given = authorization.partition(" ")
        same = secrets.compare_digest(given.strip().encode(), token)
        if kind.lower() != "bearer" or not same:
            raise Unauthorized(
                "expected the token of the service, found none or another one; "
                "send the header: Authorization: Bearer TOKEN"
            )


def _check_origin(headers: Any) -> None:
    """Refuse what a page of another site sends; browsers say so, and pages cannot forge it."""
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        raise Forbidden(
            f"expected a request from the service's own page, found one from {origin!r}; "
            "open the service by its own address"
        )


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
