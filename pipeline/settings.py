"""Environment and ``config/*.yaml`` -> one frozen ``Settings``. Nothing is read at import; call ``load_settings``.

Environment (all optional):

    WIREWATCH_HOME                 where the store, the embedded index and logs live (default ./var, made absolute)
    WIREWATCH_CONFIG               the configuration folder (default: a checkout's config/, else config/ in the home)
    WIREWATCH_DATABASE_URL         postgresql+psycopg://... ; default SQLite in the home
    WIREWATCH_ELASTICSEARCH_URL    set = Elasticsearch instead of the embedded engine
    WIREWATCH_ELASTICSEARCH_API_KEY, WIREWATCH_ELASTICSEARCH_CA
    WIREWATCH_KIBANA_URL           where `wirewatch kibana push` imports the assets: http://user:password@host:5601
    WIREWATCH_KIBANA_CA            a PEM file, where Kibana's certificate is of a private authority
    WIREWATCH_RETENTION            how far back the index goes: 5y or 18mo (default: everything is kept)
    WIREWATCH_RETENTION_TEXTS      keep or drop: what becomes of older stories' texts in the store (default keep)
    WIREWATCH_SPACY_MODEL          an installed spaCy pipeline (default en_core_web_sm)
    WIREWATCH_EMBEDDER             wordllama, or a sentence-transformer on this machine: a folder, a package that
                                   carries one, a name in the library's cache (then `wirewatch retag`, and `train`)
    WIREWATCH_WEIGHTS              ranking weights that `wirewatch train` made (default: those of the package)
    WIREWATCH_PROCESSES            tagging processes (default: the cores this process may use, at most 4)
    WIREWATCH_TIMEZONE             the zone that times are shown in (default: the machine's)
    WIREWATCH_SMTP_URL             smtp://user:password@host:port (smtps:// for TLS from the start; ?starttls=1)
    WIREWATCH_MAIL_FROM            the sender of alerts
    WIREWATCH_WEBHOOK_SECRET       signs webhook bodies
    WIREWATCH_WEBHOOK_HOSTS        names, with commas, of hosts on private networks that webhooks may reach all the same
    WIREWATCH_PUBLIC_URL           where readers reach this installation: https://wirewatch.example.org
    WIREWATCH_LINK_SECRET          signs the addresses to unsubscribe at (default: made once, kept in the home)
    WIREWATCH_OPERATOR             the channel on which the operator is told (default file:notices.jsonl)
    WIREWATCH_CREDENTIALS_<NAME>   a feed's credentials: "user:password" or "Bearer token"

Any of them may be given as ``<NAME>_FILE``, a file that holds the value (Docker and Kubernetes secrets).
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import SettingsError
from pipeline.models import Feed

_PREFIX = "WIREWATCH_"


@dataclass(frozen=True, slots=True)
class ElasticsearchSettings:
    """How to reach the cluster. api_key or the url's own user:password; ca: a PEM file for a private authority."""

    url: str
    api_key: str | None = field(default=None, repr=False)
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """How to send mail. security: ``none``, ``starttls`` or ``tls``."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    security: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be chosen, resolved and checked. Paths are absolute."""

    home: Path
    config: Path
    database_url: str = field(repr=False)
    elasticsearch: ElasticsearchSettings | None
    kibana_url: str | None = field(repr=False)
    kibana_ca: Path | None
    retention: int | None  # months
    drop_texts: bool
    spacy_model: str
    embedder: str
    weights: Path | None
    processes: int
    timezone: ZoneInfo
    smtp: SmtpSettings | None
    webhook_secret: str | None = field(repr=False)
    credentials: Mapping[str, str] = field(repr=False)
    webhook_hosts: frozenset[str] = frozenset()
    public_url: str | None = None
    link_secret: str | None = field(default=None, repr=False)
    operator: str = field(default="file:notices.jsonl", repr=False)

    @property
    def index_folder(self) -> Path:
        """Where the embedded engine keeps its files."""
        return self.home / "index"

    @property
    def gazetteer(self) -> Path | None:
        """The folder of the user's own gazetteer files, laid over the shipped ones; None where there is none."""
        folder = self.config / "gazetteer"
        return folder if folder.is_dir() else None

    def feeds(self) -> tuple[Feed, ...]:
        """The feeds declared in feeds.yaml. Raises SettingsError naming the file and the entry."""
        return load_feeds(self.config / "feeds.yaml", self.home)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment (``os.environ`` unless given). Raises SettingsError on the first thing that is wrong."""
    read = _reader(os.environ if environ is None else environ)
    home = Path(read("HOME") or "var").expanduser().absolute()
    config = home / Path(read("CONFIG") or _default_config()).expanduser()
    return Settings(
        home=home,
        config=config,
        database_url=read("DATABASE_URL") or f"sqlite:///{quote(str(home / 'wirewatch.db'))}",
        elasticsearch=_elasticsearch(read, home),
        kibana_url=read("KIBANA_URL"),
        kibana_ca=home / ca if (ca := read("KIBANA_CA")) else None,
        retention=_months(read("RETENTION")),
        drop_texts=_is_drop(read("RETENTION_TEXTS")),
        spacy_model=read("SPACY_MODEL") or "en_core_web_sm",
        embedder=_embedder(read("EMBEDDER") or "wordllama", home),
        weights=home / weights if (weights := read("WEIGHTS")) else None,
        processes=_count(read("PROCESSES"), "PROCESSES") or min(4, _cores()),
        timezone=_zone(read("TIMEZONE")),
        smtp=_smtp(read),
        webhook_secret=read("WEBHOOK_SECRET"),
        credentials=_credentials(os.environ if environ is None else environ, read),
        webhook_hosts=frozenset((read("WEBHOOK_HOSTS") or "").lower().replace(",", " ").split()),
        public_url=_public_url(read("PUBLIC_URL")),
        link_secret=read("LINK_SECRET"),
        operator=read("OPERATOR") or "file:notices.jsonl",
    )


def _default_config() -> Path:
    """A checkout's ``config`` folder; for an installed package ``config``, which goes into the home."""
    checkout = Path(__file__).parent.parent
    return checkout / "config" if (checkout / "pyproject.toml").is_file() else Path("config")


