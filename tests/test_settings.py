"""Settings: what the environment and feeds.yaml say, resolved; what is wrong, named with its place."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipeline.clock import SystemClock
from pipeline.errors import SettingsError
from pipeline.models import Feed
from pipeline.settings import ElasticsearchSettings, SmtpSettings, load_feeds, load_settings
from pipeline.store import open_store


def settings_error(**environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings({f"WIREWATCH_{name}": value for name, value in environ.items()})
    return str(caught.value)


def test_without_an_environment_everything_is_local(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})
    assert settings.home == tmp_path / "var"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/wirewatch.db"
    assert (settings.elasticsearch, settings.smtp, settings.webhook_secret, settings.kibana_url) == (None,) * 4
    assert (settings.spacy_model, settings.embedder) == ("en_core_web_sm", "wordllama")
    assert (settings.config / "gazetteer").is_dir()
    assert settings.feeds() == ()
    assert 1 <= settings.processes <= 4


@pytest.mark.parametrize("name", ["a b", "a#b", "a%20b", "a?b=c", "ölçü"])
def test_the_store_is_in_the_home_however_that_is_called(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    home.mkdir()
    open_store(load_settings({"WIREWATCH_HOME": str(home)}).database_url, SystemClock()).close()
    assert (home / "wirewatch.db").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_servers_and_secrets(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush\n", encoding="utf-8")
    settings = load_settings(
        {
            "WIREWATCH_HOME": str(tmp_path),
            "WIREWATCH_ELASTICSEARCH_URL": "https://search.example.org:9200",
            "WIREWATCH_ELASTICSEARCH_API_KEY": "key",
            "WIREWATCH_ELASTICSEARCH_CA": "ca.pem",
            "WIREWATCH_SMTP_URL": "smtp://us%40er:p%3Aw@mail.example.org:587?starttls=1",
            "WIREWATCH_WEBHOOK_SECRET_FILE": str(secret),
            "WIREWATCH_CREDENTIALS_AGENCY": "user:password",
            "WIREWATCH_CREDENTIALS_OTHER_FILE": str(secret),
            "WIREWATCH_PROCESSES": "3",
            "WIREWATCH_TIMEZONE": "Europe/Istanbul",
        }
    )
    assert settings.elasticsearch == ElasticsearchSettings(
        "https://search.example.org:9200", "key", tmp_path / "ca.pem"
    )
    assert settings.smtp == SmtpSettings(
        "mail.example.org", 587, "wirewatch@mail.example.org", "us@er", "p:w", security="starttls"
    )
    assert settings.webhook_secret == "hush"
    assert settings.credentials == {"agency": "user:password", "other": "hush"}
    assert (settings.processes, settings.timezone) == (3, ZoneInfo("Europe/Istanbul"))


def test_no_secret_is_shown(tmp_path: Path) -> None:
    shown = repr(
        load_settings(
            {
                "WIREWATCH_HOME": str(tmp_path),
                "WIREWATCH_DATABASE_URL": "postgresql+psycopg://user:hush@db/wire",
                "WIREWATCH_ELASTICSEARCH_URL": "https://search.example.org",
                "WIREWATCH_ELASTICSEARCH_API_KEY": "hush",
                "WIREWATCH_KIBANA_URL": "https://user:hush@kibana.example.org",
                "WIREWATCH_SMTP_URL": "smtps://user:hush@mail.example.org",
                "WIREWATCH_WEBHOOK_SECRET": "hush",
                "WIREWATCH_CREDENTIALS_AGENCY": "hush",
            }
        )
    )
    assert "mail.example.org" in shown
    assert "hush" not in shown


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"ELASTICSEARCH_URL": "localhost:9200"}, "WIREWATCH_ELASTICSEARCH_URL must be like https://host:9200"),
        ({"SMTP_URL": "mail.example.org"}, "WIREWATCH_SMTP_URL must be like smtp://"),
        ({"SMTP_URL": "smtp://mail.example.org:mail"}, "WIREWATCH_SMTP_URL cannot be read"),
        ({"PROCESSES": "0"}, "WIREWATCH_PROCESSES must be a whole number of at least 1, not '0'"),
        ({"PROCESSES": "many"}, "not 'many'"),
        ({"TIMEZONE": "Europe/Atlantis"}, "there is no time zone 'Europe/Atlantis'"),
        ({"TIMEZONE": "../etc/passwd"}, "there is no time zone"),
        ({"WEBHOOK_SECRET_FILE": "/no/such/file"}, "WIREWATCH_WEBHOOK_SECRET_FILE: /no/such/file cannot be read"),
    ],
)
def test_what_is_wrong_is_named(environ: dict[str, str], message: str) -> None:
    assert message in settings_error(**environ)


def feeds(tmp_path: Path, text: str) -> tuple[Feed, ...]:
    path = tmp_path / "feeds.yaml"
    path.write_text(text, encoding="utf-8")
    return load_feeds(path, tmp_path)


def test_feeds_as_declared(tmp_path: Path) -> None:
    text = """
        feeds:
          - {name: world, url: https://news.example.org/world.rss, publisher: Example News, every: 5m}
          - {name: drop, folder: in/agency, article_pages: false, alerts: false, credentials: AGENCY}
    """
    world, drop = feeds(tmp_path, text)
    assert (world.url, world.publisher, world.every) == (
        *("https://news.example.org/world.rss", "Example News"),
        timedelta(minutes=5),
    )
    assert (drop.folder, drop.alerts, drop.every) == (str(tmp_path / "in/agency"), False, timedelta(minutes=10))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("feeds: [{name: a}]", "feed 'a': give either url (a feed) or folder"),
        ("feeds: [{name: a, url: 'ftp://x'}]", "url must start with http:// or https://"),
        ("feeds: [{name: a, url: 'http://x', evry: 5m}]", "feed 'a', evry"),
        ("feeds: [{name: a, url: 'http://x', every: 5}]", "5 is not a length of time"),
        ("feeds: [{name: a, url: 'http://x', every: 99999999999d}]", "is not a length of time"),
        ("feeds: [{name: ../a, folder: x}]", "feed '../a', name"),
        ("feeds: [{name: a, url: 'http://x'}, {name: a, folder: x}]", "'a' is used twice"),
        ("feeds: [a]", "feeds.0"),
        ("- name: a", "the file"),
        ("feeds: [", "no valid YAML"),
        ("feed: []", "feeds"),
    ],
)
def test_a_wrong_feed_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        feeds(tmp_path, text)
    assert message in str(caught.value)
    assert "feeds.yaml" in str(caught.value)


def test_a_missing_feeds_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"feeds\.yaml cannot be read.*WIREWATCH_CONFIG"):
        load_feeds(tmp_path / "feeds.yaml", tmp_path)


@pytest.mark.parametrize(("text", "months"), [("5y", 60), ("18mo", 18), (" 1y ", 12)])
def test_how_long_stories_are_kept_is_years_or_months(text: str, months: int) -> None:
    assert load_settings({"WIREWATCH_RETENTION": text}).retention == months
    assert load_settings({}).retention is None


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        *(("RETENTION", text, "write 5y or 18mo") for text in ("5", "y", "0y", "-1y", "5m", "1.5y", "5yo")),
        ("RETENTION_TEXTS", "yes", "must be keep or drop"),
    ],
)
def test_a_wrong_retention_is_said(name: str, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load_settings({f"WIREWATCH_{name}": text})
