"""Reading labelled sets. Every mistake in one raises SettingsError with the file and the line."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.shared_formats.qrels import QueryJudgements, parse_qrels

_STORIES = ("stories.jsonl.gz", "stories.jsonl")


@dataclass(frozen=True, slots=True)
class Judgements:
    """One folder of judged queries.

    Attributes:
        name: Of the folder.
        queries: The uris that ask, in order.
        by_query: Uri of the query -> what is judged of it.
    """

    name: str
    queries: tuple[str, ...]
    by_query: Mapping[str, QueryJudgements[str]]


@dataclass(frozen=True, slots=True)
class Events:
    """The gold events.

    Attributes:
        events: Uri -> event.
        topics: Uri -> the topic that look-alike events share; the event itself where none is given.
    """

    events: Mapping[str, str]
    topics: Mapping[str, str]


def stories_file(folder: Path) -> Path:
    """Return the file of the set's stories; for a folder of judgements, that of the folder that it lies in."""
    for parent in (folder, folder.parent):
        for name in _STORIES:
            if (parent / name).is_file():
                return parent / name
    raise SettingsError(f"there is no {' or '.join(_STORIES)} in {folder}")


def read_judgements(folder: Path) -> list[Judgements]:
    """Read the folder's own judgements, or those of the folders in it, by name."""
    folders = (
        [folder]
        if (folder / "qrels.txt").is_file()
        else sorted((path.parent for path in folder.glob("*/qrels.txt")), key=_span_order)
    )
    if not folders:
        raise SettingsError(f"no judgements in {folder}: it needs a folder with queries.txt and qrels.txt")
    return [_read_judgements(folder) for folder in folders]


def _span_order(folder: Path) -> tuple[str, int]:
    """Return a key that sorts span90 before span365."""
    name = folder.name.rstrip("0123456789")
    return name, int(folder.name[len(name) :] or 0)


def _read_judgements(folder: Path) -> Judgements:
    judged = parse_qrels(_read_text(folder / "qrels.txt"), str(folder / "qrels.txt"))
    file = folder / "queries.txt"
    queries = dict.fromkeys(line.strip() for _, line in _lines(file)) if file.is_file() else judged
    asking = tuple(query for query in queries if query in judged and judged[query].right)
    if not asking:
        raise SettingsError(f"no query in {folder} has a relevant story: there is nothing to measure")
    return Judgements(folder.name, asking, judged)


def read_events(folder: Path) -> Events:
    """Read gold.tsv: uri, event and, if the event has one, topic."""
    events, topics = {}, {}
    for where, line in _lines(folder / "gold.tsv"):
        parts = line.split("\t")
        if len(parts) not in (2, 3):
            raise SettingsError(f"{where}: expected uri, event and topic with tabs between, got {line[:80]!r}")
        events[parts[0]] = parts[1]
        topics[parts[0]] = parts[2] if len(parts) == 3 else parts[1]
    if not events:
        raise SettingsError(f"{folder / 'gold.tsv'} is empty")
    return Events(events, topics)


def read_copies(folder: Path) -> Set[tuple[str, str]]:
    """Read gold.tsv: pairs of uris. Each pair is returned in order."""
    pairs = set()
    for where, line in _lines(folder / "gold.tsv"):
        parts = line.split()
        if len(parts) != 2 or parts[0] == parts[1]:
            raise SettingsError(f"{where}: expected two uris, got {line[:80]!r}")
        pairs.add((min(parts), max(parts)))
    if not pairs:
        raise SettingsError(f"{folder / 'gold.tsv'} is empty")
    return pairs


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (where, line) of the lines that are not empty."""
    for number, line in enumerate(_read_text(path).splitlines(), start=1):
        if line.strip():
            yield f"{path}, line {number}", line


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
