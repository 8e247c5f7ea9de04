"""What the gazetteer knows of one entity."""

from dataclasses import dataclass, replace
from datetime import date

from pipeline.models import EntityType


@dataclass(frozen=True, slots=True)
class Context:
    """Folded words around a form that speak for it or against it.

    Attributes:
        near: Words that speak for it within a dozen words.
        unless: Words that speak against it within four words.
        not_next: Words that rule it out right after it.
        not_previous: Words that rule it out right before it.
    """

    near: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    not_next: frozenset[str] = frozenset()
    not_previous: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FormRecord:
    """One spelling of a name.

    Attributes:
        text: The spelling.
        letters: Its letters alone.
        exact: Capitals must be as written.
        any_case: Capitals do not count.
        needs_near: It means this entity only beside a word of ``context.near``.
        weak: It is as often something else ("Georgia", "Jordan"): evidence to be weighed, not a fact.
        context: Words around it that count.
    """

    text: str
    letters: str
    exact: bool = False
    any_case: bool = False
    needs_near: bool = False
    weak: bool = False
    context: Context = Context()


@dataclass(frozen=True, slots=True)
class Office:
    """An office and when it was held. ``until`` is None while it lasts."""

    office: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """One known entity.

    Attributes:
        id: Its id, without "gaz:".
        name: Its canonical name.
        type: What kind of entity it is.
        kind: A finer word for it ("capital", "missile"), "" without one.
        forms: Its spellings.
        adjectives: Words that speak of it without naming it ("Turkish").
        offices: What a person has held.
    """

    id: str
    name: str
    type: EntityType
    kind: str = ""
    forms: tuple[FormRecord, ...] = ()
    adjectives: tuple[str, ...] = ()
    offices: tuple[Office, ...] = ()

    def added_to(self, base: "EntryRecord | None") -> "EntryRecord":
        """This entry, and what of the base's forms, adjectives and offices it does not have itself."""
        if base is None:
            return self
        own = {form.text for form in self.forms}
        return replace(
            self,
            forms=(*self.forms, *(form for form in base.forms if form.text not in own)),
            adjectives=tuple(dict.fromkeys((*self.adjectives, *base.adjectives))),
            offices=tuple(dict.fromkeys((*self.offices, *base.offices))),
        )


def form_of(
    text: str,
    context: Context = Context(),
    *,
    exact: bool = False,
    any_case: bool = False,
    needs_near: bool = False,
    weak: bool = False,
) -> FormRecord:
    """A form from its text and rules."""
    return FormRecord(text, "".join(filter(str.isalpha, text)), exact, any_case, needs_near, weak, context)
