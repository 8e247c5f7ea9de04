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
    """A stretch of text: ``start`` inclusive, ``end`` exclusive, in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PublisherLink:
    """A publisher's own link from a take to another one (ninjs ``associations``, NewsML-G2 ``link``).

    rel: ``evolved_from``, ``previous_version``, ``replaces`` or ``see_also``; only the first three make lineage.
    """

    rel: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One take of a story as its publisher sent it: the output of ``parse``.

    uri: kept stable by the publisher across versions, scoped by publisher where the format does not do so itself.
    version: the publisher's own version number; None where the format has none (the store then counts).
    body: text exactly as it came; ``dateline`` and ``trailer`` are spans in it.
    embargo_until: withheld until then; a withheld story without it waits for its publisher.
    updated_at: when this take was sent; published_at: when the story was first published, as far as this take says.
    """

    uri: str
    version: int | None = None
    status: Status = Status.USABLE
    embargo_until: datetime | None = None
    take: TakeKind = TakeKind.FIRST
    take_number: int | None = None
    corrected: bool = False
    note: str | None = None  # the editor's note of a take: "(Adds quotes)", "(Corrects spelling in paragraph 2)"
    headline: str = ""
    slugline: str | None = None
    body: str = ""
    dateline: Span | None = None
    trailer: Span | None = None
    dateline_place: str | None = None
    language: str | None = None  # BCP 47, lower case primary tag: "en", "tr"
    byline: str | None = None
    agency: str | None = None
    source: str | None = None  # the publisher: feed title, ninjs source, agency for plain wire text
    url: str | None = None
    urgency: int | None = None
    topics: tuple[str, ...] = ()  # IPTC media topic codes ("medtop:20000053") or the publisher's own terms
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
    """Where bytes came from: a feed's name or ``import``; the url or path; when; whether alerts are to stay silent."""

    name: str
    location: str
    fetched_at: datetime
    backfill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDocument:
    """Bytes to parse, with what the carrier said of them.

    publisher: scopes uris of feeds whose entry ids are not globally unique; default language likewise.
    """

    origin: Origin
    content: bytes
    content_type: str | None = None
    charset: str | None = None
    publisher: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that is no story, or that could not be read: quarantined with its reason, replayable.

    part: where in the document ("line 17", "entry 3"); payload: the item's own bytes, cut at 1 MB.
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
    """The store's answer for one story; version_id is the stored take (the existing one if unchanged)."""

    outcome: AddOutcome
    version_id: int
    lineage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTake:
    """One stored take with its place: ``version`` counts within its lineage from 1 in publishing order."""

    version_id: int
    lineage: int
    version: int
    story: Story
    origin: Origin
