"""HTTP requests over kept connections, directly or by a proxy, each under its own policy.

Connections are kept per policy: one that was opened where private addresses are allowed never serves a request for
which they are not. httpx's own client is not used, since it logs whole addresses, and with them keys in queries.
"""

import ssl
import weakref
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

import httpcore
import httpx

from pipeline import __version__
from pipeline.fetch.addresses import is_private
from pipeline.fetch.guarded_network import (
    Deadline,
    GuardedBackend,
    NetworkFault,
    RequestPolicy,
    reachable_addresses,
    request_under,
)
from pipeline.fetch.proxies import Proxies

USER_AGENT = f"Wirewatch/{__version__.rpartition('.')[0]}"  # major.minor

_KEPT_SECONDS = 30.0  # that an idle connection is kept
_MOST_CONNECTIONS = 100  # per pool
_DRAINED_BYTES = 64 * 1024  # of a body that nobody reads, so that its connection can be kept
_DRAINING_SECONDS = 0.5  # that reading such a body may take
_TIMEOUTS = ("connect", "read", "write", "pool")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawResponse:
    """The head of an answer; the body is read while the request is open.

    Attributes:
        status: the HTTP status.
        headers: as sent.
        chunks: the body as sent, not decoded.
        private: whether it came from an address that is not public.
    """

    status: int
    headers: httpx.Headers
    chunks: Iterator[bytes]
    private: bool


def tls_context(ca: Path | None) -> ssl.SSLContext:
    """TLS with the public authorities, and with those in a PEM file ``ca`` where one is given."""
    context = httpx.create_ssl_context()
    if ca is not None:
        context.load_verify_locations(ca)
    return context


def port_of(url: httpx.URL) -> int:
    """The port of an http or https address, whether it is written or not."""
    default = 443 if url.scheme == "https" else 80
    return default if url.port is None else url.port


class Transport:
    """Sends requests. Safe for several threads.

    Args:
        tls: whom to trust.
        proxies: by which proxy an address is reached.
        keep_connections: False for requests that must not be repeated when a kept connection turns out to be dead.
    """

    def __init__(self, tls: ssl.SSLContext, proxies: Proxies, keep_connections: bool = True) -> None:
        self._tls = tls
        self._proxies = proxies
        self._most_kept = _MOST_CONNECTIONS if keep_connections else 0
        self._pools = dict[tuple[bool, str | None], httpcore.ConnectionPool]()
        self._lock = Lock()
        weakref.finalize(self, _close_all, self._pools)  # for a transport that nobody closes

    @contextmanager
    def send(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str],
        policy: RequestPolicy,
        content: bytes | None = None,
    ) -> Iterator[RawResponse]:
        """Send one request and follow nothing.

        Raises:
            NetworkFault: there is no complete answer, or the policy forbids it; also while the body is read.
        """
        proxy = self._proxies.proxy_for(url)
        with request_under(policy) as request, _faults_explained(policy):
            pool = self._pool(policy.private, proxy)
            reaches_private = _proxied_to_private(url, policy) if proxy else None
            message = _message(method, url, headers, policy, content)
            try:
                response = pool.handle_request(message)
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                if request.connections:
                    raise
                # The kept connection was closed by the server just then; a new one is opened.
                response = pool.handle_request(_message(method, url, headers, policy, content))
            try:
                chunks = iter(response.iter_stream())
                headers_sent = httpx.Headers(response.headers)
                yield RawResponse(
                    status=response.status,
                    headers=headers_sent,
                    chunks=chunks,
                    private=_came_from_private(response) if reaches_private is None else reaches_private,
                )
                if _is_short(response.status, headers_sent):
                    _drain(chunks, policy)
            finally:
                response.close()

    def close(self) -> None:
        """Close the kept connections; the transport can be used again afterwards."""
        with self._lock:
            _close_all(self._pools)

    def _pool(self, private: bool, proxy: str | None) -> httpcore.ConnectionPool:
        with self._lock:
            pool = self._pools.get((private, proxy))
            if pool is None:
                pool = self._pools[private, proxy] = self._open_pool(proxy)
            return pool

    def _open_pool(self, proxy: str | None) -> httpcore.ConnectionPool:
        options: dict[str, Any] = {
            "ssl_context": self._tls,
            "max_connections": _MOST_CONNECTIONS,
            "max_keepalive_connections": self._most_kept,
            "keepalive_expiry": _KEPT_SECONDS,
        }
        if proxy is None:
            return httpcore.ConnectionPool(network_backend=GuardedBackend(), **options)
        address = httpx.URL(proxy)
        return httpcore.HTTPProxy(
            proxy_url=httpcore.URL(
                scheme=address.raw_scheme, host=address.raw_host, port=port_of(address), target=b"/"
            ),
            proxy_auth=(address.username, address.password) if address.username else None,
            network_backend=GuardedBackend(proxy_host=address.host),
            **options,
        )


