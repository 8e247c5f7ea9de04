"""Sockets under guard: only addresses that may be reached, and no wait beyond the request's deadline.

httpx limits each read, so a server that drips one byte a second is read for ever; and it connects to whatever a name
resolves to. Both are decided where the socket is. So the sockets are opened here, below the HTTP protocol that httpcore
speaks. A kept connection serves many requests: the policy of the request at hand is found in a context variable.
"""

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import httpcore

from pipeline.fetch.addresses import Resolver, is_reachable


class NetworkFault(Exception):
    """A request failed; its text completes "URL: ...".

    Attributes:
        refused: our own rules forbid it, so a retry will not help.
    """

    def __init__(self, reason: str, refused: bool = False) -> None:
        super().__init__(reason)
        self.refused = refused


class Deadline:
    """A moment after which nothing is waited for any more, on the monotonic clock.

    Attributes:
        seconds: how far away it was at the start.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self, at_most: float | None = None) -> float:
        """The seconds that may still be waited. Raises NetworkFault when there are none."""
        remaining = self._end - time.monotonic()
        if remaining <= 0:
            raise NetworkFault(f"it took longer than the {self.seconds:g} s that it may take in all")
        return remaining if at_most is None else min(at_most, remaining)

    def spent(self) -> float:
        """The seconds since the start."""
        return time.monotonic() - self._end + self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPolicy:
    """What a request may do.

    Attributes:
        deadline: when it must be over.
        private: whether addresses that are not public may be reached.
        read_timeout: seconds that a single connect or read may take.
        resolve: the name resolver.
    """

    deadline: Deadline
    private: bool
    read_timeout: float
    resolve: Resolver


@dataclass(slots=True)
class _Request:
    """The request that this thread is making. connections: how many were opened for it."""

    policy: RequestPolicy
    connections: int = field(default=0)


_current: ContextVar[_Request] = ContextVar("request")


@contextmanager
def request_under(policy: RequestPolicy) -> Iterator[_Request]:
    """Make a request under a policy: it holds for all that this thread does with sockets of a ``GuardedBackend``."""
    request = _Request(policy)
    token = _current.set(request)
    try:
        yield request
    finally:
        _current.reset(token)


def reachable_addresses(host: str, port: int, policy: RequestPolicy) -> list[str]:
    """The addresses of a host that the policy allows.

    Raises:
        NetworkFault: the name is unknown, or (refused) all its addresses are forbidden.
    """
    try:
        addresses = policy.resolve(host, port, policy.deadline.left(policy.read_timeout))
    except OSError as error:
        raise NetworkFault(f"the name {host} cannot be resolved ({error}); check its spelling") from error
    allowed = [address for address in addresses if is_reachable(address, policy.private)]
    if addresses and not allowed:
        raise NetworkFault(f"{host} is an address of a private network, which may not be asked here", refused=True)
    return allowed


class GuardedBackend(httpcore.NetworkBackend):
    """Opens sockets for httpcore.

    Args:
        proxy_host: the operator's own proxy, which may be reached whatever its address.
    """

    def __init__(self, proxy_host: str | None = None) -> None:
        self._proxy_host = proxy_host
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that may be reached and answers: the one checked is the one used."""
        request = _current.get()
        policy = request.policy
        addresses = [host] if host == self._proxy_host else reachable_addresses(host, port, policy)
        request.connections += 1
        for number, address in enumerate(addresses, start=1):
            wait = policy.deadline.left(timeout)
            try:
                stream = self._sockets.connect_tcp(address, port, wait, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
            else:
                return _GuardedStream(stream)
        raise NetworkFault(f"the name {host} has no address")


class _GuardedStream(httpcore.NetworkStream):
    """A stream whose every wait ends at the deadline of the request at hand."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _current.get().policy.deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _current.get().policy.deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait = _current.get().policy.deadline.left(timeout)
        return _GuardedStream(self._stream.start_tls(ssl_context, server_hostname, wait))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
