"""From the nodes of a gazetteer file to records, with a note of every mistake."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import yaml

from pipeline.enrich.gazetteer.records import Context, EntryRecord, FormRecord, Office, form_of
from pipeline.errors import SettingsError
from pipeline.models import EntityType
from pipeline.text.fold import fold, slug

_MOST_MISTAKES = 20  # reported at once; the rest usually follow from these
_CONTEXT_KEYS = ("near", "unless", "not_next", "not_previous")
_ENTRY_KEYS = {"id", "name", "type", "kind", "forms", "adjectives", "held", "wikidata", "replace"}
_FORM_KEYS = {"text", "case", "weak", *_CONTEXT_KEYS}
_OFFICE_KEYS = {"office", "from", "to"}


class Mistakes:
    """What is wrong with a folder, in the order found."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, path: Path, node: yaml.Node, text: str) -> None:
        """Note a mistake at a node."""
        self.found.append(f"{path.name}, line {node.start_mark.line + 1}: {text}")

    def raise_if_any(self, folder: Path) -> None:
        """Raise SettingsError with up to twenty of them."""
        if self.found:
            shown = "\n  ".join(self.found[:_MOST_MISTAKES])
            more = len(self.found) - _MOST_MISTAKES
            tail = f"\n  and {more} more" if more > 0 else ""
            raise SettingsError(f"the gazetteer in {folder} cannot be used:\n  {shown}{tail}")


