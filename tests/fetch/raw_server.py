"""A TCP server that says exactly the bytes it is given, for what no HTTP library would send."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from tests.servers.loopback import HOST


@contextlib.contextmanager
def saying(*pieces: bytes, pause: float = 0.0, close: bool = True, host: str = HOST) -> Iterator[str]:
    """Serve one address: read a request's head, send the pieces (``pause`` seconds between them), close.

    close False: keep the connection open afterwards, silent, until the end.
    """
    over = threading.Event()
    threads: list[threading.Thread] = []

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(65_536) or b"\r\n\r\n"
            for piece in pieces:
                connection.sendall(piece)
                if pause and over.wait(pause):
                    return
            if not close:
                over.wait()

    def serve(listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            if over.is_set():
                connection.close()
                return
            threads.append(threading.Thread(target=answer, args=(connection,), daemon=True))
            threads[-1].start()

    with socket.create_server((host, 0)) as listener:
        port = listener.getsockname()[1]
        server = threading.Thread(target=serve, args=(listener,), daemon=True)
        server.start()
        try:
            yield f"http://{host}:{port}/feed"
        finally:
            over.set()
            socket.create_connection((host, port)).close()
            server.join()
            for thread in threads:
                thread.join()
