"""The values of a document's fields, as hits show them and as they are searched; the same for every engine."""

from datetime import UTC, datetime
from typing import Any

from pipeline.models import StoryDocument
from pipeline.query.fields import FIELDS, FieldSpec, Kind


def shown(story: StoryDocument) -> dict[str, Any]:
    """Every field of the contract as JSON: times in ISO 8601 and UTC, several values as a list, follows with scores."""
    fields = {name: _json_value(getattr(story, name)) for name in FIELDS}
    fields["follows"] = [{"lineage": lineage, "score": score} for lineage, score in story.follows]
    return fields


def values(story: StoryDocument, spec: FieldSpec) -> tuple[Any, ...]:
    """The values by which a field is searched and counted; empty where it has none."""
    value = getattr(story, spec.name)
    if spec.name == "follows":
        return tuple(lineage for lineage, _ in value)
    if spec.many:
        return tuple(entry for entry in value if entry)
    if value is None or value == "":
        return ()
    if spec.kind is Kind.FLAG:
        return ("true" if value else "false",)
    return (value,)


def iso(time: datetime) -> str:
    """A time as 2017-11-09T12:00:00Z; with fractions of a second only where there are any."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def month(time: datetime) -> str:
    """The month of a time as 2017-11: the unit in which dates are counted."""
    return time.astimezone(UTC).isoformat()[:7]


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return list(value) if isinstance(value, tuple) else value
