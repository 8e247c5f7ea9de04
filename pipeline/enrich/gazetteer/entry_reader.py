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
    """Turns the nodes of one file into records. A file may add to the entries in ``known``."""

    def __init__(self, path: Path, known: Mapping[str, EntryRecord], mistakes: Mistakes) -> None:
        self._path, self._known, self._mistakes = path, known, mistakes
        self._contexts: dict[tuple[int, ...], Context] = {}

    def _note(self, node: yaml.Node, text: str) -> None:
        self._mistakes.add(self._path, node, text)

    def mapping(self, node: yaml.Node, allowed: set[str], what: str) -> dict[str, yaml.Node]:
        """A mapping's values by key; unknown and repeated keys are mistakes."""
        if not isinstance(node, yaml.MappingNode):
            self._note(node, f"{what} must be a mapping of {', '.join(sorted(allowed))}")
            return {}
        values: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name not in allowed:
                self._note(key, f"unknown key {name!r} in {what}; known are {', '.join(sorted(allowed))}")
            elif name in values:
                self._note(key, f"{name!r} appears twice in {what}")
            else:
                values[name] = value
        return values

    def nodes(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        """A list's items."""
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self._note(node, f"{what} must be a list")
        return []

    def known_ids(self, node: yaml.Node) -> set[str]:
        """The ids of a list of known entries; any other id is a mistake."""
        identities = set()
        for item in self.nodes(node, "'without'"):
            identity = self._read_text(item, node, "each of 'without'")
            if identity in self._known:
                identities.add(identity)
            elif identity:
                self._note(item, f"there is no entry {identity!r} to leave out")
        return identities

    def entry(self, node: yaml.Node, defaults: Mapping[str, yaml.Node]) -> EntryRecord | None:
        """Read one entry.

        Args:
            node: The entry.
            defaults: What its group says of all its entries.

        Returns:
            The entry, None where a mistake was noted.
        """
        before = len(self._mistakes.found)
        entry = (
            self._read_short_entry(node, defaults)
            if isinstance(node, yaml.ScalarNode)
            else self._read_full_entry(node, defaults)
        )
        return entry if len(self._mistakes.found) == before else None

    def _read_short_entry(self, node: yaml.ScalarNode, defaults: Mapping[str, yaml.Node]) -> EntryRecord:
        """Read the short way to write an entry, "Name | form | form?". Its id is made of the name."""
        texts = [text.strip() for text in node.value.split("|")]
        if not all(text.rstrip("?~") for text in texts):
            self._note(node, f"an empty name or form in {node.value!r}")
        context = self._read_context(defaults)
        forms = tuple(self._read_short_form(node, text, context) for text in texts)
        name = texts[0].rstrip("?~")
        base = self._known.get(slug(name))
        entry_type = base.type if base and "type" not in defaults else self._read_type(defaults.get("type"), node)
        kind = self._read_text(defaults["kind"], node, "'kind'") if "kind" in defaults else base.kind if base else ""
        return EntryRecord(slug(name), name, entry_type, kind, forms).added_to(base)

    def _read_full_entry(self, node: yaml.Node, defaults: Mapping[str, yaml.Node]) -> EntryRecord:
        own = self.mapping(node, _ENTRY_KEYS, "an entry")
        parts = {**defaults, **own}
        identity = self._read_text(parts["id"], node, "'id'") if "id" in parts else ""
        base = self._find_base(parts, identity, node)
        name = base.name if base and "name" not in parts else self._read_text(parts.get("name"), node, "'name'")
        context = self._read_context(parts)
        forms = (
            [self._read_form(item, context) for item in self.nodes(parts["forms"], "'forms'")]
            if "forms" in parts
            else []
        )
        if all(form.text != name for form in forms):
            known_form = next((form for form in base.forms if form.text == name), None) if base else None
            forms.insert(0, known_form or form_of(name, context))
        entry = EntryRecord(
            identity or slug(name),
            name,
            base.type if base and "type" not in parts else self._read_type(parts.get("type"), node),
            self._read_text(parts["kind"], node, "'kind'") if "kind" in parts else base.kind if base else "",
            tuple(forms),
            self._read_texts(parts.get("adjectives"), "'adjectives'"),
            self._read_offices(parts.get("held")),
        )
        return entry.added_to(base)

    def _find_base(self, parts: Mapping[str, yaml.Node], identity: str, node: yaml.Node) -> EntryRecord | None:
        """The known entry that this one adds to; None where there is none or this one replaces it."""
        name = parts.get("name")
        base = self._known.get(identity or (slug(str(name.value)) if isinstance(name, yaml.ScalarNode) else ""))
        if not self._read_flag(parts.get("replace"), "'replace'"):
            return base
        if base is None:
            self._note(node, "there is no such entry to replace")
        return None

    def _read_text(self, node: yaml.Node | None, parent: yaml.Node, what: str) -> str:
        if isinstance(node, yaml.ScalarNode) and node.value.strip():
            return str(node.value).strip()
        self._note(node or parent, f"{what} must be a non-empty text")
        return ""

    def _read_texts(self, node: yaml.Node | None, what: str) -> tuple[str, ...]:
        if node is None:
            return ()
        return tuple(self._read_text(item, node, f"each of {what}") for item in self.nodes(node, what))

    def _read_type(self, node: yaml.Node | None, parent: yaml.Node) -> EntityType:
        value = self._read_text(node, parent, "'type'")
        if value in {kind.value for kind in EntityType}:
            return EntityType(value)
        if value:
            self._note(node or parent, f"type {value!r} is none of {', '.join(kind.value for kind in EntityType)}")
        return EntityType.ORGANIZATION  # never used: a mistake was noted

    def _read_context(self, parts: Mapping[str, yaml.Node]) -> Context:
        """The context lists. They are long and shared, so they are read once per group."""
        key = tuple(id(parts[name]) if name in parts else 0 for name in _CONTEXT_KEYS)
        if key not in self._contexts:
            words = (
                frozenset(
                    fold(word) for text in self._read_texts(parts.get(name), f"{name!r}") for word in text.split()
                )
                for name in _CONTEXT_KEYS
            )
            self._contexts[key] = Context(*words)
        return self._contexts[key]

    def _read_form(self, node: yaml.Node, context: Context) -> FormRecord:
        if isinstance(node, yaml.ScalarNode):
            return self._read_short_form(node, self._read_text(node, node, "a form"), context)
        parts = self.mapping(node, _FORM_KEYS, "a form")
        text = self._read_text(parts.get("text"), node, "a form's 'text'")
        case = self._read_text(parts["case"], node, "'case'") if "case" in parts else "usual"
        if case not in {"usual", "exact", "any"}:
            self._note(parts["case"], f"case {case!r} is none of usual, exact, any")
        own = self._read_context(parts)
        both = Context(*(getattr(own, name) or getattr(context, name) for name in _CONTEXT_KEYS))
        weak = self._read_flag(parts.get("weak"), "'weak'")
        form = form_of(text, both, exact=case == "exact", any_case=case == "any", needs_near="near" in parts, weak=weak)
        return self._check_form(node, form)

    def _read_short_form(self, node: yaml.Node, text: str, context: Context) -> FormRecord:
        """Read a form: "Patriot?" needs the group's near words, "Georgia~" is weak."""
        form = form_of(text.rstrip("?~"), context, needs_near=text.endswith("?"), weak=text.endswith("~"))
        if form.needs_near and not context.near:
            self._note(node, f"{text!r} needs context, but neither entry nor group has a 'near' list")
        return self._check_form(node, form)

    def _check_form(self, node: yaml.Node, form: FormRecord) -> FormRecord:
        if form.text and not any(map(str.isalnum, form.text)):
            self._note(node, f"form {form.text!r} has no letter or digit")
        return form

    def _read_flag(self, node: yaml.Node | None, what: str) -> bool:
        value = "false" if node is None else self._read_text(node, node, what).lower()
        if node is not None and value not in {"true", "false"}:
            self._note(node, f"{what} must be true or false")
        return value == "true"

    def _read_offices(self, node: yaml.Node | None) -> tuple[Office, ...]:
        offices = []
        for item in self.nodes(node, "'held'") if node is not None else ():
            parts = self.mapping(item, _OFFICE_KEYS, "an office")
            since = self._read_date(parts.get("from"), item)
            until = self._read_date(parts["to"], item) if "to" in parts else None
            if since and until and until < since:
                self._note(parts["to"], f"the office ends ({until}) before it begins ({since})")
            if since:
                offices.append(Office(self._read_text(parts.get("office"), item, "'office'"), since, until))
        return tuple(offices)

    def _read_date(self, node: yaml.Node | None, parent: yaml.Node) -> date | None:
        value = self._read_text(node, parent, "a date of office")
        try:
            return date.fromisoformat(value)
        except ValueError:
            if value:
                self._note(node or parent, f"{value!r} is not a date like 2014-08-28")
            return None
