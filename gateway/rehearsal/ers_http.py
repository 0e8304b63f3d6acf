"""HTTP/1.1 on loopback for the rehearsal e-RS: reading requests, writing answers, cutting and refusing connections."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from gateway.rehearsal.ers_door import Door
from gateway.rehearsal.ers_engine import Engine
from gateway.rehearsal.ers_operations import Answer
from gateway.rehearsal.ers_tokens import TokenRefusal, Tokens

FHIR_PATH = "/referrals/FHIR"
_LARGEST_BODY = 64 * 1024 * 1024


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    listener: Listener

    def server_bind(self) -> None:
        """Binds without asking the network for this machine's name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are no news."""


class Listener:
    """One listening port that can refuse connections for a while and listen again on the same number."""

    def __init__(self, engine: Engine, door: Door, tokens: Tokens, host: str, port: int, *, door_only: bool) -> None:
        self.engine, self.door, self.tokens = engine, door, tokens
        self.door_only = door_only
        self.host, self.port = host, port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._held: socket.socket | None = None
        self._guard = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._counting = threading.Lock()
        self._here = threading.local()

    @property
    def url(self) -> str:
        """The origin, e.g. `http://127.0.0.1:40000`."""
        return f"http://{self.host}:{self.port}"

    def listen(self) -> None:
        """Accepts connections, again if it refused them."""
        with self._guard:
            if self._server is not None:
                return
            if self._held is not None:
                self._held.close()
                self._held = None
            server = _Server((self.host, self.port), _Handler)
            server.listener = self
            self.port = server.server_address[1]
            self._thread = threading.Thread(
                target=server.serve_forever, args=(0.05,), daemon=True, name="rehearsal-ers"
            )
            self._thread.start()
            self._server = server

    def refuse(self) -> None:
        """Closes the port and every connection; the number stays ours, bound but not listening."""
        with self._guard:
            if self._server is None:
                return
            self._stop()
            held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind((self.host, self.port))
            self._held = held

    def close(self) -> None:
        """Stops for good."""
        with self._guard:
            if self._server is not None:
                self._stop()
            if self._held is not None:
                self._held.close()
                self._held = None

    def _stop(self) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        spared = getattr(self._here, "connection", None)
        with self._counting:
            open_now = list(self._connections)
        for connection in open_now:
            if connection is not spared:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def opened(self, connection: socket.socket) -> None:
        """A connection has come; it belongs to the calling thread."""
        with self._counting:
            self._connections.add(connection)
        self._here.connection = connection

    def ended(self, connection: socket.socket) -> None:
        """A connection has gone."""
        with self._counting:
            self._connections.discard(connection)

    @property
    def refusing(self) -> bool:
        """Whether the port is closed."""
        return self._server is None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "RehearsalErs"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024  # head and body leave in one packet
    timeout = 120
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.listener.opened(self.connection)

    def finish(self) -> None:
        self.server.listener.ended(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def handle_expect_100(self) -> bool:
        """Lets the client send its body now: the interim answer must not wait in the buffer."""
        go_on = super().handle_expect_100()
        self.wfile.flush()
        return go_on

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: paths hold UBRNs, and the door tells what happened (P8)."""

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def _serve(self, method: str) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            self._write(Answer(413))
            return
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        listener = self.server.listener
        if path.startswith("/rehearsal/"):
            answer: Answer | None = listener.door.answer(method, path.removeprefix("/rehearsal"), query, body)
        elif listener.door_only:
            answer = Answer(404)
        elif path.startswith(FHIR_PATH + "/"):
            answer = listener.engine.answer(method, path.removeprefix(FHIR_PATH), query, self.headers, body)
        else:
            answer = self._sign_in(method, path, query, body)
        if answer is None:
            self._cut()
            return
        if listener.refusing:
            self.close_connection = True
        self._write(answer)

    def _body(self) -> bytes | None:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            found = bytearray()
            while size := int(self.rfile.readline().split(b";")[0], 16):
                found += self.rfile.read(size)
                self.rfile.readline()
                if len(found) > _LARGEST_BODY:
                    return None
            self.rfile.readline()
            return bytes(found)
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if 0 <= length <= _LARGEST_BODY else None

    def _cut(self) -> None:
        """The answer is lost: the connection ends without a byte."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("X-Rehearsal", "true")
        self.send_header("X-Request-ID", self.server.listener.engine.store.new_id())
        if correlation := self.headers.get("X-Correlation-ID"):
            self.send_header("X-Correlation-ID", correlation)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.content_type:
            self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def _sign_in(self, method: str, path: str, query: dict[str, str], body: bytes) -> Answer | None:
        listener = self.server.listener
        names = {("GET", "/oauth2/authorize"): "AUTHORIZE", ("POST", "/oauth2/token"): "TOKEN"}
        name = names.get((method, path))
        if (method, path) == ("GET", "/.well-known/openid-configuration"):
            return _oauth(200, _discovery(listener.url))
        if name is None:
            return Answer(404)
        store, struck = listener.engine.store, listener.engine.faults.take(name)
        store.called(name)
        if "lost_before" in struck:
            return None
        for kind in ("down", "429", "500", "503"):
            if kind in struck:
                return Answer(503 if kind == "down" else int(kind))
        try:
            if name == "AUTHORIZE":
                answer = Answer(302, headers={"Location": listener.tokens.authorize(query)})
            else:
                kind = self.headers.get("Content-Type", "").split(";")[0].strip().lower()
                if kind != "application/x-www-form-urlencoded":
                    raise TokenRefusal("invalid_request", "the body must be a form")
                form = dict(parse_qsl(body.decode("utf-8", "replace")))
                answer = _oauth(200, dict(listener.tokens.token(form, f"{listener.url}/oauth2/token")))
        except TokenRefusal as refusal:
            answer = _oauth(refusal.status, {"error": refusal.error, "error_description": refusal.says})
        store.count(name, answer.status)
        return None if "lost_after" in struck else answer


def _oauth(status: int, value: dict[str, object]) -> Answer:
    return Answer(status, json.dumps(value).encode(), "application/json", {"Cache-Control": "no-store"})


def _discovery(origin: str) -> dict[str, object]:
    return {
        "issuer": origin,
        "authorization_endpoint": f"{origin}/oauth2/authorize",
        "token_endpoint": f"{origin}/oauth2/token",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS512"],
    }