class EntryReader:
    """Turns the nodes of one file into records. known: entries that a file may add to."""

    def __init__(self, path: Path, known: Mapping[str, EntryRecord], mistakes: Mistakes) -> None:
        self._path, self._known, self._mistakes = path, known, mistakes
        self._contexts: dict[tuple[int, ...], Context] = {}

    def _wrong(self, node: yaml.Node, text: str) -> None:
        self._mistakes.add(self._path, node, text)

    def mapping(self, node: yaml.Node, allowed: set[str], what: str) -> dict[str, yaml.Node]:
        """A mapping's values by key; unknown and repeated keys are mistakes."""
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, f"{what} must be a mapping of {', '.join(sorted(allowed))}")
            return {}
        values: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name not in allowed:
                self._wrong(key, f"unknown key {name!r} in {what}; known are {', '.join(sorted(allowed))}")
            elif name in values:
                self._wrong(key, f"{name!r} appears twice in {what}")
            else:
                values[name] = value
        return values

    def nodes(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        """A list's items."""
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self._wrong(node, f"{what} must be a list")
        return []

    def known_ids(self, node: yaml.Node) -> set[str]:
        """The ids of a list of known entries; any other id is a mistake."""
        identities = set()
        for item in self.nodes(node, "'without'"):
            identity = self._text(item, node, "each of 'without'")
            if identity in self._known:
                identities.add(identity)
            elif identity:
                self._wrong(item, f"there is no entry {identity!r} to leave out")
        return identities

    def entry(self, node: yaml.Node, defaults: Mapping[str, yaml.Node]) -> EntryRecord | None:
        """One entry, or None (and a mistake noted). defaults: what its group says of all its entries."""
        before = len(self._mistakes.found)
        entry = self._row(node, defaults) if isinstance(node, yaml.ScalarNode) else self._full(node, defaults)
        return entry if len(self._mistakes.found) == before else None

    def _row(self, node: yaml.ScalarNode, defaults: Mapping[str, yaml.Node]) -> EntryRecord:
        """ "Name | form | form?": the short way to write an entry; its id is made of the name."""
        texts = [text.strip() for text in node.value.split("|")]
        if not all(text.rstrip("?~") for text in texts):
            self._wrong(node, f"an empty name or form in {node.value!r}")
        context = self._context(defaults)
        forms = tuple(self._short_form(node, text, context) for text in texts)
        name = texts[0].rstrip("?~")
        base = self._known.get(slug(name))
        entry_type = base.type if base and "type" not in defaults else self._type(defaults.get("type"), node)
        kind = self._text(defaults["kind"], node, "'kind'") if "kind" in defaults else base.kind if base else ""
        return EntryRecord(slug(name), name, entry_type, kind, forms).added_to(base)

    def _full(self, node: yaml.Node, defaults: Mapping[str, yaml.Node]) -> EntryRecord:
        own = self.mapping(node, _ENTRY_KEYS, "an entry")
        parts = {**defaults, **own}
        identity = self._text(parts["id"], node, "'id'") if "id" in parts else ""
        base = self._base(parts, identity, node)
        name = base.name if base and "name" not in parts else self._text(parts.get("name"), node, "'name'")
        context = self._context(parts)
        forms = (
            [self._form(item, context) for item in self.nodes(parts["forms"], "'forms'")] if "forms" in parts else []
        )
        if all(form.text != name for form in forms):
            known_form = next((form for form in base.forms if form.text == name), None) if base else None
            forms.insert(0, known_form or form_of(name, context))
        entry = EntryRecord(
            identity or slug(name),
            name,
            base.type if base and "type" not in parts else self._type(parts.get("type"), node),
            self._text(parts["kind"], node, "'kind'") if "kind" in parts else base.kind if base else "",
            tuple(forms),
            self._texts(parts.get("adjectives"), "'adjectives'"),
            self._held(parts.get("held")),
        )
        return entry.added_to(base)

    def _base(self, parts: Mapping[str, yaml.Node], identity: str, node: yaml.Node) -> EntryRecord | None:
        """The known entry that this one adds to; None where there is none or this one replaces it."""
        name = parts.get("name")
        base = self._known.get(identity or (slug(str(name.value)) if isinstance(name, yaml.ScalarNode) else ""))
        if not self._flag(parts.get("replace"), "'replace'"):
            return base
        if base is None:
            self._wrong(node, "there is no such entry to replace")
        return None

    def _text(self, node: yaml.Node | None, parent: yaml.Node, what: str) -> str:
        if isinstance(node, yaml.ScalarNode) and node.value.strip():
            return str(node.value).strip()
        self._wrong(node or parent, f"{what} must be a non-empty text")
        return ""

    def _texts(self, node: yaml.Node | None, what: str) -> tuple[str, ...]:
        if node is None:
            return ()
        return tuple(self._text(item, node, f"each of {what}") for item in self.nodes(node, what))

    def _type(self, node: yaml.Node | None, parent: yaml.Node) -> EntityType:
        value = self._text(node, parent, "'type'")
        if value in {kind.value for kind in EntityType}:
            return EntityType(value)
        if value:
            self._wrong(node or parent, f"type {value!r} is none of {', '.join(kind.value for kind in EntityType)}")
        return EntityType.ORGANIZATION  # never used: a mistake was noted

    def _context(self, parts: Mapping[str, yaml.Node]) -> Context:
        """The context lists, read once a group: they are long and shared."""
        key = tuple(id(parts[name]) if name in parts else 0 for name in _CONTEXT_KEYS)
        if key not in self._contexts:
            words = (
                frozenset(fold(word) for text in self._texts(parts.get(name), f"{name!r}") for word in text.split())
                for name in _CONTEXT_KEYS
            )
            self._contexts[key] = Context(*words)
        return self._contexts[key]

    def _form(self, node: yaml.Node, context: Context) -> FormRecord:
        if isinstance(node, yaml.ScalarNode):
            return self._short_form(node, self._text(node, node, "a form"), context)
        parts = self.mapping(node, _FORM_KEYS, "a form")
        text = self._text(parts.get("text"), node, "a form's 'text'")
        case = self._text(parts["case"], node, "'case'") if "case" in parts else "usual"
        if case not in {"usual", "exact", "any"}:
            self._wrong(parts["case"], f"case {case!r} is none of usual, exact, any")
        own = self._context(parts)
        both = Context(*(getattr(own, name) or getattr(context, name) for name in _CONTEXT_KEYS))
        weak = self._flag(parts.get("weak"), "'weak'")
        form = form_of(text, both, exact=case == "exact", any_case=case == "any", needs_near="near" in parts, weak=weak)
        return self._checked(node, form)

    def _short_form(self, node: yaml.Node, text: str, context: Context) -> FormRecord:
        """ "Patriot?" needs the group's near words; "Georgia~" is weak."""
        form = form_of(text.rstrip("?~"), context, needs_near=text.endswith("?"), weak=text.endswith("~"))
        if form.needs_near and not context.near:
            self._wrong(node, f"{text!r} needs context, but neither entry nor group has a 'near' list")
        return self._checked(node, form)

    def _checked(self, node: yaml.Node, form: FormRecord) -> FormRecord:
        if form.text and not any(map(str.isalnum, form.text)):
            self._wrong(node, f"form {form.text!r} has no letter or digit")
        return form

    def _flag(self, node: yaml.Node | None, what: str) -> bool:
        value = "false" if node is None else self._text(node, node, what).lower()
        if node is not None and value not in {"true", "false"}:
            self._wrong(node, f"{what} must be true or false")
        return value == "true"

    def _held(self, node: yaml.Node | None) -> tuple[Office, ...]:
        offices = []
        for item in self.nodes(node, "'held'") if node is not None else ():
            parts = self.mapping(item, _OFFICE_KEYS, "an office")
            since = self._date(parts.get("from"), item)
            until = self._date(parts["to"], item) if "to" in parts else None
            if since and until and until < since:
                self._wrong(parts["to"], f"the office ends ({until}) before it begins ({since})")
            if since:
                offices.append(Office(self._text(parts.get("office"), item, "'office'"), since, until))
        return tuple(offices)

    def _date(self, node: yaml.Node | None, parent: yaml.Node) -> date | None:
        value = self._text(node, parent, "a date of office")
        try:
            return date.fromisoformat(value)
        except ValueError:
            if value:
                self._wrong(node or parent, f"{value!r} is not a date like 2014-08-28")
            return None
