"""Reading the gazetteer's YAML files: every mistake is reported with its file and line, all at once."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from pipeline.enrich.gazetteer import lexicon
from pipeline.enrich.gazetteer.entries import EntryReader, Mistakes
from pipeline.enrich.gazetteer.records import EntryRecord
from pipeline.errors import SettingsError

_GROUP_KEYS = {"type", "kind", "near", "unless", "not_next", "not_previous", "entries"}
_FILE_KEYS = _GROUP_KEYS | {"groups"}


def read_folder(folder: Path, library: Sequence[EntryRecord]) -> tuple[list[EntryRecord], bytes]:
    """The entries of all .yaml files, and the bytes they were read from (for the revision).

    library: entries that need no file; one in a file with the same id adds to it. Raises SettingsError.
    """
    if not folder.is_dir():
        raise SettingsError(f"no gazetteer folder {folder}: set WIREWATCH_CONFIG to the folder above it")
    mistakes = Mistakes()
    known = {entry.id: entry for entry in library}
    entries: dict[str, EntryRecord] = {}
    places: dict[str, str] = {}
    content = b""
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
    path: Path, raw: bytes, known: Mapping[str, EntryRecord], mistakes: Mistakes
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
    reader = EntryReader(path, known, mistakes)
    top = reader.mapping(root, _FILE_KEYS, "a gazetteer file")
    groups = reader.nodes(top.pop("groups"), "'groups'") if "groups" in top else [root]
    for group in groups:
        parts = top if group is root else {**top, **reader.mapping(group, _GROUP_KEYS, "a group")}
        if "entries" not in parts:
            mistakes.add(path, group, "'entries' is missing")
            continue
        defaults = {key: node for key, node in parts.items() if key != "entries"}
        for node in reader.nodes(parts["entries"], "'entries'"):
            entry = reader.entry(node, defaults)
            if entry:
                yield node, entry
