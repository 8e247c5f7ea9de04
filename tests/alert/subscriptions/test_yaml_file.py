"""subscriptions.yaml as it is read: every mistake with its file and line, and only that entry left out."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from pipeline.alert.subscriptions.validate import check_subscription, quiet_hours
from pipeline.alert.subscriptions.yaml_file import DeclaredSubscriptions, read_declared
from pipeline.errors import NotFoundError, SettingsError, UsageError
from pipeline.models import Mute, MuteKind, QuietHours, Rhythm, Subscription
from tests.alert.samples import NOW, subscription

WHOLE = """\
subscriptions:
  - key: deal
    name: The deal
    follow: tag:x.example:1
    to: [mailto:desk@example.org, file:a.jsonl]
    owner: editor@example.org
    closeness: 0.7
    rhythm: daily
    timezone: Europe/Istanbul
    quiet: 22:00-07:30
    mute: {entities: [Eurosam], sources: [Daily Planet], threads: [17]}
    updates: true
    look_back: 2d

  - key: words
    query: S-400
    to: ["file:b.jsonl"]
"""


def read(text: str) -> DeclaredSubscriptions:
    def resolve(story: str) -> int:
        if story == "tag:x.example:1":
            return 42
        raise NotFoundError(f"there is no story {story}")

    return read_declared(text, "subscriptions.yaml", "Europe/Paris", resolve, NOW)


def test_everything_that_can_be_declared() -> None:
    declared = read(WHOLE)
    assert declared.problems == ()
    assert {key: line for key, (line, _) in declared.subscriptions.items()} == {"deal": 2, "words": 15}
    assert declared.subscriptions["deal"][1] == Subscription(
        id=0,
        owner="editor@example.org",
        channels=("mailto:desk@example.org", "file:a.jsonl"),
        follow=42,
        closeness=0.7,
        rhythm=Rhythm.DAILY,
        timezone="Europe/Istanbul",
        quiet=QuietHours(time(22), time(7, 30)),
        mutes=(
            Mute(MuteKind.ENTITY, "Eurosam"),
            Mute(MuteKind.SOURCE, "Daily Planet"),
            Mute(MuteKind.THREAD, "17"),
        ),
        updates=True,
        look_back=timedelta(days=2),
        created_at=NOW,
        name="The deal",
        declared="deal",
    )
    assert declared.subscriptions["words"][1].timezone == "Europe/Paris"


@pytest.mark.parametrize("text", ["", "subscriptions:", "subscriptions: []", "# nothing"])
def test_nothing_is_declared(text: str) -> None:
    assert read(text) == DeclaredSubscriptions({}, frozenset(), ())


@pytest.mark.parametrize(
    ("wrong", "line", "reason"),
    [
        ("to: [file:a]", 18, "give either a query or a story"),
        ("to: [file:a]\n    query: a\n    follow: 1", 18, "give either a query or a story"),
        ("query: a", 18, "to: Field required"),
        ("query: a\n    to: []", 18, "one channel or more"),
        ("query: a\n    to: [file:a]\n    rythm: daily", 21, "rythm"),
        ("query: a\n    to: [file:a]\n    rhythm: yearly", 21, "rhythm"),
        ("query: a\n    to: [file:a]\n    quiet: late", 21, "no quiet hours"),
        ("query: a\n    to: [file:a]\n    quiet: 22:00-22:00", 18, "would never end"),
        ("query: a\n    to: [file:a]\n    timezone: Moon/Base", 18, "Moon/Base"),
        ("query: a\n    to: [file:a]\n    mute:\n      people: [x]", 22, "mute.people"),
        ("follow: tag:nowhere\n    to: [file:a]", 18, "there is no story tag:nowhere"),
        ('query: a\n    to: ["mailto:a@b.example\\nBcc: c@d.example"]', 18, "one line"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line_and_the_others_are_read(wrong: str, line: int, reason: str) -> None:
    declared = read(f"{WHOLE}  - key: wrong\n    {wrong}\n")
    [problem] = declared.problems
    assert problem.startswith(f"subscriptions.yaml, line {line}: ")
    assert reason in problem
    assert set(declared.subscriptions) == {"deal", "words"}
    assert "wrong" in declared.keys


def test_the_same_key_twice_is_refused() -> None:
    declared = read(f'{WHOLE}  - key: words\n    query: other\n    to: ["file:c"]\n')
    assert declared.problems == ("subscriptions.yaml, line 18: the key 'words' is that of line 15 too",)
    assert declared.subscriptions["words"][1].query == "S-400"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("subscriptions:\n  - key: a\n   b: c", "line 3"),
        ("subscriptions: {a: 1}", "line 1"),
        ("- key: a", "line 1"),
        ("feeds: []", "line 1"),
        ("a\0b", "subscriptions.yaml"),
    ],
)
def test_what_is_no_list_of_subscriptions_is_refused_as_a_whole(text: str, line: str) -> None:
    with pytest.raises(SettingsError, match=line):
        read(text)


@pytest.mark.parametrize("entry", ["  - 7", "  - [a]", "  - key: [a]", "  - {}", "  - key: ''\n    to: [file:a]"])
def test_odd_entries_are_problems(entry: str) -> None:
    declared = read(f"subscriptions:\n{entry}\n")
    assert len(declared.problems) == 1
    assert "line 2" in declared.problems[0]


# --------------------------------------------------------------------------- what a subscription must be


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": " "},
        {"channels": ()},
        {"channels": tuple(f"file:{number}" for number in range(51))},
        {"name": "a\r\nBcc: b@c.example"},
        {"name": "x" * 201},
        {"owner": ""},
        {"closeness": 1.5},
        {"look_back": timedelta(0)},
        {"mutes": (Mute(MuteKind.SOURCE, " "),)},
        {"timezone": "../etc/passwd"},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    check_subscription(subscription())
    with pytest.raises(UsageError):
        check_subscription(replace(subscription(), **wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "22:00", "22-7", "22:00-24:00", "22:0-7:00", "a:00-07:00", "22:00--07:00"])
def test_quiet_hours_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="22:00-07:00"):
        quiet_hours(text)
