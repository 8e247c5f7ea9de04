"""Which uri a story goes by: the publisher's own where it is good for the whole world, else scoped by publisher."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from pipeline.models import RawDocument
from pipeline.parse.io.decode import one_line
from pipeline.wire.tracking_params import without_tracking

_PORTS = {"http": ":80", "https": ":443"}
_LONGEST_URI = 2000
_OPENING = 200


def canonical_url(url: str) -> str | None:
    """Write an http(s) address in the one way in which addresses are compared; None for anything else.

    Tracking parameters, fragment and default port are left out, and the host is in lower case.
    """
    if ":" not in url:
        return None
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not host:
        return None
    authority = f"[{host}]" if ":" in host else host
    if port is not None and f":{port}" != _PORTS[scheme]:
        authority = f"{authority}:{port}"
    return urlunsplit((scheme, authority, parts.path.strip() or "/", without_tracking(parts.query).strip(), ""))


def host_of(url: str | None) -> str | None:
    """Return the host of an address without "www."; None without one."""
    try:
        host = urlsplit(url).hostname if url else None
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def same_site(host: str | None, others: frozenset[str]) -> bool:
    """Whether a host is one of the others, above or below one of them."""
    return host is not None and any(
        host == other or host.endswith(f".{other}") or other.endswith(f".{host}") for other in others
    )


_TAG_URI = re.compile(r"tag:(?:[^@,:/]{1,100}@)?([A-Za-z0-9.-]{1,253}),")


def entry_uri(identifier: str, publisher: str, own_hosts: frozenset[str]) -> str:
    """Return a feed entry's uri from its id or link.

    An address on the publisher's own site, a tag: of its own and a NewsML name are good as they are. Anything else is
    scoped by the publisher, since another publisher may use the same id.
    """
    identifier = one_line(identifier)
    url = canonical_url(identifier)
    if url is not None:
        uri = url if same_site(host_of(url), own_hosts) else f"{publisher}:{url}"
    elif identifier.lower().startswith("urn:newsml:"):
        uri = identifier
    else:
        tag = _TAG_URI.match(identifier)
        own = tag is not None and same_site(tag[1].lower().removeprefix("www."), own_hosts)
        uri = identifier if own else f"{publisher}:{identifier}"
    return bounded(uri)


@dataclass(frozen=True, slots=True)
class FeedScope:
    """Whose feed it is, which is what its entries' ids are scoped by.

    Attributes:
        publisher: The name before ids that another publisher may use as well.
        own_hosts: Hosts of addresses that are the publisher's own.
        shared_ids: Ids that stand on several different entries, so that they name none.
        shared_links: Links that do.
    """

    publisher: str
    own_hosts: frozenset[str]
    shared_ids: frozenset[str] = frozenset()
    shared_links: frozenset[str] = frozenset()

    @classmethod
    def of(cls, document: RawDocument, *addresses: str | None) -> Self:
        """Return the scope of a feed that names these addresses as its own; the one that it came from counts, too."""
        location = document.origin.location
        hosts = [host for address in (*addresses, location) if (host := host_of(address))]
        publisher = document.publisher or next(iter(hosts), None) or document.origin.name
        return cls(publisher, frozenset(hosts))

    def uri(self, identifier: str, link: str, headline: str, body: str, published: datetime | None) -> str:
        """Return an entry's uri: its id, else its link, else a hash of what it says."""
        if identifier.strip() and identifier not in self.shared_ids:
            return entry_uri(identifier, self.publisher, self.own_hosts)
        if link.strip() and link not in self.shared_links and canonical_url(link):
            return entry_uri(link, self.publisher, self.own_hosts)
        day = published.date().isoformat() if published else ""
        return text_uri(self.publisher, day, f"{headline}\n{body}")


def bounded(uri: str) -> str:
    """Return the uri; where it is longer than a database key may be, a hash of all of it stands for its end."""
    if len(uri) <= _LONGEST_URI:
        return uri
    return f"{uri[: _LONGEST_URI - 41]}~{_digest(uri)}"


def text_uri(scope: str, date: str, text: str) -> str:
    """Make a uri for a story that carries none.

    Args:
        scope: Its agency or publisher; "" if that is not known.
        date: Its day, as ISO 8601 or as it is written; "" without one.
        text: Its text, whose opening decides.
    """
    opening = one_line(text[: _OPENING * 4])[:_OPENING].casefold()
    scope = re.sub(r"\s+", "-", scope.strip().lower()) or "unknown"
    return bounded(f"text:{scope}:{date or 'undated'}:{_digest(opening)[:20]}")


def _digest(text: str) -> str:
    return hashlib.sha1(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


_NEWSML_URN = re.compile(r"(urn:newsml:[^:\s]+:[^:\s]+:[^:\s]+):(\d{1,9})[NUA]?", re.I)


def split_newsml_urn(identifier: str) -> tuple[str, str | None]:
    """Split the revision off a NewsML name (RFC 3085: its last part, and a letter that says what became of it).

    Returns:
        The identifier without its revision, and the revision; None where the identifier has none.
    """
    identifier = one_line(identifier)
    urn = _NEWSML_URN.fullmatch(identifier)
    return (urn[1], urn[2]) if urn else (identifier, None)
