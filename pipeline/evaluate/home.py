"""An installation of a labelled set's own: its stories through all stages, apart from everybody's news."""

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

_MANIFEST = "labelled-set.json"


@contextmanager
def opened_set(
    folder: Path, settings: Settings, home: Path | None = None, progress: Progress = SILENT
) -> Iterator[Wirewatch]:
    """Open an installation that holds the set's stories and nothing else, all stages done, with the embedded engine.

    Args:
        folder: The set.
        settings: Everything but the home, the database and the engine.
        home: The installation's home; it is kept, and used again without a new import. None: a temporary one.
        progress: Shown while the stages run.

    Yields:
        The installation.

    Raises:
        UsageError: The home holds something else.
        SettingsError: The set cannot be read.
    """
    stories = stories_file(folder)
    if home is None:
        with TemporaryDirectory(prefix="wirewatch-", ignore_cleanup_errors=True) as temporary:
            yield from _filled(stories, settings, Path(temporary), progress)
    else:
        yield from _filled(stories, settings, home.expanduser().absolute(), progress)


def _filled(stories: Path, settings: Settings, home: Path, progress: Progress) -> Iterator[Wirewatch]:
    manifest = _manifest_of(home, stories)
    own = replace(settings, home=home, database_url=f"sqlite:///{home / 'wirewatch.db'}", elasticsearch=None)
    with Wirewatch.open(own) as wirewatch:
        known = json.loads(manifest.read_text(encoding="utf-8"))
        if known["tagged_by"] is None:
            imported = wirewatch.stories.import_paths([stories], backfill=True, progress=progress)
            if not imported.stories:
                raise SettingsError(f"no story of {stories} can be read: {', '.join(imported.failures[:1])}")
        elif known["tagged_by"] != wirewatch.stages.tagger_revision:
            wirewatch.entities.retag(everything=True, progress=progress)
        wirewatch.stages.run(progress)
        _write_manifest(manifest, {**known, "tagged_by": wirewatch.stages.tagger_revision})
        yield wirewatch


def _manifest_of(home: Path, stories: Path) -> Path:
    """Return the file that says whose home it is and what tagged it; made where there is none."""
    digest = hashlib.sha256(stories.read_bytes()).hexdigest()
    manifest = home / _MANIFEST
    if manifest.is_file():
        if json.loads(manifest.read_text(encoding="utf-8")).get("stories") != digest:
            raise UsageError(f"{home} holds another set than {stories}: name another home")
        return manifest
    if home.exists() and any(home.iterdir()):
        raise UsageError(f"{home} is not empty, and no home of a labelled set: name another one")
    home.mkdir(parents=True, exist_ok=True)
    _write_manifest(manifest, {"stories": digest, "tagged_by": None})
    return manifest


def _write_manifest(manifest: Path, content: dict[str, str | None]) -> None:
    manifest.write_text(json.dumps(content) + "\n", encoding="utf-8")
