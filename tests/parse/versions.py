"""One story of one agency in four versions (first, updated, corrected, killed), in every format as publishers send it.

The versions have identifiers and numbers where the format has them, and take lines where it has none.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Version:
    """One version.

    Attributes:
        number: Counted from 1.
        hour: The hour of 9 November 2017, UTC, at which it is sent.
        status: As the IPTC formats have it.
    """

    number: int
    hour: int
    take_line: str
    headline: str
    text: str
    status: str = "usable"

    @property
    def time(self) -> str:
        """ISO 8601."""
        return f"2017-11-09T{self.hour:02}:00:00Z"


_FERRIES = (
    "Malta will buy two ferries for {price} million euros to link Gozo with the main island, the transport minister "
    "said on Thursday. The ships carry {cars} cars each and will sail every half hour from June, he told reporters."
)
_MORE = " Fishermen fear for the sandbank of Comino, which lies on the route, and have asked for a study of the waves."
_KILLED = "Editors: the story on ferries for Gozo is withdrawn. Please do not use it in any form."
VERSIONS = (
    Version(1, 9, "", "Malta to buy two ferries for Gozo", _FERRIES.format(price=30, cars=90)),
    Version(2, 11, "UPDATE 1-", "Malta to buy two ferries for Gozo line", _FERRIES.format(price=30, cars=90) + _MORE),
    Version(
        3,
        13,
        "CORRECTED-UPDATE 1-",
        "Malta to buy two ferries for Gozo line",
        _FERRIES.format(price=13, cars=90) + _MORE,
    ),
    Version(4, 15, "WITHDRAWN-", "Malta to buy two ferries for Gozo line", _KILLED, "canceled"),
)


def ninjs1(version: Version) -> bytes:
    """ninjs 1.4."""
    return json.dumps(
        {
            "uri": "tag:harbour.example,2017:gozo", "type": "text", "version": str(version.number), "language": "en",
            "versioncreated": version.time, "firstcreated": VERSIONS[0].time, "pubstatus": version.status,
            "headline": version.take_line + version.headline, "body_text": version.text, "source": "Harbour",
        }
    ).encode()  # fmt: skip


def ninjs2(version: Version) -> bytes:
    """ninjs 2.1."""
    return json.dumps(
        {
            "uri": "tag:harbour.example,2017:gozo", "type": "text", "version": str(version.number), "language": "en",
            "versioncreated": version.time, "pubstatus": version.status,
            "headlines": [{"role": "main", "value": version.take_line + version.headline}],
            "bodies": [{"role": "main", "contenttype": "text/plain", "value": version.text}],
            "infosources": [{"name": "Harbour"}],
        }
    ).encode()  # fmt: skip


def ninjs3(version: Version) -> bytes:
    """ninjs 3.0: camel case."""
    return json.dumps(
        {
            "uri": "tag:harbour.example,2017:gozo", "type": "text", "version": str(version.number), "language": "en",
            "versionCreated": version.time, "pubStatus": version.status,
            "headlines": [{"role": "main", "value": version.take_line + version.headline}],
            "bodies": [{"role": "main", "contentType": "text/html", "value": f"<p>{version.text}</p>"}],
            "infoSources": [{"name": "Harbour"}],
        }
    ).encode()  # fmt: skip


def newsml(version: Version) -> bytes:
    """NewsML-G2."""
    return (
        f"<newsItem xmlns='http://iptc.org/std/nar/2006-10-01/' guid='tag:harbour.example,2017:gozo' "
        f"version='{version.number}' xml:lang='en'><itemMeta><itemClass qcode='ninat:text'/>"
        f"<provider literal='harbour.example'><name>Harbour</name></provider><versionCreated>{version.time}"
        f"</versionCreated><firstCreated>{VERSIONS[0].time}</firstCreated><pubStatus qcode='stat:{version.status}'/>"
        f"</itemMeta><contentMeta><headline>{version.take_line}{version.headline}</headline></contentMeta><contentSet>"
        f"<inlineXML contenttype='application/xhtml+xml'><html xmlns='http://www.w3.org/1999/xhtml'><body>"
        f"<p>{version.text}</p></body></html></inlineXML></contentSet></newsItem>"
    ).encode()


def newsml1(version: Version) -> bytes:
    """NewsML 1.2."""
    name = f"urn:newsml:harbour.example:20171109:gozo:{version.number}"
    time = version.time.replace("-", "").replace(":", "")
    return (
        f"<NewsML><NewsItem xml:lang='en'><Identification><NewsIdentifier><PublicIdentifier>{name}</PublicIdentifier>"
        f"</NewsIdentifier></Identification><NewsManagement><FirstCreated>20171109T090000Z</FirstCreated>"
        f"<ThisRevisionCreated>{time}</ThisRevisionCreated><Status FormalName='{version.status}'/></NewsManagement>"
        f"<NewsComponent><NewsLines><HeadLine>{version.take_line}{version.headline}</HeadLine></NewsLines>"
        f"<AdministrativeMetadata><Provider><Party FormalName='Harbour'/></Provider></AdministrativeMetadata>"
        f"<ContentItem><MediaType FormalName='Text'/><DataContent><p>{version.text}</p></DataContent></ContentItem>"
        f"</NewsComponent></NewsItem></NewsML>"
    ).encode()


def nitf(version: Version) -> bytes:
    """NITF 3.6 with a du-key."""
    time = version.time.replace("-", "").replace(":", "")
    return (
        f"<nitf baselang='en'><head><docdata management-status='{version.status}'>"
        f"<doc-id regsrc='Harbour' id-string='gozo-{version.number}'/><date.issue norm='{time}'/>"
        f"<du-key key='gozo' version='{version.number}'/></docdata></head><body><body.head><hedline>"
        f"<hl1>{version.take_line}{version.headline}</hl1></hedline><distributor>Harbour</distributor></body.head>"
        f"<body.content><p>{version.text}</p></body.content></body></nitf>"
    ).encode()


def iptc7901(version: Version) -> bytes:
    """IPTC 7901: no identifier; each take is a message of its own."""
    head = f"{version.take_line}{version.headline} =\r\n\r\nValletta (dpa) - "
    return (
        f"\x01abc{version.number:04} 3 i 90 abc   dpa 0412\r\n\r\nMalta/ferries/\r\n\x02{head}{version.text}\r\n"
        f"\x0309{version.hour:02}00 GMT Nov 17\r\n\x04"
    ).encode()


def plain(version: Version) -> bytes:
    """Plain wire text."""
    return f"{version.take_line}{version.headline}\n\nVALLETTA, Nov 9 (Reuters) - {version.text}\n".encode()


def rss(version: Version) -> bytes:
    """RSS 2.0 with a guid."""
    item = (
        f"<guid isPermaLink='false'>gozo</guid><title>{version.take_line}{version.headline}</title>"
        f"<pubDate>Thu, 09 Nov 2017 {version.hour:02}:00:00 GMT</pubDate>"
        f"<description>{escape(f'<p>{version.text}</p>')}</description>"
    )
    return (
        f"<rss version='2.0'><channel><title>Harbour</title><link>https://harbour.example/</link><language>en</language>"
        f"<item>{item}</item></channel></rss>"
    ).encode()


def atom(version: Version) -> bytes:
    """Atom; the kill is a tombstone."""
    entry = (
        f"<entry><id>tag:harbour.example,2017:gozo</id><title>{version.take_line}{version.headline}</title>"
        f"<updated>{version.time}</updated><published>{VERSIONS[0].time}</published>"
        f"<content type='text'>{version.text}</content></entry>"
    )
    tombstone = f"<at:deleted-entry ref='tag:harbour.example,2017:gozo' when='{version.time}'/>"
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:at='http://purl.org/atompub/tombstones/1.0'>"
        "<title>Harbour</title><id>tag:harbour.example,2017:feed</id><link href='https://harbour.example/'/>"
        f"<updated>{version.time}</updated>{tombstone if version.status == 'canceled' else entry}</feed>"
    ).encode()


def rdf(version: Version) -> bytes:
    """RSS 1.0."""
    return (
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' "
        "xmlns:dc='http://purl.org/dc/elements/1.1/'><channel rdf:about='https://harbour.example/'>"
        "<title>Harbour</title><link>https://harbour.example/</link></channel>"
        f"<item rdf:about='https://harbour.example/gozo'><title>{version.take_line}{version.headline}</title>"
        f"<link>https://harbour.example/gozo</link><dc:date>{version.time}</dc:date>"
        f"<description>{version.text}</description></item></rdf:RDF>"
    ).encode()


def json_feed(version: Version) -> bytes:
    """JSON Feed 1.1."""
    item = {
        "id": "gozo", "title": version.take_line + version.headline, "content_text": version.text,
        "date_published": VERSIONS[0].time, "date_modified": version.time,
    }  # fmt: skip
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Harbour",
        "home_page_url": "https://harbour.example/",
    }
    return json.dumps(feed | {"items": [item]}).encode()


FORMATS: dict[str, Callable[[Version], bytes]] = {
    "NewsML-G2": newsml,
    "NewsML 1": newsml1,
    "NITF": nitf,
    "ninjs 1": ninjs1,
    "ninjs 2": ninjs2,
    "ninjs 3": ninjs3,
    "IPTC 7901": iptc7901,
    "RSS 2.0": rss,
    "RSS 1.0": rdf,
    "Atom": atom,
    "JSON Feed": json_feed,
    "plain text": plain,
}
