"""Servers that keep connections and count them, and a proxy that remembers what it was asked."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.loopback import HOST

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwire"


class KeepingServer(socketserver.ThreadingTCPServer):
    """Gives every request the same answer; hangs up after so many answers on one connection.

    Attributes:
        connections: how many were opened so far.
    """

    daemon_threads = True

    def __init__(self, answer: bytes, answers_per_connection: int) -> None:
        super().__init__((HOST, 0), _KeepAlive)
        self.answer = answer
        self.answers_per_connection = answers_per_connection
        self.connections = 0
        self.url = f"http://{HOST}:{self.server_address[1]}/feed"


class _KeepAlive(socketserver.StreamRequestHandler):
    server: KeepingServer

    def handle(self) -> None:
        self.server.connections += 1
        for _ in range(self.server.answers_per_connection):
            length, line = 0, self.rfile.readline()
            if not line:
                return
            while line not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
                line = self.rfile.readline()
            self.rfile.read(length)
            self.wfile.write(self.server.answer)


class ProxyServer(socketserver.ThreadingTCPServer):
    """Forwards everything to one target, whatever host was asked for.

    Attributes:
        targets: the method and target of each request line.
        heads: the headers of each request.
    """

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__((HOST, 0), _Forwarding)
        self.target = HOST, port
        self.targets: list[str] = []
        self.heads: list[str] = []
        self.url = f"http://{HOST}:{self.server_address[1]}"


class _Forwarding(socketserver.StreamRequestHandler):
    server: ProxyServer
    rbufsize = 0  # what follows the head belongs to the tunnel

    def handle(self) -> None:
        method, target, _ = self.rfile.readline().decode().split()
        headers = list(iter(self.rfile.readline, b"\r\n"))
        self.server.targets.append(f"{method} {target}")
        self.server.heads.append(b"".join(headers).decode())
        with socket.create_connection(self.server.target) as upstream:
            if method == "CONNECT":
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = "/" + target.split("/", 3)[3]
                upstream.sendall(f"{method} {path} HTTP/1.1\r\n".encode() + b"".join(headers) + b"\r\n")
            threading.Thread(target=_pump, args=(self.connection, upstream), daemon=True).start()
            _pump(upstream, self.connection)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


@contextmanager
def keeping(answer: bytes = OK, answers_per_connection: int = 1_000) -> Iterator[KeepingServer]:
    with KeepingServer(answer, answers_per_connection) as server, _running(server):
        yield server


@contextmanager
def proxy_before(port: int) -> Iterator[ProxyServer]:
    with ProxyServer(port) as server, _running(server):
        yield server


@contextmanager
def _running(server: socketserver.ThreadingTCPServer) -> Iterator[None]:
    server.block_on_close = False  # clients keep their connections
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
