"""subscriptions.yaml: what is declared in it, entry by entry, each with its line; a wrong entry stops only itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pipeline.alert.subscriptions.validate import check_subscription, quiet_hours
from pipeline.errors import SettingsError, UsageError
from pipeline.models import Mute, MuteKind, QuietHours, Rhythm, Subscription
from pipeline.settings import duration

_LIST = "subscriptions"


class _Mutes(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    entities: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    threads: tuple[str | int, ...] = ()


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(min_length=1, max_length=200)
    to: tuple[str, ...]
    name: str | None = None
    owner: str = "operator"
    query: str | None = None
    follow: str | int | None = None
    closeness: float = 0.5
    rhythm: Rhythm = Rhythm.AT_ONCE
    timezone: str | None = None
    quiet: Annotated[QuietHours, BeforeValidator(lambda text: quiet_hours(str(text)))] | None = None
    mute: _Mutes = _Mutes()
    updates: bool = False
    look_back: Annotated[timedelta, BeforeValidator(duration)] = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a file says. subscriptions: by key, with the line. keys: all that it names, those of wrong entries too.

    problems: one a wrong entry, each with file and line.
    """

    subscriptions: Mapping[str, tuple[int, Subscription]]
    keys: frozenset[str]
    problems: tuple[str, ...]


def read_declared(text: str, file: str, timezone: str, resolve: Callable[[str], int], now: datetime) -> Declared:
    """The subscriptions in a file's text; their ids are 0.

    timezone: of those that name none. resolve: the lineage of a story to follow; may raise UsageError. Raises
    SettingsError, with file and line: it is no list of subscriptions.
    """
    root, content = _loaded(text, file)
    if not isinstance(content, dict) or set(content) - {_LIST} or not isinstance(content.get(_LIST) or [], list):
        raise SettingsError(f"{file}, line 1: it must hold one list called `{_LIST}`")
    entries = content.get(_LIST) or []
    nodes = root.value[0][1].value if root is not None and entries else []
    return _Reading(file, timezone, resolve, now).read(zip(nodes, entries, strict=True))


def _loaded(text: str, file: str) -> tuple[yaml.Node | None, Any]:
    """The file's content, and the same as nodes, which know their lines."""
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        return root, loader.construct_document(root) if root is not None else {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{file}, line {line}: no valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{file}: no valid YAML: {error}") from error


@dataclass(slots=True)
class _Reading:
    file: str
    timezone: str
    resolve: Callable[[str], int]
    now: datetime

    def read(self, entries: Any) -> Declared:
        found: dict[str, tuple[int, Subscription]] = {}
        keys: dict[str, int] = {}
        problems: list[str] = []
        for node, content in entries:
            line = node.start_mark.line + 1
            key = content.get("key") if isinstance(content, dict) else None
            if isinstance(key, str) and key in keys:
                problems.append(f"{self.file}, line {line}: the key {key!r} is that of line {keys[key]} too")
                continue
            if isinstance(key, str):
                keys[key] = line
            try:
                entry = _Entry.model_validate(content)
                found[entry.key] = (line, self._subscription(entry))
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                said = first["msg"].removeprefix("Value error, ")
                place = ".".join(map(str, first["loc"]))
                at = _line_of(node, first["loc"]) or line
                problems.append(f"{self.file}, line {at}: {place + ': ' if place else ''}{said}")
            except UsageError as error:
                problems.append(f"{self.file}, line {line}: {error}")
        return Declared(found, frozenset(keys), tuple(problems))

    def _subscription(self, entry: _Entry) -> Subscription:
        mutes = [
            *(Mute(MuteKind.ENTITY, value) for value in entry.mute.entities),
            *(Mute(MuteKind.SOURCE, value) for value in entry.mute.sources),
            *(Mute(MuteKind.THREAD, str(value)) for value in entry.mute.threads),
        ]
        made = Subscription(
            id=0,
            owner=entry.owner,
            channels=tuple(dict.fromkeys(entry.to)),
            query=entry.query,
            follow=None if entry.follow is None else 0,
            closeness=entry.closeness,
            rhythm=entry.rhythm,
            timezone=entry.timezone or self.timezone,
            quiet=entry.quiet,
            mutes=tuple(mutes),
            updates=entry.updates,
            look_back=entry.look_back,
            created_at=self.now,
            name=entry.name,
            declared=entry.key,
        )
        check_subscription(made)
        return made if entry.follow is None else replace(made, follow=self.resolve(str(entry.follow)))


def _line_of(node: Any, place: tuple[int | str, ...]) -> int | None:
    """The line of a field of an entry, as far as the file has it."""
    line = None
    for part in place:
        if not isinstance(node, yaml.MappingNode):
            break
        for key, value in node.value:
            if key.value == part:
                line, node = key.start_mark.line + 1, value
                break
        else:
            break
    return line