def _embedder(name: str, home: Path) -> str:
    """A name, or the whole path of a folder."""
    return str(home / name) if (home / name).is_dir() else name


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __call__(self, name: str) -> str | None:
        value = self._environ.get(_PREFIX + name, "").strip()
        if value:
            return value
        file = self._environ.get(f"{_PREFIX}{name}_FILE", "").strip()
        if not file:
            return None
        try:
            return Path(file).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{_PREFIX}{name}_FILE: {file} cannot be read: {error}") from error


def _reader(environ: Mapping[str, str]) -> _Reader:
    return _Reader(environ)


def _elasticsearch(read: _Reader, home: Path) -> ElasticsearchSettings | None:
    url = read("ELASTICSEARCH_URL")
    if not url:
        return None
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise SettingsError(f"{_PREFIX}ELASTICSEARCH_URL must be like https://host:9200")
    ca = read("ELASTICSEARCH_CA")
    return ElasticsearchSettings(url=url, api_key=read("ELASTICSEARCH_API_KEY"), ca=home / ca if ca else None)


def _public_url(url: str | None) -> str | None:
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or set(url) & set(" <>,"):
        raise SettingsError(f"{_PREFIX}PUBLIC_URL must be like https://wirewatch.example.org")
    return url.rstrip("/")


def _smtp(read: _Reader) -> SmtpSettings | None:
    url = read("SMTP_URL")
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or (465 if parts.scheme == "smtps" else 25)
    except ValueError as error:
        raise SettingsError(f"{_PREFIX}SMTP_URL cannot be read: {error}") from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise SettingsError(f"{_PREFIX}SMTP_URL must be like smtp://user:password@host:587?starttls=1")
    starttls = parse_qs(parts.query).get("starttls", ["0"])[0] in ("1", "true", "yes")
    return SmtpSettings(
        host=parts.hostname,
        port=port,
        sender=read("MAIL_FROM") or f"wirewatch@{parts.hostname}",
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        security="tls" if parts.scheme == "smtps" else "starttls" if starttls else "none",
    )