def _close_all(pools: dict[tuple[bool, str | None], httpcore.ConnectionPool]) -> None:
    while pools:
        _, pool = pools.popitem()
        pool.close()


def _message(
    method: str, url: httpx.URL, headers: Mapping[str, str], policy: RequestPolicy, content: bytes | None
) -> httpcore.Request:
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    fields = [(b"Host", url.netloc)]
    fields += [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
    if content is not None:
        fields.append((b"Content-Length", str(len(content)).encode("ascii")))
    timeouts = dict.fromkeys(_TIMEOUTS, policy.read_timeout)
    return httpcore.Request(method, target, headers=fields, content=content, extensions={"timeout": timeouts})


def _proxied_to_private(url: httpx.URL, policy: RequestPolicy) -> bool:
    """Check where a proxied request leads, as far as we can: behind some proxies only the proxy can resolve names.

    Returns:
        Whether the host is an address that is not public; False where that cannot be found out.

    Raises:
        NetworkFault: (refused) the policy forbids all addresses of the host.
    """
    try:
        return any(is_private(address) for address in reachable_addresses(url.host, port_of(url), policy))
    except NetworkFault as fault:
        if fault.refused:
            raise
        policy.deadline.left()
        return False


def _drain(chunks: Iterator[bytes], policy: RequestPolicy) -> None:
    """Read what is left of a body: only a connection whose answer was read to its end can be kept.

    The answer stands whatever becomes of the rest; a connection on which it is slow or breaks off is closed.
    """
    failures = (NetworkFault, httpcore.TimeoutException, httpcore.NetworkError, httpcore.RemoteProtocolError)
    with suppress(*failures), request_under(replace(policy, deadline=_draining_deadline(policy))):
        deque(chunks, maxlen=0)


def _draining_deadline(policy: RequestPolicy) -> Deadline:
    return Deadline(min(_DRAINING_SECONDS, policy.deadline.left()))


def _is_short(status: int, headers: httpx.Headers) -> bool:
    """Whether it costs little to read the rest of an answer's body."""
    length = headers.get("content-length", "")
    return status in (204, 304) or (length.isdecimal() and int(length) <= _DRAINED_BYTES)


def _came_from_private(response: httpcore.Response) -> bool:
    stream: httpcore.NetworkStream = response.extensions["network_stream"]
    peer = stream.get_extra_info("server_addr")
    return is_private(str(peer[0]))


@contextmanager
def _faults_explained(policy: RequestPolicy) -> Iterator[None]:
    """Turn what httpcore and TLS raise into NetworkFault."""
    try:
        yield
    except httpcore.TimeoutException:
        policy.deadline.left()
        raise NetworkFault(f"no answer within {policy.read_timeout:g} s") from None
    except httpcore.ProxyError as error:
        raise NetworkFault(f"the proxy does not let it through ({error}); check HTTPS_PROXY and NO_PROXY") from error
    except (httpcore.NetworkError, ssl.SSLError) as error:
        raise NetworkFault(_reason(error)) from error
    except httpcore.RemoteProtocolError as error:
        raise NetworkFault(f"the server broke off or does not speak HTTP ({_reason(error)})") from error
    except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol):
        # Its text may quote a header, and with it a password.
        raise NetworkFault("the request cannot be sent as HTTP; check the address and the credentials") from None


def _reason(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"its TLS certificate is not trusted ({text}); give its authority's certificate if it is your own"
    return text
