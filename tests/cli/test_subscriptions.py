"""``subscribe``, ``subscriptions``, ``unsubscribe``, ``alerts``: through the command's own entry."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline import Wirewatch
from pipeline.alert.subscriptions.unsubscribe import token
from pipeline.cli.main import main
from pipeline.errors import UsageError
from pipeline.flow.alerting.unsubscribe_links import link_secret
from pipeline.models import Enrichment, Origin, Relations, Stage, Subscription
from pipeline.settings import load_settings
from tests.alert.samples import HEADLINE, story

NOW = datetime.now(UTC)
RECENT = story(updated_at=NOW - timedelta(hours=1), published_at=NOW - timedelta(hours=1))
OLD = story(
    uri="tag:bosphorus.example:old",
    headline="Eurosam founded",
    body="PARIS - Eurosam was founded by three firms.",
    updated_at=NOW - timedelta(days=90),
    published_at=NOW - timedelta(days=90),
)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {"HOME": str(tmp_path), "CONFIG": str(tmp_path), "TIMEZONE": "Europe/Istanbul"}.items():
        monkeypatch.setenv(f"WIREWATCH_{name}", value)
    for name in ("DATABASE_URL", "ELASTICSEARCH_URL", "SMTP_URL", "PUBLIC_URL"):
        monkeypatch.delenv(f"WIREWATCH_{name}", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def wirewatch(home: Path) -> Iterator[Wirewatch]:
    """An installation with a story of today and one of three months ago, both indexed; nothing waits to be alerted."""
    with Wirewatch.open(load_settings()) as wirewatch:
        arrive(wirewatch, RECENT, OLD)
        work, now = wirewatch.adapters.store.work, wirewatch.clock.now()
        while ids := work.claim(Stage.ALERT, "w", now, timedelta(minutes=1), 100):
            wirewatch.adapters.store.alerts.record_alerted(ids, [], [])
        yield wirewatch


def arrive(wirewatch: Wirewatch, *stories: Any) -> None:
    store, now = wirewatch.adapters.store, wirewatch.clock.now()
    store.stories.add(stories, Origin("bosphorus", "https://x/", now))
    ids = store.work.claim(Stage.ENRICH, "w", now, timedelta(minutes=1), 100)
    store.work.record_enriched([Enrichment(version_id=version_id, revision="1") for version_id in ids])
    ids = store.work.claim(Stage.RELATE, "w", now, timedelta(minutes=1), 100)
    store.work.record_related(
        [Relations(lineage=take.lineage, version_id=take.version_id) for take in store.stories.takes(ids)]
    )
    wirewatch.stages.relate()


@pytest.fixture
def run(wirewatch: Wirewatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run_command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run_command


# --------------------------------------------------------------------------- subscribe


def test_a_subscription_is_made_with_what_it_would_have_sent(run: Run, wirewatch: Wirewatch) -> None:
    status, out, err = run("subscribe", "--query", "Eurosam", "--to", "file:a.jsonl", "--name", "Air defence")
    assert status == 0
    assert "subscription 1; it would have found 1 stories in the last 30 days" in err
    assert out.startswith(f"Air defence: {HEADLINE} and 1 more")
    assert "Why: it has the words Eurosam" in out
    [subscription] = wirewatch.subscriptions.active()
    assert (subscription.timezone, subscription.name, subscription.channels) == (
        "Europe/Istanbul",
        "Air defence",
        ("file:a.jsonl",),
    )


def test_the_same_as_json_and_nothing_saved_by_a_preview(run: Run, wirewatch: Wirewatch) -> None:
    status, out, _ = run("subscribe", "--query", "founded", "--to", "file:a.jsonl", "--preview", "--json")
    answer = json.loads(out)
    assert (status, answer["id"], answer["last_30_days"]) == (0, None, 0)
    assert [record["headline"] for record in answer["sample"]["stories"]] == ["Eurosam founded"]
    assert "it has the words founded" in answer["sample"]["text"]
    assert wirewatch.subscriptions.active() == []
    status, out, _ = run("subscribe", "--query", "zeppelin", "--to", "file:a.jsonl", "--json")
    assert json.loads(out) == {"id": 1, "last_30_days": 0, "sample": None}


def test_everything_that_can_be_chosen(run: Run, wirewatch: Wirewatch) -> None:
    options = [
        "--rhythm",
        "weekly",
        "--timezone",
        "Asia/Tokyo",
        "--quiet",
        "22:00-07:00",
        "--updates",
        "--owner",
        "e@x.org",
    ]
    mutes = ["--mute-entity", "NATO", "--mute-source", "Daily Planet", "--mute-thread", "7"]
    run(
        "subscribe",
        "--follow",
        RECENT.uri,
        "--to",
        "file:a",
        "--to",
        "atom:b.xml",
        "--closeness",
        "0.8",
        *options,
        *mutes,
    )
    _, out, _ = run("subscriptions", "--json")
    [chosen] = json.loads(out)
    assert (chosen["follow"], chosen["closeness"], chosen["rhythm"], chosen["timezone"]) == (
        1,
        0.8,
        "weekly",
        "Asia/Tokyo",
    )
    assert (chosen["updates"], chosen["owner"], chosen["channels"]) == (True, "e@x.org", ["file:a", "atom:b.xml"])
    assert [mute["value"] for mute in chosen["mutes"]] == ["NATO", "Daily Planet", "7"]
    _, out, _ = run("subscriptions")
    assert "quiet 22:00-07:00" in out


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--query", "Eurosam AND (", "--to", "file:a"], "at position 13"),
        (["--query", "nosuchfield:x", "--to", "file:a"], "position 1"),
        (["--query", "a", "--to", "carrier-pigeon:coop"], "a channel must be like"),
        (["--query", "a", "--to", "nosuchservice://x"], "not one that apprise understands"),
        (["--query", "a", "--to", "http://127.0.0.1:9/hook"], "private network"),
        (["--query", "a", "--to", "http://[::1]/hook"], "private network"),
        (["--query", "a", "--to", "http://169.254.169.254/latest"], "private network"),
        (["--query", "a", "--to", "https://nowhere.invalid/hook"], "is not known"),
        (["--query", "a", "--to", "mailto:a@b.example"], "WIREWATCH_SMTP_URL"),
        (["--query", "a", "--to", "file:../../etc/passwd"], "must not lead out of the home"),
        (["--query", "a", "--to", "file:a", "--name", "x\nBcc: y@z.example"], "one line"),
        (["--query", "a", "--to", "file:a", "--timezone", "Moon/Base"], "no time zone"),
        (["--query", "a", "--to", "file:a", "--quiet", "7-8"], "22:00-07:00"),
        (["--query", "a", "--to", "file:a", "--rhythm", "yearly"], "yearly"),
        (["--query", "a", "--follow", "1", "--to", "file:a"], "either --query or --follow"),
        (["--follow", "999", "--to", "file:a"], "999"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_saved(
    arguments: list[str], message: str, run: Run, wirewatch: Wirewatch
) -> None:
    status, out, err = run("subscribe", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert wirewatch.subscriptions.active() == []


def test_a_private_host_that_the_operator_names_is_taken(
    run: Run, wirewatch: Wirewatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIREWATCH_WEBHOOK_HOSTS", "localhost, chat.internal")
    assert run("subscribe", "--query", "a", "--to", "http://localhost:9/hook")[0] == 0
    assert run("subscribe", "--query", "a", "--to", "http://127.0.0.1:9/hook")[0] == 2


# --------------------------------------------------------------------------- managed


def test_paused_resumed_muted_and_ended(run: Run, wirewatch: Wirewatch) -> None:
    run("subscribe", "--query", "a", "--to", "file:a")
    assert run("subscriptions", "pause", "1")[0] == 0
    assert wirewatch.adapters.store.alerts.subscription(1).paused
    assert "paused" in run("subscriptions")[1]
    run("subscriptions", "resume", "1")
    _, _, err = run("subscriptions", "mute", "1", "--entity", "NATO", "--source", "Daily Planet")
    assert "leaves out: entity NATO, source Daily Planet" in err
    _, _, err = run("subscriptions", "unmute", "1", "--entity", "NATO")
    assert err == "subscription 1 leaves out: source Daily Planet\n"
    assert run("subscriptions", "mute", "1")[0] == 2
    assert run("unsubscribe", "1")[0] == 0
    for again in (("unsubscribe", "1"), ("subscriptions", "pause", "1"), ("subscriptions", "pause", "99")):
        assert run(*again)[0] == 2


def test_a_readers_code_stops_that_readers_channel(run: Run, wirewatch: Wirewatch) -> None:
    run("subscribe", "--query", "a", "--to", "file:a", "--to", "file:b")
    code = token(1, "file:a", link_secret(wirewatch.settings))
    status, _, err = run("unsubscribe", f"unsubscribe {code}")
    assert (status, "1 channels are left" in err) == (0, True)
    assert wirewatch.adapters.store.alerts.subscription(1).channels == ("file:b",)
    assert wirewatch.subscriptions.end_by_link(code).channels == ("file:b",)
    assert run("unsubscribe", code[:-1] + "x")[0] == 2
    assert "ended" in run("unsubscribe", token(1, "file:b", link_secret(wirewatch.settings)))[2]
    assert (wirewatch.settings.home / "link.key").stat().st_mode & 0o077 == 0


# --------------------------------------------------------------------------- subscriptions.yaml

DECLARED = """\
subscriptions:
  - key: deal
    query: Eurosam
    to: ["file:deal.jsonl"]
    look_back: 365d
  - key: follow
    follow: tag:bosphorus.example:old
    to: ["file:follow.jsonl", "file:more.jsonl"]