def _credentials(environ: Mapping[str, str], read: _Reader) -> dict[str, str]:
    prefix = f"{_PREFIX}CREDENTIALS_"
    names = {key.removeprefix(prefix).removesuffix("_FILE") for key in environ if key.startswith(prefix)}
    found = {name: read(f"CREDENTIALS_{name}") for name in names}
    return {name.lower(): value for name, value in found.items() if value}


def _count(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise SettingsError(f"{_PREFIX}{name} must be a whole number of at least 1, not {text!r}")
    return int(text)


def months_kept(text: str) -> int:
    """``5y`` or ``18mo`` in months. Raises ValueError."""
    number, unit = text.strip().rstrip("ymo"), text.strip().lstrip("0123456789")
    if not number.isdecimal() or int(number) < 1 or unit not in ("y", "mo"):
        raise ValueError(f"{text!r} is not how long to keep stories; write 5y or 18mo")
    return int(number) * (12 if unit == "y" else 1)


def _months(text: str | None) -> int | None:
    try:
        return None if text is None else months_kept(text)
    except ValueError as error:
        raise SettingsError(f"{_PREFIX}RETENTION: {error}") from error


def _is_drop(text: str | None) -> bool:
    if text not in (None, "keep", "drop"):
        raise SettingsError(f"{_PREFIX}RETENTION_TEXTS must be keep or drop, not {text!r}")
    return text == "drop"


def _cores() -> int:
    """The cores that this process may use, where the system tells; else all of them."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _zone(name: str | None) -> ZoneInfo:
    if name is None:
        return _machine_zone()
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(f"{_PREFIX}TIMEZONE: there is no time zone {name!r} (try Europe/Istanbul)") from error


def _machine_zone() -> ZoneInfo:
    """The zone that /etc/localtime or TZ names; UTC where neither does."""
    candidates = [os.environ.get("TZ", "").lstrip(":")]
    localtime = Path("/etc/localtime")
    if localtime.is_symlink():
        candidates.append(str(localtime.resolve()).partition("zoneinfo/")[2])
    for candidate in filter(None, candidates):
        try:
            return ZoneInfo(candidate)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


# --------------------------------------------------------------------------- feeds.yaml

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(value: object) -> timedelta:
    """``30s``, ``10m``, ``2h``, ``1d`` as a length of time. Raises ValueError."""
    text = str(value).strip()
    if not text[:-1].isdecimal() or len(text) > 10 or text[-1:] not in _UNITS or int(text[:-1]) < 1:
        raise ValueError(f"{value!r} is not a length of time; write 30s, 10m, 2h or 1d")
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})


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
    def _one_place(self) -> "_FeedEntry":
        if (self.url is None) == (self.folder is None):
            raise ValueError("give either url (a feed) or folder (a drop folder)")
        if self.url is not None and urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError(f"url must start with http:// or https://, not {self.url!r}")
        return self


class _FeedFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    feeds: list[_FeedEntry]


def load_feeds(path: Path, home: Path) -> tuple[Feed, ...]:
    """Read a feeds file; drop folders are absolute or relative to ``home``. Raises SettingsError with the place."""
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
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise SettingsError(f"{path}: the feed name {doubled[0]!r} is used twice; names must differ")
    return tuple(_feed(entry, home) for entry in entries)


def _feed(entry: _FeedEntry, home: Path) -> Feed:
    values = entry.model_dump()
    if entry.folder is not None:
        values["folder"] = str(home / Path(entry.folder).expanduser())
    return Feed(**values)


def _first_problem(error: ValidationError, content: Any) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the file"
    match first["loc"]:
        case ("feeds", int(number), *rest) if isinstance(content["feeds"][number], dict):
            name = content["feeds"][number].get("name", f"number {number + 1}")
            place = f"feed {name!r}" + "".join(f", {part}" for part in rest)
    return f"{place}: {first['msg'].removeprefix('Value error, ')}"
