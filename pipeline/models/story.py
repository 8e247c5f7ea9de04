"""Stories as publishers send them, and as the store keeps them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.text.truncate import truncate_words

_TITLE = 100  # characters of a text that stand for a missing headline


class Status(StrEnum):
    """Whether readers may see a story."""

    USABLE = "usable"
    WITHHELD = "withheld"  # embargoed, or held back by its publisher: stored, never shown before its time
    WITHDRAWN = "withdrawn"  # killed: kept as a blank document, so that a late take cannot bring it back


class TakeState(StrEnum):
    """Whether a take may be shown, before its lineage is considered."""

    USABLE = "usable"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"  # it is a kill
    EXPIRED = "expired"


class TakeKind(StrEnum):
    """What a take line or a publisher's signal says about a take's place in its story."""

    FIRST = "first"
    UPDATE = "update"
    CORRECTION = "correction"
    REFILE = "refile"
    REPEAT = "repeat"
    WRAPUP = "wrapup"
    KILL = "kill"
    ADVISORY = "advisory"


class Field(StrEnum):
    """A text field that mentions point into."""

    HEADLINE = "headline"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text, in code points: ``start`` inclusive, ``end`` exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PublisherLink:
    """A publisher's own link from a take to another one (ninjs ``associations``, NewsML-G2 ``link``).

    Attributes:
        rel: ``evolved_from``, ``previous_version``, ``replaces`` or ``see_also``. Only the first three make lineage.
        uri: The other take.
    """

    rel: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One take of a story as its publisher sent it: what ``parse`` gives.

    Attributes:
        uri: Kept stable by the publisher across versions; scoped by publisher where the format does not do so itself.
        version: The publisher's own version number; None where the format has none (the store then counts).
        status: Whether the publisher lets readers see it.
        embargo_until: It is withheld until then. A withheld story without an embargo waits for its publisher.
        take: What its take line says.
        take_number: The number in its take line: 2 in "UPDATE 2-".
        corrected: Whether it says that it corrects something.
        note: The editor's note: "(Adds quotes)", "(Corrects spelling in paragraph 2)".
        headline: The headline without its take line.
        slugline: The words by which a desk calls the story.
        body: The text exactly as it came. ``dateline`` and ``trailer`` are spans in it.
        dateline: The place, day and agency before the first sentence.
        trailer: Reporters and editors after the last sentence.
        dateline_place: The place that the dateline names.
        language: BCP 47, the primary tag in small letters: "en", "tr".
        byline: Who wrote it, by name.
        agency: The agency that wrote it.
        source: The publisher whose feed brought it: the feed's title, ninjs source, the agency for plain wire text.
        url: Its address.
        urgency: IPTC urgency, 1 (highest) to 9.
        topics: IPTC media topic codes ("medtop:20000053") or the publisher's own terms.
        published_at: When the story was first published, as far as this take says.
        updated_at: When this take was sent.
        links: The publisher's links to other takes.
        rights: The publisher's words on its use.
        expires_at: Until when it may be read.
    """

    uri: str
    version: int | None = None
    status: Status = Status.USABLE
    embargo_until: datetime | None = None
    take: TakeKind = TakeKind.FIRST
    take_number: int | None = None
    corrected: bool = False
    note: str | None = None
    headline: str = ""
    slugline: str | None = None
    body: str = ""
    dateline: Span | None = None
    trailer: Span | None = None
    dateline_place: str | None = None
    language: str | None = None
    byline: str | None = None
    agency: str | None = None
    source: str | None = None
    url: str | None = None
    urgency: int | None = None
    topics: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    links: tuple[PublisherLink, ...] = ()
    rights: str | None = None
    expires_at: datetime | None = None

    @property
    def title(self) -> str:
        """What a story is called: its headline, or the first words of its first paragraph; empty if it has neither."""
        return self.headline or first_words(self.body, self.dateline)


def first_words(body: str, dateline: Span | None) -> str:
    """What stands for a missing headline: the body's opening behind its dateline, whole words of it."""
    start = dateline.end if dateline else 0
    opening = body[start : start + 4 * _TITLE].lstrip("-–—_ \t\r\n").partition("\n\n")[0]
    return truncate_words(" ".join(opening.split()), _TITLE)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where bytes came from.

    Attributes:
        name: The feed's name, or ``import``.
        location: The url or path.
        fetched_at: When they came in.
        backfill: Whether they are of the past, so that alerts stay silent.
    """

    name: str
    location: str
    fetched_at: datetime
    backfill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDocument:
    """Bytes to parse, with what their carrier said of them.

    Attributes:
        origin: Where they came from.
        content: The bytes.
        content_type: Their media type, None if the carrier does not say.
        charset: Their encoding, None if the carrier does not say.
        publisher: Scopes the uris of feeds whose entry ids are not globally unique.
        language: The language of what does not name its own.
    """

    origin: Origin
    content: bytes
    content_type: str | None = None
    charset: str | None = None
    publisher: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that is no story, or that could not be read. It is quarantined, and can be replayed.

    Attributes:
        origin: Where its document came from.
        part: Where in the document it stands ("line 17", "entry 3").
        reason: Why it is no story.
        payload: The item's own bytes, cut at 1 MB.
    """

    origin: Origin
    part: str
    reason: str
    payload: bytes


class AddOutcome(StrEnum):
    """What became of a story handed to the store."""

    NEW = "new"  # a lineage not seen before
    NEW_TAKE = "new_take"  # a further take of a known lineage
    UNCHANGED = "unchanged"  # nothing but dates, tracking parameters or whitespace differs
    STALE = "stale"  # an older version than one already stored: kept in the history, does not win


@dataclass(frozen=True, slots=True)
class Added:
    """The store's answer for one story.

    Attributes:
        outcome: What became of it.
        version_id: The stored take; the known one if the story was unchanged.
        lineage: Its lineage.
    """

    outcome: AddOutcome
    version_id: int
    lineage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTake:
    """One stored take.

    Attributes:
        version_id: The store's id of the take.
        lineage: Its lineage.
        version: Its number within the lineage, from 1 in publishing order.
        story: The story as it was sent.
        origin: Where it came from.
    """

    version_id: int
    lineage: int
    version: int
    story: Story
    origin: Origin