"""


def declare(home: Path, text: str) -> None:
    (home / "subscriptions.yaml").write_text(text)


def test_declared_subscriptions_are_applied_once_and_changed_in_place(
    home: Path, run: Run, wirewatch: Wirewatch
) -> None:
    declare(home, DECLARED)
    for _ in range(3):
        assert wirewatch.subscriptions.apply_file() == []
    deal, follow = wirewatch.subscriptions.active()
    assert (deal.declared, deal.query, follow.follow) == ("deal", "Eurosam", 2)
    wirewatch.subscriptions.pause(deal.id)
    declare(home, DECLARED.replace("Eurosam", "S-400"))
    wirewatch.subscriptions.apply_file()
    assert wirewatch.adapters.store.alerts.subscription(deal.id) == replace(deal, query="S-400", paused=True)
    assert len(wirewatch.subscriptions.active()) == 2


def test_an_entry_that_goes_and_comes_back_is_the_same_subscription(home: Path, run: Run, wirewatch: Wirewatch) -> None:
    declare(home, DECLARED)
    wirewatch.subscriptions.apply_file()
    (home / "subscriptions.yaml").rename(home / "elsewhere.yaml")
    wirewatch.subscriptions.apply_file()
    assert len(wirewatch.subscriptions.active()) == 2  # a missing file ends nothing
    declare(home, "subscriptions: []\n")
    wirewatch.subscriptions.apply_file()
    assert wirewatch.subscriptions.active() == []
    declare(home, DECLARED)
    wirewatch.subscriptions.apply_file()
    active = wirewatch.subscriptions.active()
    assert [(subscription.id, subscription.declared) for subscription in active] == [(1, "deal"), (2, "follow")]


def test_a_reader_who_unsubscribed_is_not_subscribed_again_by_the_file(
    home: Path, run: Run, wirewatch: Wirewatch
) -> None:
    declare(home, DECLARED)
    wirewatch.subscriptions.apply_file()
    wirewatch.subscriptions.end_by_link(token(1, "file:deal.jsonl", link_secret(wirewatch.settings)))
    wirewatch.subscriptions.end_by_link(token(2, "file:more.jsonl", link_secret(wirewatch.settings)))
    declare(home, DECLARED.replace("Eurosam", "S-400"))
    assert wirewatch.subscriptions.apply_file() == []
    [left] = wirewatch.subscriptions.active()
    assert (left.id, left.channels) == (2, ("file:follow.jsonl",))


def test_mistakes_are_named_with_their_line_and_stop_only_their_entry(
    home: Path, run: Run, wirewatch: Wirewatch
) -> None:
    declare(home, DECLARED)
    wirewatch.subscriptions.apply_file()
    wrong = DECLARED.replace("query: Eurosam", "query: Eurosam AND (").replace("follow.jsonl", "other.jsonl")
    declare(
        home, f'{wrong}  - key: hook\n    query: a\n    to: ["http://127.0.0.1/x"]\n  - key: bad\n    to: ["file:x"]\n'
    )
    status, _, err = run("subscriptions", "apply")
    assert status == 1
    path = home / "subscriptions.yaml"
    assert f"{path}, line 2: the query 'Eurosam AND (' cannot be run at position 13" in err
    assert f"{path}, line 9: the webhook's host 127.0.0.1 is on a private network" in err
    assert f"{path}, line 12: give either a query or a story" in err
    deal, follow = wirewatch.subscriptions.active()
    assert (deal.query, follow.channels[0]) == ("Eurosam", "file:other.jsonl")
    declare(home, "subscriptions: [")
    status, _, err = run("subscriptions", "apply")
    assert (status, "subscriptions.yaml, line" in err) == (1, True)
    assert len(wirewatch.subscriptions.active()) == 2


def test_what_is_declared_is_changed_in_the_file(home: Path, run: Run, wirewatch: Wirewatch) -> None:
    declare(home, DECLARED)
    wirewatch.subscriptions.apply_file()
    for arguments in (("unsubscribe", "1"), ("subscriptions", "mute", "1", "--entity", "NATO")):
        status, _, err = run(*arguments)
        assert (status, "change it there" in err) == (2, True)
    assert run("subscriptions", "pause", "1")[0] == 0


def test_the_walk_applies_the_file_and_tells(home: Path, run: Run, wirewatch: Wirewatch) -> None:
    declare(home, DECLARED)
    fresh = story(uri="tag:x:2", headline="Eurosam again", body="ROME - Again.", updated_at=NOW, published_at=NOW)
    arrive(wirewatch, fresh)
    wirewatch.stages.match()
    wirewatch.stages.deliver()
    lines = [json.loads(line) for line in (home / "deal.jsonl").read_text().splitlines()]
    assert [line["subject"] for line in lines] == ["Eurosam again"]
    _, out, _ = run("alerts", "--subscription", "1")
    assert "Eurosam again" in out


# --------------------------------------------------------------------------- as methods, for a web page


def test_the_methods_check_what_they_are_given(wirewatch: Wirewatch) -> None:
    subscription = Subscription(
        id=0, owner="a", channels=("file:a",), query="Eurosam", created_at=wirewatch.clock.now()
    )
    number = wirewatch.subscriptions.subscribe(subscription).id
    saved = wirewatch.adapters.store.alerts.subscription(number)
    wirewatch.subscriptions.change(replace(saved, query="S-400"))
    for wrong in ({"query": "("}, {"channels": ("http://10.0.0.1/",)}, {"timezone": "x"}, {"channels": ()}):
        with pytest.raises(UsageError):
            wirewatch.subscriptions.change(replace(saved, **wrong))
    assert wirewatch.adapters.store.alerts.subscription(number) == replace(saved, query="S-400")
