"""The variables of the environment, WIREWATCH_HOME and the others: names, types, meanings.

Any of them may be given as ``<NAME>_FILE``, a file that holds the value (Docker and Kubernetes secrets). An empty
variable counts as one that is not set.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from pipeline.errors import SettingsError
from pipeline.settings.lengths_of_time import months_kept

PREFIX = "WIREWATCH_"
_FILE = "_FILE"


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"must be a whole number of at least 1, not {text!r}")
    return int(text)


def _time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"there is no time zone {name!r} (try Europe/Istanbul)") from error


def _keep_or_drop(text: str) -> str:
    if text not in ("keep", "drop"):
        raise ValueError(f"must be keep or drop, not {text!r}")
    return text


def _cluster_url(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ValueError("must be like https://host:9200")
    return url


def _public_url(url: str) -> str:
    split = urlsplit(url)
    if split.scheme not in ("http", "https") or not split.hostname or not url.isprintable() or set(url) & set(" <>,"):
        raise ValueError("must be like https://wirewatch.example.org")
    return url.rstrip("/")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.lower().replace(",", " ").split())


class ElasticsearchVariables(BaseModel):
    """``WIREWATCH_ELASTICSEARCH_...``."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    url: Annotated[str, AfterValidator(_cluster_url)] | None = None
    """With it, Elasticsearch takes the place of the embedded engine."""
    api_key: SecretStr | None = None
    """Else the user and password of the url."""
    ca: Path | None = None
    """A PEM file, where the cluster's certificate is of a private authority."""


class KibanaVariables(BaseModel):
    """``WIREWATCH_KIBANA_...``."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    url: SecretStr | None = None
    """Where ``wirewatch kibana push`` imports the assets: http://user:password@host:5601."""
    ca: Path | None = None
    """A PEM file, where Kibana's certificate is of a private authority."""


class Variables(BaseSettings):
    """The variables, each without its prefix ``WIREWATCH_`` and in small letters. All are optional."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        validate_default=False,
        use_attribute_docstrings=True,
    )

    home: Path = Path("var")
    """Where the store, the embedded index and logs live."""
    config: Path | None = None
    """The configuration folder; by default ``config`` of the checkout, else ``config`` in the home."""
    database_url: SecretStr | None = None
    """``postgresql+psycopg://...``; by default SQLite in the home."""
    elasticsearch: ElasticsearchVariables = ElasticsearchVariables()
    """How to reach Elasticsearch."""
    kibana: KibanaVariables = KibanaVariables()
    """How to reach Kibana."""
    retention: Annotated[int, BeforeValidator(months_kept)] | None = None
    """How far back the index goes: ``5y`` or ``18mo``. By default everything is kept."""
    retention_texts: Annotated[Literal["keep", "drop"], BeforeValidator(_keep_or_drop)] = "keep"
    """What becomes of older stories' texts in the store."""
    spacy_model: str = "en_core_web_sm"
    """An installed spaCy pipeline."""
    embedder: str = "wordllama"
    """``wordllama``, or a sentence-transformer on this machine: a folder, a package that carries one, a name in the
    library's cache. After a change run ``wirewatch retag``, and ``train``."""
    weights: Path | None = None
    """Ranking weights that ``wirewatch train`` made; by default those of the package."""
    processes: Annotated[int, BeforeValidator(_at_least_one)] | None = None
    """How many processes tag; by default the cores that this process may use, at most 4."""
    timezone: Annotated[ZoneInfo, BeforeValidator(_time_zone)] | None = None
    """The zone that times are shown in; by default the machine's."""
    smtp_url: SecretStr | None = None
    """``smtp://user:password@host:port``; ``smtps://`` for TLS from the start, ``?starttls=1`` for STARTTLS."""
    mail_from: str | None = None
    """The sender of alerts; by default wirewatch at the mail server."""
    webhook_secret: SecretStr | None = None
    """Signs webhook bodies."""
    webhook_hosts: Annotated[frozenset[str], NoDecode, BeforeValidator(_names)] = frozenset()
    """Names, with commas, of hosts on private networks that webhooks may reach all the same."""
    public_url: Annotated[str, AfterValidator(_public_url)] | None = None
    """Where readers reach this installation: https://wirewatch.example.org."""
    link_secret: SecretStr | None = None
    """Signs the addresses to unsubscribe at; by default generated once and kept in the home."""
    operator: SecretStr = SecretStr("file:notices.jsonl")
    """The channel that takes notices of problems for the operator."""
    credentials: dict[str, SecretStr] = {}
    """``CREDENTIALS_<NAME>``: the credentials of a feed, "user:password" or "Bearer token"."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: object, **__: object
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what ``read_variables`` hands over counts: tests give an environment of their own."""
        return (init_settings,)


def read_variables(environ: Mapping[str, str]) -> Variables:
    """The variables of an environment.

    Raises:
        SettingsError: A value cannot be, or its file cannot be read. The first mistake is named.
    """
    source = _GivenEnvironment(Variables, dict(_values_in(environ)))
    try:
        return Variables(**source())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}{'' if reason.startswith('must') else ':'} {reason}") from error


class _GivenEnvironment(EnvSettingsSource):
    """Variables from a mapping instead of the process's environment."""

    def __init__(self, settings_cls: type[BaseSettings], values: Mapping[str, str]) -> None:
        self._values = values
        super().__init__(settings_cls)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._values.items()}


def _values_in(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each known variable that has a value, its own or that of its file."""
    credentials = f"{PREFIX}CREDENTIALS_"
    feeds = {key.removeprefix(credentials).removesuffix(_FILE) for key in environ if key.startswith(credentials)}
    for name in (*_single_names(), *(f"CREDENTIALS_{feed}" for feed in sorted(feeds))):
        value = environ.get(PREFIX + name, "").strip() or _value_in_file(name, environ)
        if value:
            yield PREFIX + name, value


def _value_in_file(name: str, environ: Mapping[str, str]) -> str:
    path = environ.get(f"{PREFIX}{name}{_FILE}", "").strip()
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{PREFIX}{name}{_FILE}: {path} cannot be read: {error}") from error


def _single_names() -> list[str]:
    groups: dict[str, type[BaseModel]] = {"elasticsearch": ElasticsearchVariables, "kibana": KibanaVariables}
    single = Variables.model_fields.keys() - groups.keys() - {"credentials"}
    nested = {f"{group}_{field}" for group, model in groups.items() for field in model.model_fields}
    return sorted(name.upper() for name in (*single, *nested))
