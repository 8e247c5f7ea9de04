"""What the gazetteer knows of one entity."""

from dataclasses import dataclass, replace
from datetime import date

from pipeline.models import EntityType


@dataclass(frozen=True, slots=True)
class Context:
    """Words around a form that speak for or against it (folded).

    near: within a dozen words, for. unless: within four words, against. not_next / not_previous: right beside, against.
    """

    near: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    not_next: frozenset[str] = frozenset()
    not_previous: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FormRecord:
    """One spelling of a name.

    letters: its letters alone. exact: capitals must be as written; any_case: they do not count. needs_near: means this
    entity only beside one of ``context.near``. weak: as often something else ("Georgia", "Jordan"), so evidence to be
    weighed, not a fact.
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
    """An office and when it was held (until None: still)."""

    office: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """One known entity."""

    id: str
    name: str
    type: EntityType
    kind: str = ""
    forms: tuple[FormRecord, ...] = ()
    adjectives: tuple[str, ...] = ()
    held: tuple[Office, ...] = ()

    def added_to(self, base: "EntryRecord | None") -> "EntryRecord":
        """This entry, and what of the base's forms, adjectives and offices it does not have itself."""
        if base is None:
            return self
        own = {form.text for form in self.forms}
        return replace(
            self,
            forms=(*self.forms, *(form for form in base.forms if form.text not in own)),
            adjectives=tuple(dict.fromkeys((*self.adjectives, *base.adjectives))),
            held=tuple(dict.fromkeys((*self.held, *base.held))),
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
