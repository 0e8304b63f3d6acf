"""What every answer of the review desk carries and every request must obey: headers, no foreign origin, no endless body.

The content policy allows nothing inline and nothing from elsewhere: a name or file name of a stranger stays text even where a page
should forget to escape it, and the desk works with the network gone (P9).
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# an original comes from a stranger: should a browser open it all the same, nothing in it may run
ORIGINAL_POLICY = "sandbox; default-src 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
FORM_BYTES = 1 << 20
UPLOADS = ("/hand-in", "/api/deliveries")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class TooLarge(Exception):
    """The body went over its limit while it was read."""


class Guard:
    """ASGI middleware around the whole desk. `upload_bytes`: largest body of a handed-in file; `https`: served with TLS.

    `defect` makes the answer to a fault of ours. It ends here: the server would log the error's text, which may quote a value (P8).
    """

    def __init__(
        self, app: ASGIApp, upload_bytes: int, https: bool, defect: Callable[[Request, Exception], Response]
    ) -> None:
        self.app = app
        self._defect = defect
        self._upload_bytes = upload_bytes
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        sending = self._with_headers(send, path)
        if scope["method"] not in SAFE and _foreign(headers):
            await PlainTextResponse("This came from another site and was refused.", 403)(scope, receive, sending)
            return
        most = self._upload_bytes if path in UPLOADS else FORM_BYTES
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > most:
            await self._too_large(scope, receive, sending, most)
            return
        begun, body = False, _Body(receive, most)

        async def watched(message: Message) -> None:
            nonlocal begun
            # whoever read the body may have made an answer of its own out of the interruption
            if begun or not body.over:
                begun = True
                await sending(message)

        try:
            await self.app(scope, body.receive, watched)
        except Exception as error:
            if not begun and not body.over:
                answer = await run_in_threadpool(self._defect, Request(scope), error)
                await answer(scope, receive, sending)
        if body.over and not begun:
            await self._too_large(scope, receive, sending, most)

    async def _too_large(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        says = f"That is larger than {most >> 20} MB and was not taken. Split it, or ask your administrator."
        await PlainTextResponse(says, 413)(scope, receive, send)

    def _with_headers(self, send: Send, path: str) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", POLICY)
                # patient data must not stay in the browser of a shared machine
                headers.setdefault("Cache-Control", "max-age=3600" if path.startswith("/static/") else "no-store")
                if self._https:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        return sending


def _foreign(headers: Headers) -> bool:
    """Whether a browser says that another site sent this. Programs send neither header."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


class _Body:
    """A request's body that ends with TooLarge once it is over its limit."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._left = receive, most
        self.over = False

    async def receive(self) -> Message:
        """The next piece."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self.over = True
                raise TooLarge
        return message
