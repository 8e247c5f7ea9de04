"""A home of a labelled set's own: its stories through the real walk, apart from everybody's news."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline import Wirewatch
from pipeline.errors import SettingsError, UsageError
from pipeline.evaluate.sets import stories_file
from pipeline.progress import SILENT, Progress
from pipeline.settings import Settings

_MARK = "labelled-set.json"


@contextmanager
def opened_set(
    folder: Path, settings: Settings, home: Path | None = None, progress: Progress = SILENT
) -> Iterator[Wirewatch]:
    """An installation that holds the set's stories and nothing else, all stages done, with the embedded engine.

    home: kept, and used again without importing anew; else a temporary one. Raises UsageError for a home that holds
    anything else, SettingsError for a set that cannot be read.
    """
    stories = stories_file(folder)
    if home is None:
        with TemporaryDirectory(prefix="wirewatch-", ignore_cleanup_errors=True) as temporary:
            yield from _filled(stories, settings, Path(temporary), progress)
    else:
        yield from _filled(stories, settings, home.expanduser().absolute(), progress)


def _filled(stories: Path, settings: Settings, home: Path, progress: Progress) -> Iterator[Wirewatch]:
    mark = _claimed(home, stories)
    own = replace(settings, home=home, database_url=f"sqlite:///{home / 'wirewatch.db'}", elasticsearch=None)
    with Wirewatch.open(own) as wirewatch:
        known = json.loads(mark.read_text(encoding="utf-8"))
        if known["tagged_by"] is None:
            taken = wirewatch.stories.import_paths([stories], backfill=True, progress=progress)
            if not taken.stories:
                raise SettingsError(f"no story of {stories} can be read: {', '.join(taken.failures[:1])}")
        elif known["tagged_by"] != wirewatch.stages.tagger_revision:
            wirewatch.entities.retag(everything=True, progress=progress)
        wirewatch.stages.run(progress)
        _write_mark(mark, {**known, "tagged_by": wirewatch.stages.tagger_revision})
        yield wirewatch


def _claimed(home: Path, stories: Path) -> Path:
    """The mark of a home that is this set's, made where there is none."""
    digest = hashlib.sha256(stories.read_bytes()).hexdigest()
    mark = home / _MARK
    if mark.is_file():
        if json.loads(mark.read_text(encoding="utf-8")).get("stories") != digest:
            raise UsageError(f"{home} holds another set than {stories}: name another home")
        return mark
    if home.exists() and any(home.iterdir()):
        raise UsageError(f"{home} is not empty, and no home of a labelled set: name another one")
    home.mkdir(parents=True, exist_ok=True)
    _write_mark(mark, {"stories": digest, "tagged_by": None})
    return mark


def _write_mark(mark: Path, content: dict[str, str | None]) -> None:
    mark.write_text(json.dumps(content) + "\n", encoding="utf-8")
