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
from pipeline.fetch.body import read_body
from pipeline.fetch.transport import USER_AGENT, Answer, Deadline, NetworkFault, Rules, exchange

ACCEPT_FEEDS = "application/atom+xml, application/rss+xml, application/feed+json, application/json;q=0.9, */*;q=0.8"
ACCEPT_PAGES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"

_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_VALIDATOR = 1_000  # characters; a longer ETag would be sent back on every request


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one ``get`` may take: seconds in all (redirects included) and for one connect or read, bytes as sent and as
    decoded, redirects."""

    seconds: float = 60.0
    patience: float = 20.0
    bytes: int = 32 * 2**20
    redirects: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A complete answer. The body is decoded, and empty unless the status is 2xx.

    url: where it came from in the end. permanent_url: the address after the permanent redirects (301, 308) at the
    start of the way; the one asked for where there were none. content_type: lower case, without parameters.
    retry_after: the header as sent. private: whether it came from an address that is not public.
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


class Client:
    """Gets feeds and pages. Safe for several threads; holds no connections.

    user_agent: how we present ourselves; a publisher should find a contact in it. allow_private: whether addresses of
    private networks may be asked at all. credentials: name -> ``user:password`` or ``Bearer token``; never shown.
    ca: a PEM file with authorities to trust beside the public ones. resolve: the name resolver.
    """

    def __init__(
        self,
        user_agent: str = USER_AGENT,
        allow_private: bool = True,
        credentials: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        ca: Path | None = None,
        resolve: Resolver = resolve,
    ) -> None:
        self.allow_private = allow_private
        self._user_agent = user_agent
        self._credentials = dict(credentials or {})
        self._limits = limits or Limits()
        self._resolve = resolve
        self._tls = httpx.create_ssl_context()
        if ca is not None:
            self._tls.load_verify_locations(ca)

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
        """Get a url, following redirects. credentials: the name of an entry, sent only to the url's own host.

        private: whether a private address may be asked; a redirect leads to one only from another private one.
        Raises FetchError: no complete answer, or one that breaks a limit.
        """
        limits = limits or self._limits
        rules = Rules(
            deadline=Deadline(limits.seconds),
            private=private and self.allow_private,
            patience=limits.patience,
            resolve=self._resolve,
            tls=self._tls,
        )
        headers = {"User-Agent": self._user_agent, "Accept": accept, "Accept-Encoding": "gzip"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": last_modified} if last_modified else {}
        first = checked_url(url)
        secret = {"Authorization": self._authorization(credentials, first)} if credentials else {}
        here, permanent, all_permanent, seen = first, first, True, {str(first)}
        for _ in range(limits.redirects + 1):
            own = secret if may_carry_credentials(first, here) else {}
            response, location = self._hop(here, headers | own, rules, limits)
            if location is None:
                return replace(response, permanent_url=str(permanent), seconds=rules.deadline.spent())
            here = _next(here, location)
            all_permanent = all_permanent and response.status in _PERMANENT
            permanent = here if all_permanent else permanent
            if str(here) in seen:
                raise FetchError(f"{shown(first)}: it redirects in a circle; check the address", response.status)
            seen.add(str(here))
            rules = replace(rules, private=rules.private and response.private)
        raise FetchError(f"{shown(first)}: more than {limits.redirects} redirects; check the address")

    def is_private_host(self, url: str) -> bool:
        """Whether a url's host is, or resolves to, an address that is not public. False where that can't be found
        out.
        """
        target = checked_url(url)
        try:
            found = self._resolve(target.host, _port(target), self._limits.patience)
        except OSError:
            return False
        return any(is_private(address) for address in found)

    def _hop(
        self, url: httpx.URL, headers: dict[str, str], rules: Rules, limits: Limits
    ) -> tuple[Response, str | None]:
        """One answer, and where it sends us on to."""
        status = None
        try:
            with exchange("GET", url, headers, rules) as answer:
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
    if not 0 < _port(parsed) < 65_536 or "%" in parsed.host:
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
    if (given_for.scheme, _port(given_for)) == (target.scheme, _port(target)):
        return True
    return (given_for.scheme, _port(given_for), target.scheme, _port(target)) == ("http", 80, "https", 443)


def _port(url: httpx.URL) -> int:
    default = 443 if url.scheme == "https" else 80
    return default if url.port is None else url.port


def _next(here: httpx.URL, location: str) -> httpx.URL:
    try:
        target = here.join(location)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise FetchError(f"{shown(here)}: it redirects to no valid address ({error})") from error
    try:
        return checked_url(str(target.copy_with(userinfo=b"")))
    except FetchError as error:
        raise FetchError(f"{shown(here)}: it redirects to {error}") from error


def _response(url: httpx.URL, answer: Answer, body: bytes) -> Response:
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


def _validator(answer: Answer, name: str) -> str | None:
    value = answer.headers.get(name, "").strip()
    usable = value.isascii() and value.isprintable() and len(value) <= _MAX_VALIDATOR
    return value if value and usable else None
