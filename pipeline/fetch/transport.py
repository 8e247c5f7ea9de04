"""One HTTP exchange under guard: a time limit on the whole of it, and only addresses that may be reached.

httpx checks time a read at a time, so that a server that drips one byte a second is read for ever, and it connects to
whatever a name resolves to. Both are decided where the socket is, so the sockets are opened here, below the HTTP
protocol that httpcore speaks. Every exchange has connections of its own: none that was allowed for one request can
serve another one for which it is not.
"""

import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore
import httpx

from pipeline import __version__
from pipeline.fetch.addresses import Resolver, is_private, is_reachable

USER_AGENT = f"Wirewatch/{__version__.rpartition('.')[0]}"  # major.minor


class NetworkFault(Exception):
    """An exchange failed; its text completes "URL: ...". refused: by our own rules, so that no retry will help."""

    def __init__(self, reason: str, refused: bool = False) -> None:
        super().__init__(reason)
        self.refused = refused


class Deadline:
    """A moment after which nothing is waited for any more. Seconds on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self, at_most: float | None = None) -> float:
        """Seconds that may still be waited. Raises NetworkFault when there are none."""
        remaining = self._end - time.monotonic()
        if remaining <= 0:
            raise NetworkFault(f"it took longer than the {self.seconds:g} s that it may take in all")
        return remaining if at_most is None else min(at_most, remaining)

    def spent(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._end + self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an exchange may do. private: whether addresses that are not public may be reached. patience: seconds that a
    single connect or read may take."""

    deadline: Deadline
    private: bool
    patience: float
    resolve: Resolver
    tls: ssl.SSLContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The head of an answer; ``chunks`` is its body as sent (undecoded), to be read while the exchange is open.

    private: whether it came from an address that is not public.
    """

    status: int
    headers: httpx.Headers
    chunks: Iterator[bytes]
    private: bool


@contextmanager
def exchange(
    method: str, url: httpx.URL, headers: Mapping[str, str], rules: Rules, content: bytes | None = None
) -> Iterator[Answer]:
    """Ask once, follow nothing. Raises NetworkFault, also while the body is read."""
    backend = _GuardedBackend(rules)
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    sent = [(b"Host", url.netloc)] + [
        (name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()
    ]
    waits = dict.fromkeys(("connect", "read", "write", "pool"), rules.patience)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=rules.tls, network_backend=backend) as pool,
            pool.stream(method, target, headers=sent, content=content, extensions={"timeout": waits}) as response,
        ):
            yield Answer(
                status=response.status,
                headers=httpx.Headers(response.headers),
                chunks=iter(response.iter_stream()),
                private=backend.private,
            )
    except httpcore.TimeoutException:
        rules.deadline.left()
        raise NetworkFault(f"no answer within {rules.patience:g} s") from None
    except (httpcore.NetworkError, ssl.SSLError) as error:
        raise NetworkFault(_plain(error)) from error
    except httpcore.RemoteProtocolError as error:
        raise NetworkFault(f"the server broke off or does not speak HTTP ({_plain(error)})") from error
    except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol):
        # Its text may quote a header, and with it a password.
        raise NetworkFault("the request cannot be sent as HTTP; check the address and the credentials") from None


def _plain(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"its TLS certificate is not trusted ({text}); give its authority's certificate if it is your own"
    return text


class _GuardedBackend(httpcore.NetworkBackend):
    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._sockets = httpcore.SyncBackend()
        self.private = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that may be reached and answers: the one checked is the one used."""
        addresses = self._addresses(host, port)
        for last, address in zip([False] * (len(addresses) - 1) + [True], addresses, strict=True):
            self.private = is_private(address)
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self._rules.deadline.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if last:
                    raise
            else:
                return _GuardedStream(stream, self._rules.deadline)
        raise NetworkFault(f"the name {host} has no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = self._rules.resolve(host, port, self._rules.deadline.left(self._rules.patience))
        except OSError as error:
            raise NetworkFault(f"the name {host} cannot be resolved ({error}); check its spelling") from error
        allowed = [address for address in found if is_reachable(address, self._rules.private)]
        if found and not allowed:
            raise NetworkFault(f"{host} is an address of a private network, which may not be asked here", refused=True)
        return allowed


class _GuardedStream(httpcore.NetworkStream):
    """A stream whose every wait ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _GuardedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
