"""A small HTTP server for feeds, article pages and webhooks, which answers as told and records what it was asked.

with http_server() as http:
    http.route("/feed.xml", Reply(body=FEED, content_type="application/rss+xml", etag='"1"'))
    http.route("/old.xml", redirect("/feed.xml", status=301))
    http.route("/hook", Reply(status=503), Reply(status=503), Reply(status=204))    # in turn, then the last
    ...
    assert [request.path for request in http.requests] == [...]
"""

import contextlib
import email.utils
import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.servers.daemon import ServerError
from tests.servers.gate import Gate
from tests.servers.loopback import HOST, free_port

_PADDING_CHUNK = b" " * 65_536


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Drip:
    """Send the body in pieces of ``size`` bytes with a pause of ``every`` seconds between them."""

    size: int
    every: float


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    Args:
        status: HTTP status.
        body: text is sent as UTF-8.
        content_type: as sent, with charset where wanted; None sends no such header.
        headers: further headers; they win over those that the server works out, Content-Length included.
        etag: with its quotes; a request that names it in If-None-Match gets 304.
        last_modified: a request whose If-Modified-Since is not before it gets 304 (unless it has an If-None-Match).
        compress: gzip the body for clients that accept it.
        chunked: send the body with Transfer-Encoding: chunked, so that its size is not known before.
        padding: so many blanks follow the body, made while they are sent.
        drip: send the body slowly.
        cut_after: close the connection after so many bytes of the body, whatever Content-Length promised.
        gate: answer only once it is released.
    """

    status: int = 200
    body: bytes | str = b""
    content_type: str | None = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: datetime | None = None
    compress: bool = False
    chunked: bool = False
    padding: int = 0
    drip: Drip | None = None
    cut_after: int | None = None
    gate: Gate | None = None


Answer = Reply | Callable[[Request], Reply]


def redirect(location: str, *, status: int = 302) -> Reply:
    """An answer that sends the client to ``location``, a path or an absolute address."""
    return Reply(status=status, headers={"Location": location})


class HttpServer:
    """See the module. Safe to use from several threads; a path without a route answers 404.

    Args:
        tls: context for HTTPS, or None for plain HTTP.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.host = HOST
        self.port = free_port()
        self._tls = tls
        self._changed = threading.Condition()
        self._requests: list[Request] = []
        self._routes: dict[str, list[Answer]] = {}
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The server's address, without a slash at its end."""
        return f"{'https' if self._tls else 'http'}://{self.host}:{self.port}"

    @property
    def requests(self) -> Sequence[Request]:
        """Everything asked so far, oldest first."""
        with self._changed:
            return tuple(self._requests)

    def requests_for(self, path: str) -> Sequence[Request]:
        """Everything asked of ``path`` so far, oldest first."""
        return [request for request in self.requests if request.path == path]

    def wait_for(self, count: int, *, path: str | None = None, seconds: float = 30.0) -> Sequence[Request]:
        """All requests (of ``path``), as soon as there are ``count``.

        Raises:
            ServerError: there were fewer after ``seconds``.
        """

        def asked() -> list[Request]:
            return [request for request in self._requests if path is None or request.path == path]

        with self._changed:
            if not self._changed.wait_for(lambda: len(asked()) >= count, timeout=seconds):
                raise ServerError(f"{len(asked())} of {count} requests for {path or 'any path'} came in {seconds:g} s")
            return asked()

    def route(self, path: str, *answers: Answer) -> str:
        """Answer requests for ``path`` with these in turn, and with the last one for ever; returns the full address."""
        if not answers:
            raise ValueError(f"no answer given for {path}")
        with self._changed:
            self._routes[path] = list(answers)
        return self.url + path

    def start(self) -> None:
        """Listen; the port stays the same from one start to the next."""
        try:
            self._listener = _Listener(self, self._tls)
        except OSError as error:
            raise ServerError(f"HTTP cannot listen on {self.host}:{self.port}: {error}") from error
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, name="http-server", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, cut every connection and let go what is held; routes and requests stay."""
        if self._listener is None or self._thread is None:
            return
        self._listener.shutdown()
        self._thread.join()
        self._listener.cut_connections()
        self._listener.server_close()
        self._listener = self._thread = None

    def _answer(self, request: Request) -> Reply:
        with self._changed:
            self._requests.append(request)
            self._changed.notify_all()
            answers = self._routes.get(request.path)
            if answers is None:
                return Reply(status=404, body=f"nothing at {request.path}")
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer if isinstance(answer, Reply) else answer(request)


class _Listener(ThreadingHTTPServer):
    """Knows its connections, so that stopping it also ends those that are kept alive, dripping or held."""

    # Joined by server_close, after their connections were cut.
    daemon_threads = False

    def __init__(self, owner: HttpServer, tls: ssl.SSLContext | None) -> None:
        self.owner = owner
        self.closing = threading.Event()
        self._tls = tls
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._held: set[Gate] = set()
        super().__init__((owner.host, owner.port), _Connection)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Every connection is known before its thread starts, so that none escapes ``cut_connections``."""
        connection, address = super().get_request()
        if self._tls is not None:
            # The handshake is left to the thread: a client that never shakes hands holds up nobody else.
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._connections.add(connection)
        return connection, address

    def finish_request(self, request: Any, client_address: Any) -> None:
        with contextlib.suppress(OSError):
            if isinstance(request, ssl.SSLSocket):
                request.do_handshake()
            super().finish_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def hold(self, gate: Gate) -> None:
        with self._lock:
            self._held.add(gate)
        if not self.closing.is_set():
            gate.hold()

    def cut_connections(self) -> None:
        self.closing.set()
        with self._lock:
            waiting, connections = tuple(self._held), tuple(self._connections)
        for connection in connections:
            # Not SSLSocket's own way, which takes its state from under the thread that reads from it.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        # Last, or what was held could still be answered.
        for gate in waiting:
            gate.release()


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def log_message(self, *args: object) -> None:
        """Requests are recorded, not printed."""

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:
            # The client went away, or the server was stopped.
            self.close_connection = True

    def answer(self) -> None:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            self.send_error(411)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, target.path, target.query, headers, body)
        reply = self.server.owner._answer(request)
        if reply.gate is not None:
            self.server.hold(reply.gate)
        if _unchanged(reply, request):
            self._send_head(304, _validators(reply))
        else:
            self._send(reply, request)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815

    def _send(self, reply: Reply, request: Request) -> None:
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        headers = _validators(reply)
        if reply.content_type is not None:
            headers["Content-Type"] = reply.content_type
        if reply.compress:
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in request.headers.get("accept-encoding", ""):
                body = gzip.compress(body, mtime=0)
                headers["Content-Encoding"] = "gzip"
        if reply.chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif reply.status != 204:
            headers["Content-Length"] = str(len(body) + reply.padding)
        self._send_head(reply.status, headers | dict(reply.headers))
        if request.method != "HEAD":
            self._send_body(reply, body)

    def _send_head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send_body(self, reply: Reply, body: bytes) -> None:
        left = reply.cut_after
        for piece in _pieces(reply, body):
            part = piece if left is None else piece[:left]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part) if reply.chunked and part else part)
            if left is not None:
                left -= len(part)
                if left <= 0:
                    self.close_connection = True
                    return
            if reply.drip is not None and self.server.closing.wait(reply.drip.every):
                self.close_connection = True
                return
        if reply.chunked:
            self.wfile.write(b"0\r\n\r\n")


