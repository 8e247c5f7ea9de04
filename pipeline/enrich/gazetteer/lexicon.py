"""The words that tell what a name is: titles, first names, heads of organizations' names."""

from dataclasses import dataclass, fields
from pathlib import Path

import yaml

from pipeline.errors import SettingsError
from pipeline.text.fold import fold

FILE = "lexicon.yaml"
_SHIPPED = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Folded words by what they tell; ``data/lexicon.yaml`` explains each list."""

    titles: frozenset[str]
    honorifics: frozenset[str]
    particles: frozenset[str]
    given_names: frozenset[str]
    organization_heads: frozenset[str]
    company_suffixes: frozenset[str]
    speaking: frozenset[str]
    place_cues: frozenset[str]
    place_nouns: frozenset[str]
    calendar: frozenset[str]
    openers: frozenset[str]
    place_heads: frozenset[str]
    event_heads: frozenset[str]
    family_first: frozenset[str]
    generic_first: frozenset[str]
    not_names: frozenset[str]
    given_variants: frozenset[str]
    provinces: frozenset[str]
    system_nouns: frozenset[str]
    numbered: frozenset[str]
    numbered_after: frozenset[str]


def load_lexicon(folder: Path | None) -> tuple[Lexicon, bytes]:
    """Read the shipped lexicon, and the user's over it.

    The user's words are added to the shipped list; one with a minus before it (``-Premier``) is taken out of it.

    Args:
        folder: the user's gazetteer folder, which need not hold a lexicon; None where there is none.

    Returns:
        The lexicon, and the bytes that it was read from.

    Raises:
        SettingsError: it names file and line.
    """
    raw = (_SHIPPED / FILE).read_bytes()
    lists = _read_lists(_SHIPPED / FILE, raw)
    if folder is not None and (folder / FILE).is_file():
        own = (folder / FILE).read_bytes()
        raw += own
        for name, words in _read_lists(folder / FILE, own).items():
            unwanted = frozenset(word for word in words if word.startswith("-"))
            lists[name] = (lists.get(name, frozenset()) | words - unwanted) - {word[1:] for word in unwanted}
    return Lexicon(**{item.name: lists.get(item.name, frozenset()) for item in fields(Lexicon)}), raw


def _read_lists(path: Path, raw: bytes) -> dict[str, frozenset[str]]:
    """The folded words of each list in a file."""
    known = [item.name for item in fields(Lexicon)]
    lists: dict[str, frozenset[str]] = {}
    try:
        root = yaml.compose(raw, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise SettingsError(f"{path}, line {mark.line + 1 if mark else 1}: not YAML: {error}") from error
    if not isinstance(root, yaml.MappingNode):
        raise SettingsError(f"{path}, line 1: it must be a mapping of word lists: {', '.join(known)}")
    for key, value in root.value:
        where = f"{path}, line {key.start_mark.line + 1}"
        if key.value not in known:
            raise SettingsError(f"{where}: unknown list {key.value!r}; known are {', '.join(known)}")
        if not isinstance(value, yaml.ScalarNode):
            raise SettingsError(f"{where}: {key.value} must be plain text, words separated by white space")
        lists[key.value] = frozenset(fold(word) for word in value.value.split())
    return lists
