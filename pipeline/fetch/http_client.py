"""One way to get something over HTTP: conditional, limited in time, size and redirects, and careful with secrets.

get(url) -> hop, hop, hop      each hop: only http and https, only addresses that may be reached, the credentials only
                               for the host that they were given for
         -> Response           any complete answer, whatever its status: what it means is decided elsewhere
         or FetchError         there was no complete answer: what failed, on what, what to do
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from pathlib import Path

import httpx

from pipeline.errors import FetchError
from pipeline.fetch.addresses import Resolver, is_private, resolve
from pipeline.fetch.decode_body import ACCEPTED_ENCODINGS, read_body
from pipeline.fetch.guarded_network import Deadline, NetworkFault, RequestPolicy
from pipeline.fetch.proxies import Proxies
from pipeline.fetch.transport import USER_AGENT, RawResponse, Transport, port_of, tls_context

ACCEPT_FEEDS = "application/atom+xml, application/rss+xml, application/feed+json, application/json;q=0.9, */*;q=0.8"
ACCEPT_PAGES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"

_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_VALIDATOR = 1_000  # characters; a longer ETag would be sent back on every request


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one ``get`` may take.

    Attributes:
        seconds: in all, redirects included.
        read_timeout: seconds for a single connect or read.
        bytes: of the body as sent, and of the body as decoded.
        redirects: how many are followed.
    """

    seconds: float = 60.0
    read_timeout: float = 20.0
    bytes: int = 32 * 2**20
    redirects: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A complete answer.

    Attributes:
        status: the HTTP status of the last hop.
        url: where it came from in the end.
        permanent_url: the address after the permanent redirects (301, 308) that came first; without any, the one asked.
        body: decoded; empty unless the status is 2xx.
        content_type: lower case, without parameters.
        charset: as declared, lower case.
        etag: to be sent back as it is; None where there is none that could be.
        last_modified: likewise.
        retry_after: the header as sent.
        seconds: how long it took, redirects included.
        private: whether it came from an address that is not public.
    """

    status: int
    url: str
    permanent_url: str
    body: bytes = field(default=b"", repr=False)
    content_type: str | None = None
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    retry_after: str | None = None
    seconds: float = 0.0
    private: bool = False


class HttpClient:
    """Gets feeds and pages; keeps connections. Safe for several threads.

    Args:
        user_agent: how we present ourselves; a publisher should find a contact in it.
        allow_private: whether addresses of private networks may be asked at all.
        credentials: name -> ``user:password`` or ``Bearer token``; they are never shown.
        limits: what a request may take, unless it says otherwise.
        ca: a PEM file with authorities to trust beside the public ones.
        resolve: the name resolver.
        proxies: by which proxy an address is reached.
    """

    def __init__(
        self,
        user_agent: str = USER_AGENT,
        allow_private: bool = True,
        credentials: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        ca: Path | None = None,
        resolve: Resolver = resolve,
        proxies: Proxies | None = None,
    ) -> None:
        self.allow_private = allow_private
        self._user_agent = user_agent
        self._credentials = dict(credentials or {})
        self._limits = limits or Limits()
        self._resolve = resolve
        self._transport = Transport(tls_context(ca), proxies or Proxies())

    def close(self) -> None:
        """Close the kept connections; the client can be used again afterwards."""
        self._transport.close()

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        credentials: str | None = None,
        limits: Limits | None = None,
        private: bool = True,
        accept: str = ACCEPT_FEEDS,
    ) -> Response:
        """Get a url, following redirects.

        Args:
            url: http or https.
            etag: makes the request conditional.
            last_modified: likewise.
            credentials: the name of an entry; it is sent only to the url's own host.
            limits: instead of the client's.
            private: whether a private address may be asked. A redirect leads to one only from another private one.
            accept: the Accept header.

        Returns:
            Any complete answer, whatever its status.

        Raises:
            FetchError: there is no complete answer, or it breaks a limit.
        """
        limits = limits or self._limits
        policy = RequestPolicy(
            deadline=Deadline(limits.seconds),
            private=private and self.allow_private,
            read_timeout=limits.read_timeout,
            resolve=self._resolve,
        )
        headers = {"User-Agent": self._user_agent, "Accept": accept, "Accept-Encoding": ACCEPTED_ENCODINGS}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": last_modified} if last_modified else {}
        return self._follow(checked_url(url), headers, credentials, policy, limits)

    def _follow(
        self, first: httpx.URL, headers: dict[str, str], credentials: str | None, policy: RequestPolicy, limits: Limits
    ) -> Response:
        secret = {"Authorization": self._authorization(credentials, first)} if credentials else {}
        url, permanent, all_permanent, seen = first, first, True, {str(first)}
        for _ in range(limits.redirects + 1):
            own = secret if may_carry_credentials(first, url) else {}
            response, location = self._hop(url, headers | own, policy, limits)
            if location is None:
                return replace(response, permanent_url=str(permanent), seconds=policy.deadline.spent())
            url = _redirect_target(url, location)
            all_permanent = all_permanent and response.status in _PERMANENT
            permanent = url if all_permanent else permanent
            if str(url) in seen:
                raise FetchError(f"{shown(first)}: it redirects in a circle; check the address", response.status)
            seen.add(str(url))
            policy = replace(policy, private=policy.private and response.private)
        raise FetchError(f"{shown(first)}: more than {limits.redirects} redirects; check the address")

    def is_private_host(self, url: str) -> bool:
        """Whether a url's host is, or resolves to, an address that is not public; False where that is unknown."""
        target = checked_url(url)
        try:
            resolved = self._resolve(target.host, port_of(target), self._limits.read_timeout)
        except OSError:
            return False
        return any(is_private(address) for address in resolved)

    def _hop(
        self, url: httpx.URL, headers: dict[str, str], policy: RequestPolicy, limits: Limits
    ) -> tuple[Response, str | None]:
        """One answer, and the address that it redirects to."""
        status = None
        try:
            with self._transport.send("GET", url, headers, policy) as answer:
                status = answer.status
                if status in _REDIRECTS and (location := answer.headers.get("location")):
                    return Response(status=status, url=str(url), permanent_url="", private=answer.private), location
                wanted = 200 <= status < 300
                encoding = answer.headers.get("content-encoding", "")
                body = read_body(answer.chunks, encoding, limits.bytes) if wanted else b""
                return _response(url, answer, body), None
        except NetworkFault as fault:
            raise FetchError(f"{shown(url)}: {fault}", status) from fault

    def _authorization(self, name: str, url: httpx.URL) -> str:
        secret = self._credentials.get(name.lower(), self._credentials.get(name))
        if secret is None:
            raise FetchError(f"{shown(url)}: the settings have no credentials named {name!r}; add them")
        if secret.lower().startswith("bearer "):
            if not secret.isascii() or not secret.isprintable():
                raise FetchError(f"{shown(url)}: the credentials {name!r} are no valid token; correct them")
            return secret
        return "Basic " + base64.b64encode(secret.encode("utf-8")).decode("ascii")