def _pieces(reply: Reply, body: bytes) -> Iterator[bytes]:
    size = reply.drip.size if reply.drip else len(_PADDING_CHUNK)
    for start in range(0, len(body), size):
        yield body[start : start + size]
    for start in range(0, reply.padding, size):
        yield _PADDING_CHUNK[: min(size, reply.padding - start)]


def _validators(reply: Reply) -> dict[str, str]:
    headers = {}
    if reply.etag is not None:
        headers["ETag"] = reply.etag
    if reply.last_modified is not None:
        headers["Last-Modified"] = email.utils.format_datetime(reply.last_modified, usegmt=True)
    return headers


def _unchanged(reply: Reply, request: Request) -> bool:
    """Whether the client has this body already, as RFC 9110 section 13.2.2 puts it."""
    if request.method not in ("GET", "HEAD") or reply.status != 200:
        return False
    known = request.headers.get("if-none-match")
    if known is not None:
        tags = [tag.strip().removeprefix("W/") for tag in known.split(",")]
        return reply.etag is not None and ("*" in tags or reply.etag.removeprefix("W/") in tags)
    since = request.headers.get("if-modified-since")
    if since is None or reply.last_modified is None:
        return False
    try:
        return reply.last_modified.replace(microsecond=0) <= email.utils.parsedate_to_datetime(since)
    except ValueError:
        return False


@contextmanager
def http_server(*, tls: ssl.SSLContext | None = None) -> Iterator[HttpServer]:
    """A listening server; see ``HttpServer`` for the argument."""
    server = HttpServer(tls=tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()
