"""``Settings``: everything that an installation can choose, resolved and checked."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr

from pipeline.errors import SettingsError
from pipeline.models import Feed
from pipeline.settings.feeds_file import load_feeds
from pipeline.settings.variables import PREFIX, Variables, read_variables


@dataclass(frozen=True, slots=True)
class ElasticsearchSettings:
    """How to reach the cluster.

    Attributes:
        url: Its address; it may hold a user and a password.
        api_key: Takes the place of user and password.
        ca: A PEM file, where its certificate is of a private authority.
    """

    url: str
    api_key: str | None = field(default=None, repr=False)
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """How to send mail.

    Attributes:
        host: The mail server.
        port: Its port.
        sender: The address that mails come from.
        user: None where the server asks for none.
        password: None where the server asks for none.
        security: ``none``, ``starttls`` or ``tls``.
    """

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    security: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be chosen, resolved and checked. Paths are absolute.

    What the settings mean is said in ``pipeline.settings.variables``, in the variables of the same names; here:

    Attributes:
        elasticsearch: None for the embedded engine.
        retention: How many months the index goes back; None for all of them.
        drop_texts: Whether the texts of older stories are dropped from the store.
        embedder: A name, or the absolute path of a folder.
        smtp: None where no mail is sent.
        credentials: The name of a feed's credentials, in small letters -> "user:password" or "Bearer token".
        webhook_hosts: In small letters.
    """

    home: Path
    config: Path
    database_url: str = field(repr=False)
    elasticsearch: ElasticsearchSettings | None
    kibana_url: str | None = field(repr=False)
    kibana_ca: Path | None
    retention: int | None
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
        """The feeds that feeds.yaml declares.

        Raises:
            SettingsError: The file cannot be read, or has a mistake; the error names the entry.
        """
        return load_feeds(self.config / "feeds.yaml", self.home)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of an environment.

    Args:
        environ: ``os.environ`` unless given.

    Raises:
        SettingsError: A variable has a value that cannot be. The first mistake is named.
    """
    variables = read_variables(os.environ if environ is None else environ)
    home = variables.home.expanduser().absolute()
    return Settings(
        home=home,
        config=home / (variables.config or _default_config()).expanduser(),
        database_url=_shown(variables.database_url) or f"sqlite:///{quote(str(home / 'wirewatch.db'))}",
        elasticsearch=_elasticsearch(variables, home),
        kibana_url=_shown(variables.kibana.url),
        kibana_ca=home / variables.kibana.ca if variables.kibana.ca else None,
        retention=variables.retention,
        drop_texts=variables.retention_texts == "drop",
        spacy_model=variables.spacy_model,
        embedder=_name_or_folder(variables.embedder, home),
        weights=home / variables.weights if variables.weights else None,
        processes=variables.processes or min(4, _cores()),
        timezone=variables.timezone or _machine_zone(),
        smtp=_smtp(variables),
        webhook_secret=_shown(variables.webhook_secret),
        credentials={name: secret.get_secret_value() for name, secret in variables.credentials.items()},
        webhook_hosts=variables.webhook_hosts,
        public_url=variables.public_url,
        link_secret=_shown(variables.link_secret),
        operator=variables.operator.get_secret_value(),
    )


def _shown(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _default_config() -> Path:
    """A checkout's ``config`` folder; for an installed package ``config``, which goes into the home."""
    checkout = Path(__file__).parents[2]
    return checkout / "config" if (checkout / "pyproject.toml").is_file() else Path("config")


def _elasticsearch(variables: Variables, home: Path) -> ElasticsearchSettings | None:
    cluster = variables.elasticsearch
    if cluster.url is None:
        return None
    return ElasticsearchSettings(cluster.url, _shown(cluster.api_key), home / cluster.ca if cluster.ca else None)


def _name_or_folder(name: str, home: Path) -> str:
    return str(home / name) if (home / name).is_dir() else name


def _smtp(variables: Variables) -> SmtpSettings | None:
    url = _shown(variables.smtp_url)
    if url is None:
        return None
    try:
        split = urlsplit(url)
        port = split.port or (465 if split.scheme == "smtps" else 25)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}SMTP_URL cannot be read: {error}") from error
    if split.scheme not in ("smtp", "smtps") or not split.hostname:
        raise SettingsError(f"{PREFIX}SMTP_URL must be like smtp://user:password@host:587?starttls=1")
    starttls = parse_qs(split.query).get("starttls", ["0"])[0] in ("1", "true", "yes")
    return SmtpSettings(
        host=split.hostname,
        port=port,
        sender=variables.mail_from or f"wirewatch@{split.hostname}",
        user=unquote(split.username) if split.username else None,
        password=unquote(split.password) if split.password else None,
        security="tls" if split.scheme == "smtps" else "starttls" if starttls else "none",
    )


def _cores() -> int:
    """The cores that this process may use, where the system tells; else all of them."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


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