def checked_url(url: str) -> httpx.URL:
    """A url that may be asked: http or https, with a host, and no password in it. Raises FetchError."""
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, UnicodeError) as error:
        raise FetchError(f"{url.partition('?')[0][:200]!r} is no valid address ({error}); correct it") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise FetchError(f"{shown(parsed)[:200]!r}: only http and https addresses are fetched; correct the address")
    if not 0 < port_of(parsed) < 65_536 or "%" in parsed.host:
        raise FetchError(f"{shown(parsed)[:200]!r} is no valid address (its host or port cannot exist); correct it")
    if parsed.userinfo:
        raise FetchError(
            f"{shown(parsed)}: a password in an address is not safe; put it into the settings' credentials"
        )
    return parsed.copy_with(fragment=None)


def shown(url: httpx.URL) -> str:
    """A url for people and logs: without what may be a secret (user, password, query)."""
    bare = url.copy_with(userinfo=b"", query=None, fragment=None)
    return f"{bare}?..." if url.query else str(bare)


def may_carry_credentials(given_for: httpx.URL, target: httpx.URL) -> bool:
    """Whether credentials given for one address may be sent to another: the same origin, or its own upgrade to TLS."""
    if given_for.host != target.host:
        return False
    if (given_for.scheme, port_of(given_for)) == (target.scheme, port_of(target)):
        return True
    return (given_for.scheme, port_of(given_for), target.scheme, port_of(target)) == ("http", 80, "https", 443)


def _redirect_target(here: httpx.URL, location: str) -> httpx.URL:
    try:
        target = here.join(location)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise FetchError(f"{shown(here)}: it redirects to no valid address ({error})") from error
    try:
        return checked_url(str(target.copy_with(userinfo=b"")))
    except FetchError as error:
        raise FetchError(f"{shown(here)}: it redirects to {error}") from error


def _response(url: httpx.URL, answer: RawResponse, body: bytes) -> Response:
    declared = Message()
    declared["Content-Type"] = answer.headers.get("content-type", "")
    charset = declared.get_content_charset()
    return Response(
        status=answer.status,
        url=str(url),
        permanent_url="",
        body=body,
        content_type=declared.get_content_type() if answer.headers.get("content-type") else None,
        charset=charset,
        etag=_validator(answer, "etag"),
        last_modified=_validator(answer, "last-modified"),
        retry_after=answer.headers.get("retry-after"),
        private=answer.private,
    )


def _validator(answer: RawResponse, name: str) -> str | None:
    value = answer.headers.get(name, "").strip()
    usable = value.isascii() and value.isprintable() and len(value) <= _MAX_VALIDATOR
    return value if value and usable else None
