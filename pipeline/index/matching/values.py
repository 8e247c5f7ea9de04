"""The values of a document's fields, as hits show them and as they are searched: for every engine alike."""

from datetime import UTC, datetime
from typing import Any

from pipeline.models import StoryDocument
from pipeline.query.fields import FIELDS, FieldSpec, Kind


def shown(story: StoryDocument) -> dict[str, Any]:
    """Every contract field: times as ISO 8601 in UTC, several values as lists, follows as lineage and score."""
    fields = {name: _plain(getattr(story, name)) for name in FIELDS}
    fields["follows"] = [{"lineage": lineage, "score": score} for lineage, score in story.follows]
    return fields


def values(story: StoryDocument, spec: FieldSpec) -> tuple[Any, ...]:
    """What one field is searched and counted by: its values, without missing ones."""
    value = getattr(story, spec.name)
    if spec.name == "follows":
        return tuple(lineage for lineage, _ in value)
    if spec.many:
        return tuple(one for one in value if one)
    if value is None or value == "":
        return ()
    if spec.kind is Kind.FLAG:
        return ("true" if value else "false",)
    return (value,)


def iso(time: datetime) -> str:
    """2017-11-09T12:00:00Z; fractions of a second only where there are any."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def month(time: datetime) -> str:
    """2017-11: what dates are counted by."""
    return time.astimezone(UTC).isoformat()[:7]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return list(value) if isinstance(value, tuple) else value
