"""Reads subscriptions.yaml, entry by entry. A wrong entry is named with its line and stops only itself."""

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
class DeclaredSubscriptions:
    """The content of subscriptions.yaml.

    Attributes:
        subscriptions: key -> (line, subscription).
        keys: all keys in the file, those of wrong entries too.
        problems: one per wrong entry, with file and line.
    """

    subscriptions: Mapping[str, tuple[int, Subscription]]
    keys: frozenset[str]
    problems: tuple[str, ...]


def read_declared(
    text: str, file: str, timezone: str, resolve: Callable[[str], int], now: datetime
) -> DeclaredSubscriptions:
    """Read the subscriptions in a file's text; their ids are 0.

    Args:
        text: the file's text.
        file: its name, for messages.
        timezone: of subscriptions that name none.
        resolve: the lineage of a story to follow; it may raise UsageError.
        now: the present instant.

    Raises:
        SettingsError: it is no list of subscriptions; with file and line.
    """
    root, content = _load_yaml(text, file)
    if not isinstance(content, dict) or set(content) - {_LIST} or not isinstance(content.get(_LIST) or [], list):
        raise SettingsError(f"{file}, line 1: it must hold one list called `{_LIST}`")
    entries = content.get(_LIST) or []
    nodes = root.value[0][1].value if root is not None and entries else []
    return _EntryReader(file, timezone, resolve, now).read(zip(nodes, entries, strict=True))


def _load_yaml(text: str, file: str) -> tuple[yaml.Node | None, Any]:
    """The content of the file, as nodes, which know their lines, and as values."""
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
class _EntryReader:
    file: str
    timezone: str
    resolve: Callable[[str], int]
    now: datetime

    def read(self, entries: Any) -> DeclaredSubscriptions:
        subscriptions: dict[str, tuple[int, Subscription]] = {}
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
                subscriptions[entry.key] = (line, self._subscription(entry))
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                reason = first["msg"].removeprefix("Value error, ")
                field = ".".join(map(str, first["loc"]))
                at = _line_of(node, first["loc"]) or line
                problems.append(f"{self.file}, line {at}: {field + ': ' if field else ''}{reason}")
            except UsageError as error:
                problems.append(f"{self.file}, line {line}: {error}")
        return DeclaredSubscriptions(subscriptions, frozenset(keys), tuple(problems))

    def _subscription(self, entry: _Entry) -> Subscription:
        mutes = [
            *(Mute(MuteKind.ENTITY, value) for value in entry.mute.entities),
            *(Mute(MuteKind.SOURCE, value) for value in entry.mute.sources),
            *(Mute(MuteKind.THREAD, str(value)) for value in entry.mute.threads),
        ]
        subscription = Subscription(
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
        check_subscription(subscription)
        if entry.follow is None:
            return subscription
        return replace(subscription, follow=self.resolve(str(entry.follow)))


def _line_of(node: Any, field_path: tuple[int | str, ...]) -> int | None:
    """The line of a field of an entry, as far as the file has it."""
    line = None
    for part in field_path:
        if not isinstance(node, yaml.MappingNode):
            break
        for key, value in node.value:
            if key.value == part:
                line, node = key.start_mark.line + 1, value
                break
        else:
            break
    return line
