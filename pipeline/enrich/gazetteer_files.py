"""Reading the gazetteer's YAML files: every mistake is reported with its file and line, all at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from pipeline.enrich import lexicon
from pipeline.errors import SettingsError
from pipeline.models import EntityType

_MOST_MISTAKES = 20  # reported at once; the rest usually follow from these
_ENTRY_KEYS = {"id", "name", "type", "kind", "forms", "adjectives", "held", "wikidata", "of"}
_FORM_KEYS = {"text", "case", "weak", "near", "not_next", "not_previous"}
_FILE_KEYS = {"type", "kind", "entries"}
_OFFICE_KEYS = {"office", "from", "to"}


@dataclass(frozen=True, slots=True)
class FormRecord:
    """One spelling of a name, with the context that it needs (folded words).

    near: one of these within a dozen words; not_next / not_previous: these right after or before forbid it.
    weak: as often something else ("Georgia", "Jordan"): evidence to be weighed, not a fact.
    """

    text: str
    letters: str
    exact: bool = False
    any_case: bool = False
    weak: bool = False
    near: frozenset[str] = frozenset()
    not_next: frozenset[str] = frozenset()
    not_previous: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Office:
    """An office and when it was held (end None: still)."""

    office: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """One known entity."""

    id: str
    name: str
    type: EntityType
    kind: str
    forms: tuple[FormRecord, ...]
    adjectives: tuple[str, ...] = ()
    held: tuple[Office, ...] = ()


class _Mistakes:
    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, path: Path, node: yaml.Node, text: str) -> None:
        self.found.append(f"{path.name}, line {node.start_mark.line + 1}: {text}")

    def raise_if_any(self, folder: Path) -> None:
        if self.found:
            shown = "\n  ".join(self.found[:_MOST_MISTAKES])
            more = len(self.found) - _MOST_MISTAKES
            tail = f"\n  and {more} more" if more > 0 else ""
            raise SettingsError(f"the gazetteer in {folder} cannot be used:\n  {shown}{tail}")


def read_folder(folder: Path, library: Sequence[EntryRecord]) -> tuple[list[EntryRecord], bytes]:
    """The entries of all .yaml files, and the bytes they were read from (for the revision).

    library: entries that need no file; one in a file with the same id adds to it. Raises SettingsError.
    """
    mistakes = _Mistakes()
    known = {entry.id: entry for entry in library}
    entries: dict[str, EntryRecord] = {}
    places: dict[str, str] = {}
    content = b""
    if not folder.is_dir():
        raise SettingsError(f"no gazetteer folder {folder}: set WIREWATCH_CONFIG to the folder above it")
    for path in sorted(folder.glob("*.yaml")):
        if path.name == lexicon.FILE:
            continue
        raw = path.read_bytes()
        content += path.name.encode() + b"\0" + raw
        for node, entry in _read_file(path, raw, known, mistakes):
            if entry.id in entries:
                mistakes.add(path, node, f"id {entry.id!r} is already used in {places[entry.id]}")
                continue
            entries[entry.id] = entry
            places[entry.id] = f"{path.name}, line {node.start_mark.line + 1}"
    mistakes.raise_if_any(folder)
    return list({**known, **entries}.values()), content


def _read_file(
    path: Path, raw: bytes, known: Mapping[str, EntryRecord], mistakes: _Mistakes
) -> Iterator[tuple[yaml.Node, EntryRecord]]:
    loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(raw, Loader=loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        mistakes.found.append(f"{path.name}, line {line}: not YAML: {getattr(error, 'problem', None) or error}")
        return
    if root is None:
        return
    reader = _Reader(path, known, mistakes)
    top = reader.mapping(root, _FILE_KEYS, "a gazetteer file")
    listed = top.get("entries")
    if not isinstance(listed, yaml.SequenceNode):
        mistakes.add(path, listed or root, "'entries' must be a list")
        return
    defaults = {key: node for key, node in top.items() if key != "entries"}
    for node in listed.value:
        entry = reader.entry(node, defaults)
        if entry:
            yield node, entry


class _Reader:
    """Turns the nodes of one file into records."""

    def __init__(self, path: Path, known: Mapping[str, EntryRecord], mistakes: _Mistakes) -> None:
        self._path, self._known, self._mistakes = path, known, mistakes

    def _wrong(self, node: yaml.Node, text: str) -> None:
        self._mistakes.add(self._path, node, text)

    def mapping(self, node: yaml.Node, allowed: set[str], what: str) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, f"{what} must be a mapping of {', '.join(sorted(allowed))}")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name not in allowed:
                self._wrong(key, f"unknown key {name!r} in {what}; known are {', '.join(sorted(allowed))}")
            elif name in found:
                self._wrong(key, f"{name!r} appears twice in {what}")
            else:
                found[name] = value
        return found

    def text(self, node: yaml.Node | None, parent: yaml.Node, what: str) -> str:
        if isinstance(node, yaml.ScalarNode) and node.value.strip():
            return str(node.value).strip()
        self._wrong(node or parent, f"{what} must be a non-empty text")
        return ""

    def texts(self, node: yaml.Node | None, what: str) -> tuple[str, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self._wrong(node, f"{what} must be a list of texts")
            return ()
        return tuple(self.text(item, node, f"each of {what}") for item in node.value)

    def entry(self, node: yaml.Node, defaults: Mapping[str, yaml.Node]) -> EntryRecord | None:
        before = len(self._mistakes.found)
        parts = {**defaults, **self.mapping(node, _ENTRY_KEYS, "an entry")}
        identity = self.text(parts.get("id"), node, "'id'")
        base = self._known.get(identity)
        name = base.name if base and "name" not in parts else self.text(parts.get("name"), node, "'name'")
        kind = self.text(parts["kind"], node, "'kind'") if "kind" in parts else ""
        forms = self._forms(parts.get("forms"), name)
        entry_type = self._type(parts.get("type"), node)
        adjectives = self.texts(parts.get("adjectives"), "'adjectives'")
        held = self._held(parts.get("held"))
        if len(self._mistakes.found) > before or entry_type is None:
            return None
        if base:
            own = {form.text for form in forms}
            forms = (*forms, *(form for form in base.forms if form.text not in own))
        return EntryRecord(identity, name, entry_type, kind, forms, adjectives, held)

    def _type(self, node: yaml.Node | None, parent: yaml.Node) -> EntityType | None:
        value = self.text(node, parent, "'type'")
        if value in {kind.value for kind in EntityType}:
            return EntityType(value)
        if value:
            self._wrong(node or parent, f"type {value!r} is none of {', '.join(kind.value for kind in EntityType)}")
        return None

    def _forms(self, node: yaml.Node | None, name: str) -> tuple[FormRecord, ...]:
        listed = node.value if isinstance(node, yaml.SequenceNode) else []
        if node is not None and not isinstance(node, yaml.SequenceNode):
            self._wrong(node, "'forms' must be a list")
        forms = [self._form(item) for item in listed]
        if all(form.text != name for form in forms):
            forms.insert(0, form_of(name))
        return tuple(forms)

    def _form(self, node: yaml.Node) -> FormRecord:
        if isinstance(node, yaml.ScalarNode):
            return self._checked(node, form_of(self.text(node, node, "a form")))
        parts = self.mapping(node, _FORM_KEYS, "a form")
        text = self.text(parts.get("text"), node, "a form's 'text'")
        case = self.text(parts["case"], node, "'case'") if "case" in parts else "usual"
        if case not in {"usual", "exact", "any"}:
            self._wrong(parts["case"], f"case {case!r} is none of usual, exact, any")
        weak = self._flag(parts.get("weak"), "'weak'")
        words = {
            key: frozenset(word.lower() for word in self.texts(parts.get(key), f"{key!r}"))
            for key in ("near", "not_next", "not_previous")
        }
        return self._checked(node, form_of(text, exact=case == "exact", any_case=case == "any", weak=weak, **words))

    def _flag(self, node: yaml.Node | None, what: str) -> bool:
        value = "false" if node is None else self.text(node, node, what).lower()
        if node is not None and value not in {"true", "false"}:
            self._wrong(node, f"{what} must be true or false")
        return value == "true"

    def _checked(self, node: yaml.Node, form: FormRecord) -> FormRecord:
        if form.text and not any(map(str.isalnum, form.text)):
            self._wrong(node, f"form {form.text!r} has no letter or digit")
        return form

    def _held(self, node: yaml.Node | None) -> tuple[Office, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self._wrong(node, "'held' must be a list of office, from, to")
            return ()
        offices = []
        for item in node.value:
            parts = self.mapping(item, _OFFICE_KEYS, "an office")
            since, until = self._date(parts.get("from"), item), None
            if "to" in parts:
                until = self._date(parts["to"], item)
            if since and until and until < since:
                self._wrong(parts["to"], f"the office ends ({until}) before it begins ({since})")
            if since:
                offices.append(Office(self.text(parts.get("office"), item, "'office'"), since, until))
        return tuple(offices)

    def _date(self, node: yaml.Node | None, parent: yaml.Node) -> date | None:
        value = self.text(node, parent, "a date of office")
        try:
            return date.fromisoformat(value)
        except ValueError:
            if value:
                self._wrong(node or parent, f"{value!r} is not a date like 2014-08-28")
            return None


def form_of(
    text: str,
    *,
    exact: bool = False,
    any_case: bool = False,
    weak: bool = False,
    near: frozenset[str] = frozenset(),
    not_next: frozenset[str] = frozenset(),
    not_previous: frozenset[str] = frozenset(),
) -> FormRecord:
    """A form from its text and rules."""
    letters = "".join(filter(str.isalpha, text))
    return FormRecord(text, letters, exact, any_case, weak, near, not_next, not_previous)
