"""feeds.yaml: the feeds and drop folders that an installation takes stories from."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import SettingsError
from pipeline.models import Feed
from pipeline.settings.lengths_of_time import duration


class _FeedEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^\w[\w .:-]{0,99}$")]  # also the name of a drop folder's ledger
    url: str | None = None
    folder: str | None = None
    publisher: str | None = None
    language: str | None = None
    every: Annotated[timedelta, BeforeValidator(duration)] = timedelta(minutes=10)
    credentials: str | None = None
    article_pages: bool = False
    alerts: bool = True

    @model_validator(mode="after")
    def _url_or_folder(self) -> "_FeedEntry":
        if (self.url is None) == (self.folder is None):
            raise ValueError("give either url (a feed) or folder (a drop folder)")
        if self.url is not None and urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError(f"url must start with http:// or https://, not {self.url!r}")
        return self


class _FeedFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    feeds: list[_FeedEntry]


def load_feeds(path: Path, home: Path) -> tuple[Feed, ...]:
    """The feeds that a file declares.

    Args:
        path: The file.
        home: Drop folders with a relative path are in it.

    Raises:
        SettingsError: The file cannot be read, or has a mistake; the error names the entry.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}. Write it, or set WIREWATCH_CONFIG") from error
    try:
        content: Any = yaml.safe_load(text) or {"feeds": []}
        entries = _FeedFile.model_validate(content).feeds
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is no valid YAML: {error}") from error
    except ValidationError as error:
        raise SettingsError(f"{path}: {_first_problem(error, content)}") from error
    names = [entry.name for entry in entries]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise SettingsError(f"{path}: the feed name {repeated[0]!r} is used twice; names must differ")
    return tuple(_as_feed(entry, home) for entry in entries)


def _as_feed(entry: _FeedEntry, home: Path) -> Feed:
    values = entry.model_dump()
    if entry.folder is not None:
        values["folder"] = str(home / Path(entry.folder).expanduser())
    return Feed(**values)


def _first_problem(error: ValidationError, content: Any) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    match first["loc"]:
        case ("feeds", int(number), *rest) if isinstance(content["feeds"][number], dict):
            name = content["feeds"][number].get("name", f"number {number + 1}")
            where = f"feed {name!r}" + "".join(f", {part}" for part in rest)
    return f"{where}: {first['msg'].removeprefix('Value error, ')}"
