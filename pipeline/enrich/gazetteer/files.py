"""Reading the gazetteer's YAML files: the shipped ones, then the user's, which are laid over them.

Every mistake is reported with its file and line, all at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from pipeline.enrich.gazetteer import lexicon
from pipeline.enrich.gazetteer.entry_reader import EntryReader, Mistakes
from pipeline.enrich.gazetteer.records import EntryRecord
from pipeline.errors import SettingsError

_GROUP_KEYS = {"type", "kind", "near", "unless", "not_next", "not_previous", "entries"}
_FILE_KEYS = _GROUP_KEYS | {"groups", "without"}

_SHIPPED = Path(__file__).parent / "data"  # the files that come with Wirewatch


def read_gazetteer(folder: Path | None, library: Sequence[EntryRecord]) -> tuple[list[EntryRecord], bytes]:
    """Read all entries: the library's, those of the shipped files, and those of the user's.

    An entry with the id of a known one adds to it: its forms, adjectives and offices come on top, and its name, type
    and kind win. With ``replace: true`` it stands in that one's place. A file's ``without`` lists known entries that
    are left out.

    Args:
        folder: the user's gazetteer folder; None where there is none.
        library: entries that need no file.

    Returns:
        The entries, and the bytes that they were read from (for the revision).

    Raises:
        SettingsError: the folder is missing, or files in it have mistakes.
    """
    entries, content = _read_layer(_SHIPPED, {entry.id: entry for entry in library})
    if folder is not None:
        if not folder.is_dir():
            raise SettingsError(f"no gazetteer folder {folder}: set WIREWATCH_CONFIG to the folder above it")
        entries, own_content = _read_layer(folder, entries)
        content += own_content
    return list(entries.values()), content


def _read_layer(folder: Path, known: Mapping[str, EntryRecord]) -> tuple[dict[str, EntryRecord], bytes]:
    """The known entries with those of a folder laid over them, by id, and the bytes of its files."""
    mistakes = Mistakes()
    entries: dict[str, EntryRecord] = {}
    positions: dict[str, str] = {}
    unwanted: set[str] = set()
    content = b""
    for path in sorted(folder.glob("*.yaml")):
        if path.name == lexicon.FILE:
            continue
        raw = path.read_bytes()
        content += path.name.encode() + b"\0" + raw
        for node, entry in _read_file(path, raw, known, unwanted, mistakes):
            if entry.id in entries:
                mistakes.add(path, node, f"id {entry.id!r} is already used in {positions[entry.id]}")
                continue
            entries[entry.id] = entry
            positions[entry.id] = f"{path.name}, line {node.start_mark.line + 1}"
    mistakes.raise_if_any(folder)
    merged = {**known, **entries}
    return {identity: entry for identity, entry in merged.items() if identity not in unwanted}, content


def _read_file(
    path: Path, raw: bytes, known: Mapping[str, EntryRecord], unwanted: set[str], mistakes: Mistakes
) -> Iterator[tuple[yaml.Node, EntryRecord]]:
    """The entries of one file with their nodes; the ids that it leaves out go to ``unwanted``."""
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
    if "without" in top:
        unwanted |= reader.known_ids(top.pop("without"))
        if not top:
            return
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
