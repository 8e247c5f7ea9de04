"""Where test servers listen: loopback ports that stay theirs across a restart."""

import random
import socket

from tests.servers.daemon import ServerError

HOST = "127.0.0.1"

# Below the range from which systems take the ports of outgoing connections: a client that keeps knocking while its
# server is down could otherwise be given the server's own port.
_PORTS = range(15_000, 32_000)
_TRIES = 200


def free_port() -> int:
    """A loopback TCP port that nobody listens on now.

    Raises:
        ServerError: none of many ports tried was free.
    """
    for port in random.SystemRandom().sample(_PORTS, _TRIES):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ServerError(f"none of {_TRIES} ports tried between {_PORTS.start} and {_PORTS.stop} on {HOST} is free")
