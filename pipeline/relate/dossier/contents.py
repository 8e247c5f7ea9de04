"""What a dossier holds. The command line prints it as JSON by the names of the fields, a step's role as "place"."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.models import Reason, Status
from pipeline.text.difference import Paragraph, Piece


class Role(StrEnum):
    """What a step is to the story of the dossier."""

    BACKGROUND = "background"
    STORY = "story"
    FOLLOWUP = "followup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The story behind a line.

    Attributes:
        id: Its lineage.
        uri: Its uri.
        headline: Its headline, or its first words.
        publisher: Who published it; None if unknown.
        url: Where it can be read, if the publisher gave an address on the web.
        language: Of the text; None if unknown.
        at: When it was published; None if unknown.
    """

    id: int
    uri: str
    headline: str
    publisher: str | None
    url: str | None
    language: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Name:
    """A person, organization, place, product or event. kind: an EntityType's value."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event of the affair, by the story that tells it best.

    Attributes:
        number: From 1, in order of time.
        role: What the step is to the story of the dossier.
        source: The story.
        lead: Its first paragraph, cut where it is long.
        corrected: Whether it was corrected.
        versions: How many takes it has.
        kind: Kind of step from the story of the dossier, such as "reaction"; None if unknown.
        score: Of its tie to the story; None for the story itself and for members of its thread that are tied to it by
            others only.
        reasons: Of that score.
        why: The reasons in words.
        names: Names that no earlier step has.
        more_names: How many such names more there are.
        amounts: Amounts that no earlier step has.
        dates: Dates and lengths of time that no earlier step has.
        copies: The same text elsewhere.
        reports: Other stories of the same happening.
    """

    number: int
    role: Role
    source: Source
    lead: str
    corrected: bool
    versions: int
    kind: str | None
    score: float | None
    reasons: tuple[Reason, ...]
    why: str
    names: tuple[Name, ...]
    more_names: int
    amounts: tuple[str, ...]
    dates: tuple[str, ...]
    copies: tuple[Source, ...] = ()
    reports: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Involved:
    """Somebody or something that the affair is about. steps: the numbers of the steps that name it, ascending."""

    name: Name
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One take of the story.

    Attributes:
        number: From 1.
        take: What kind of take it is.
        status: Whether it may be shown.
        at: When it was sent; None if unknown.
        headline: Its headline.
        headline_pieces: Words kept, removed and added against the headline before; empty if it is the same.
        note: What the publisher says of it.
        url: Where it can be read, if the publisher gave an address on the web.
        changes: Its paragraphs against the take before; None where these may not be shown.
    """

    number: int
    take: str
    status: str
    at: datetime | None
    headline: str
    headline_pieces: tuple[Piece, ...]
    note: str | None
    url: str | None
    changes: tuple[Paragraph, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A story's whole affair.

    Attributes:
        story: The step of the story itself.
        status: Of the story.
        text: The story's paragraphs; none unless it is usable.
        rights: What the publisher says of rights.
        byline: Who wrote it.
        versions: Its takes.
        steps: The affair in order of time.
        glance: The closest steps; none where there are few in all.
        involved: Whom and what most of the affair is about.
        stories: How many stories it names, with copies and other reports.
        publishers: Of how many publishers these are.
        left_out: How many follow-ups and background stories are too far off to be named.
        made_at: When the dossier was made.
    """

    story: Step
    status: Status
    text: tuple[str, ...]
    rights: str | None
    byline: str | None
    versions: tuple[Version, ...]
    steps: tuple[Step, ...]
    glance: tuple[Step, ...]
    involved: tuple[Involved, ...]
    stories: int
    publishers: int
    left_out: int
    made_at: datetime
