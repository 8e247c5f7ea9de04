"""What goes out together, what waits, what is dropped, who is informed of a failing subscription; on a real store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from pipeline.alert.schedule import TOGETHER, news_due
from pipeline.errors import DeliveryError
from pipeline.models import Message, Mute, MuteKind, QuietHours, Rhythm, Status, Story, TakeKind
from tests.alert.harness import LEASE, AlertHarness, Inbox, open_harness
from tests.alert.samples import BODY, HEADLINE, NOW, story, subscription

MAIL = ("mailto:desk@example.org",)
OPERATOR = "file:notices.jsonl"
EIGHT = NOW.replace(day=16, hour=8, minute=0)
FIRST = story()
CORRECTED = replace(
    FIRST,
    updated_at=NOW + timedelta(minutes=2),
    body="Corrected.",
    take=TakeKind.CORRECTION,
    corrected=True,
    note="Fix",
)
KILLED = replace(FIRST, updated_at=NOW + timedelta(minutes=3), body="", take=TakeKind.KILL, status=Status.WITHDRAWN)


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[AlertHarness]:
    with open_harness(tmp_path) as harness:
        yield harness


def numbered(number: int, harness: AlertHarness) -> Story:
    """A story of its own about Eurosam, fresh off the wire."""
    return story(
        uri=f"tag:bosphorus.example:{number}",
        headline=f"Eurosam deal {number}",
        body=f"ANKARA - Deal number {number} was signed in the town of Place{number} by Minister{number}.",
        updated_at=harness.clock.time,
        published_at=harness.clock.time,
    )


def tell_at(harness: AlertHarness, moment: datetime, *stories: Story) -> list[str]:
    harness.clock.time = moment
    return harness.tell(*stories)


# --------------------------------------------------------------------------- together


def test_a_daily_digest_is_one_message_at_eight(harness: AlertHarness) -> None:
    harness.subscribe(subscription(channels=MAIL, rhythm=Rhythm.DAILY))
    assert harness.tell(numbered(1, harness)) == []
    assert tell_at(harness, NOW + timedelta(hours=5), numbered(2, harness), numbered(3, harness)) == []
    assert tell_at(harness, EIGHT - timedelta(seconds=1)) == []
    [subject] = tell_at(harness, EIGHT)
    assert subject == "Air defence: Eurosam deal 1 and 2 more"
    [message] = harness.inbox.messages
    assert len(message.data["stories"]) == 3
    assert all(line.sent_at == EIGHT and line.bundle == message.key for line in harness.store.alerts.deliveries())
    assert tell_at(harness, EIGHT + timedelta(days=1)) == []


def test_programs_get_each_story_on_its_own(harness: AlertHarness) -> None:
    harness.subscribe(subscription(channels=("file:a.jsonl", "https://x.example/hook"), rhythm=Rhythm.HOURLY))
    harness.tell(numbered(1, harness), numbered(2, harness))
    assert len(tell_at(harness, NOW + timedelta(minutes=30))) == 4


def test_a_burst_is_two_messages(harness: AlertHarness) -> None:
    harness.subscribe(subscription(channels=MAIL))
    assert harness.tell(numbered(0, harness)) == ["Eurosam deal 0"]
    for second in range(1, 41):
        assert tell_at(harness, NOW + timedelta(seconds=second), numbered(second, harness)) == []
    assert tell_at(harness, NOW + TOGETHER) == ["Air defence: Eurosam deal 40 and 39 more"]


def test_what_went_into_one_message_stays_together_and_what_comes_later_is_another(harness: AlertHarness) -> None:
    """The receiver may have taken it: under the same key it must be the same message."""
    taken: list[Message] = []

    def take_but_fail(message: Message) -> None:
        taken.append(message)
        raise DeliveryError("the connection broke after the message")

    harness.subscribe(subscription(channels=MAIL))
    harness.inbox.first = take_but_fail
    assert harness.tell(numbered(1, harness), numbered(2, harness)) == []
    harness.inbox.first = lambda _: None
    tell_at(harness, NOW + timedelta(seconds=10), numbered(3, harness))
    harness.clock.time = NOW + timedelta(minutes=3)
    harness.deliver()
    together, alone = sorted(harness.inbox.messages, key=lambda message: message.key != taken[0].key)
    assert together.data == taken[0].data
    assert (alone.subject, alone.key != together.key) == ("Eurosam deal 3", True)


def test_hundreds_of_stories_are_one_message_that_counts_the_rest(harness: AlertHarness) -> None:
    harness.subscribe(subscription(channels=MAIL, rhythm=Rhythm.HOURLY))
    harness.tell(*(numbered(number, harness) for number in range(239)))
    tell_at(harness, NOW + timedelta(minutes=30))
    [message] = harness.inbox.messages
    assert "and 214 more" in message.text
    assert [line for line in harness.store.alerts.deliveries(limit=300) if line.sent_at is None] == []


# --------------------------------------------------------------------------- waiting


def test_news_waits_out_the_quiet_hours_and_corrections_do_not(harness: AlertHarness) -> None:
    quiet = QuietHours(time(9), time(11))
    harness.subscribe(subscription(channels=MAIL))
    assert harness.tell(FIRST) == [HEADLINE]
    [sleeper] = harness.store.alerts.subscriptions()
    harness.store.alerts.change(replace(sleeper, quiet=quiet))
    assert harness.tell(numbered(1, harness)) == []
    assert harness.tell(CORRECTED) == [f"Correction: {HEADLINE}"]
    assert tell_at(harness, NOW.replace(hour=11, minute=0)) == ["Eurosam deal 1"]


def test_a_late_scheduler_wakes_nobody(harness: AlertHarness) -> None:
    """Due before the quiet hours began, but nobody sent it then."""
    harness.subscribe(subscription(channels=MAIL, quiet=QuietHours(time(10), time(12))))
    harness.arrive(numbered(1, harness))
    harness.match()
    harness.clock.time = NOW.replace(hour=10, minute=30)
    assert (harness.deliver().postponed, harness.inbox.subjects) == (1, [])
    assert harness.deliver().claimed == 0
    assert tell_at(harness, NOW.replace(hour=12, minute=0)) == ["Eurosam deal 1"]


def test_a_paused_subscription_keeps_what_waited_and_gets_corrections(harness: AlertHarness) -> None:
    number = harness.subscribe(subscription(channels=MAIL))
    harness.tell(FIRST)
    harness.arrive(numbered(1, harness))
    harness.match()
    harness.clock.time += TOGETHER
    stored = harness.store.alerts.subscription(number)
    harness.store.alerts.change(replace(stored, paused=True))
    assert harness.tell(numbered(2, harness)) == []
    assert harness.tell(CORRECTED) == [f"Correction: {HEADLINE}"]
    harness.store.alerts.change(replace(stored, paused=False))
    assert harness.tell() == ["Eurosam deal 1"]


def test_what_waited_too_long_is_not_sent(harness: AlertHarness) -> None:
    number = harness.subscribe(subscription(channels=MAIL))
    harness.arrive(FIRST)
    harness.match()
    stored = harness.store.alerts.subscription(number)
    harness.store.alerts.change(replace(stored, paused=True))
    harness.clock.time += timedelta(days=90)
    harness.store.alerts.change(replace(stored, paused=False))
    assert harness.deliver().problems == ["subscription 1, story 1: it had become too old before it was sent"]


def test_another_rhythm_or_time_zone_moves_what_waits(harness: AlertHarness) -> None:
    number = harness.subscribe(subscription(channels=MAIL, rhythm=Rhythm.DAILY, timezone="Europe/Istanbul"))
    harness.tell(numbered(1, harness))
    stored = harness.store.alerts.subscription(number)
    for zone in ("America/New_York", "Asia/Tokyo"):
        moved = replace(stored, timezone=zone)
        harness.store.alerts.change(moved, news_due(moved, harness.clock.time))
    eight_in_tokyo = NOW.replace(hour=23, minute=0)
    assert tell_at(harness, eight_in_tokyo - timedelta(seconds=1)) == []
    assert tell_at(harness, eight_in_tokyo) == ["Eurosam deal 1"]
    assert tell_at(harness, eight_in_tokyo + timedelta(days=2)) == []


def test_a_clock_set_back_an_hour_sends_nothing_twice_and_loses_nothing(harness: AlertHarness) -> None:
    harness.subscribe(subscription(channels=MAIL, rhythm=Rhythm.HOURLY))
    harness.subscribe(subscription(channels=("mailto:b@example.org",)))
    harness.arrive(numbered(1, harness))
    harness.match()
    ten = NOW + timedelta(minutes=30)
    assert tell_at(harness, ten) == ["Eurosam deal 1"] * 2
    back = ten - timedelta(hours=1)
    assert tell_at(harness, back, replace(numbered(2, harness), updated_at=back, published_at=back)) == [
        "Eurosam deal 2"
    ]
    assert tell_at(harness, ten) == ["Eurosam deal 2"]
    assert tell_at(harness, ten + timedelta(hours=3)) == []
    assert len({message.key for message in harness.inbox.messages}) == 4


def test_a_clock_set_back_while_a_message_is_claimed_frees_it(harness: AlertHarness) -> None:
    harness.subscribe(subscription(channels=MAIL))
    harness.arrive(numbered(1, harness))
    harness.match()
    harness.clock.time = NOW + timedelta(hours=1)
    harness.store.alerts.claim_deliveries("dead/1", harness.clock.time, LEASE, 10)
    assert tell_at(harness, NOW) == ["Eurosam deal 1"]


# --------------------------------------------------------------------------- corrections of what has not been sent


def test_a_story_corrected_before_its_digest_is_sent_as_corrected(harness: AlertHarness) -> None:
    harness.subscribe(subscription(channels=MAIL, rhythm=Rhythm.DAILY))
    harness.tell(FIRST)
    assert harness.tell(CORRECTED) == []
    assert tell_at(harness, EIGHT) == [HEADLINE]
    [message] = harness.inbox.messages
    assert "Corrected." in message.text
    assert "18 months" not in message.text
    again = replace(CORRECTED, updated_at=EIGHT, body="Corrected again.")
    assert harness.tell(again) == [f"Correction: {HEADLINE}"]


def test_a_story_withdrawn_before_its_digest_is_never_sent(harness: AlertHarness) -> None:
    harness.subscribe(subscription(channels=MAIL, rhythm=Rhythm.DAILY))
    harness.tell(FIRST)
    assert harness.tell(KILLED) == []
    assert tell_at(harness, EIGHT) == []


def test_a_withdrawal_goes_to_who_may_have_had_the_story(harness: AlertHarness) -> None:
    """The process died after sending and before it could say so."""
    harness.subscribe(subscription(channels=MAIL))
    harness.arrive(FIRST)
    harness.match()
    assert harness.store.alerts.claim_deliveries("dead/1", harness.clock.time, LEASE, 10)
    assert harness.tell(KILLED) == [f"Withdrawn: {HEADLINE}"]


# --------------------------------------------------------------------------- further takes, mutes, ended channels


def test_a_new_take_is_sent_unasked_only_if_it_says_something_new(harness: AlertHarness) -> None:
    harness.subscribe(subscription(channels=MAIL))
    harness.tell(FIRST)
    harness.clock.time += TOGETHER
    quote = replace(FIRST, updated_at=NOW + timedelta(minutes=1), body=f'{BODY}\n\n"We are glad," an official said.')
    assert harness.tell(quote) == []
    fresh = " ".join(f"Detail{number} was told by witness{number}." for number in range(20))
    full = replace(
        FIRST, updated_at=NOW + timedelta(minutes=2), body=f"{BODY}\n\n{fresh}", headline=f"{HEADLINE} - full"
    )
    assert harness.tell(full) == [f"Update: {HEADLINE} - full"]
    assert "you were sent this story, and this adds to it" in harness.inbox.messages[-1].text


@pytest.mark.parametrize("mute", [Mute(MuteKind.SOURCE, "bosphorus wire"), Mute(MuteKind.SOURCE, "Bosphorus Wire")])
def test_a_muted_source_is_left_out(mute: Mute, harness: AlertHarness) -> None:
    harness.subscribe(subscription(channels=MAIL, mutes=(mute,)))
    assert harness.tell(FIRST, replace(numbered(1, harness), source="Levant Daily")) == ["Eurosam deal 1"]


def test_muting_does_not_stop_corrections(harness: AlertHarness) -> None:
    number = harness.subscribe(subscription(channels=MAIL))
    harness.tell(FIRST)
    stored = harness.store.alerts.subscription(number)
    harness.store.alerts.change(replace(stored, mutes=(Mute(MuteKind.SOURCE, "Bosphorus Wire"),)))
    assert harness.tell(CORRECTED) == [f"Correction: {HEADLINE}"]


def test_a_stopped_channel_gets_nothing_more_and_the_others_go_on(harness: AlertHarness) -> None:
    number = harness.subscribe(subscription(channels=("mailto:a@example.org", "mailto:b@example.org")))
    assert harness.tell(FIRST) == [HEADLINE] * 2
    harness.arrive(numbered(1, harness))
    harness.match()
    harness.store.alerts.stop(number, "mailto:a@example.org")
    harness.clock.time += TOGETHER
    assert harness.tell() == ["Eurosam deal 1"]
    assert harness.tell(CORRECTED) == [f"Correction: {HEADLINE}"]
    assert [message.to for message in harness.inbox.messages[2:]] == ["mailto:b@example.org"] * 2


# --------------------------------------------------------------------------- owners


def test_the_owner_of_a_query_that_fails_is_told_once(harness: AlertHarness) -> None:
    broken = harness.subscribe(subscription(query="?", owner="editor@example.org"))
    harness.subscribe(subscription(query="Eurosam"))
    assert sorted(harness.tell(FIRST)) == [HEADLINE, "Subscription Air defence: its query cannot be run"]
    notice = next(message for message in harness.inbox.messages if message.data["kind"] == "notice")
    assert notice.to == "mailto:editor@example.org"
    assert "cannot be run" in notice.text
    assert "It is kept" in notice.text
    assert harness.tell(numbered(1, harness)) == ["Eurosam deal 1"]
    [problem] = harness.store.alerts.problems()
    assert (problem.subscription_id, problem.channel) == (broken, None)
    line = harness.store.alerts.subscription(broken)
    harness.store.alerts.change(replace(line, query="deal"))
    assert harness.store.alerts.problems() == []
    assert harness.tell(numbered(2, harness)) == ["Eurosam deal 2"] * 2
    harness.store.alerts.change(replace(line, query="?"))
    assert len(harness.tell(numbered(3, harness))) == 2


def test_a_webhook_given_up_is_told_once_until_it_works_again(harness: AlertHarness) -> None:
    def refuse(_: Message) -> None:
        raise DeliveryError("gone for good", permanent=True)

    hook = Inbox(first=refuse)
    harness.channels["https://x.example/hook"] = hook
    harness.subscribe(subscription(channels=("https://x.example/hook",)))
    harness.tell(numbered(1, harness), numbered(2, harness))
    harness.deliver()
    [notice] = harness.inbox.messages
    assert (notice.to, notice.subject) == (
        OPERATOR,
        "Subscription Air defence: its https channel does not take messages",
    )
    assert "x.example" not in notice.text.replace("wirewatch", "")
    hook.first = lambda _: None
    harness.tell(numbered(3, harness))
    assert (hook.subjects, harness.store.alerts.problems()) == (["Eurosam deal 3"], [])
    hook.first = refuse
    harness.tell(numbered(4, harness))
    harness.deliver()
    assert len(harness.inbox.messages) == 2


def test_an_owner_is_not_told_by_the_channel_that_fails_nor_about_a_notice(harness: AlertHarness) -> None:
    def refuse(_: Message) -> None:
        raise DeliveryError("no such mailbox", permanent=True)

    harness.channels[MAIL[0]] = Inbox(first=refuse)
    harness.channels[OPERATOR] = Inbox(first=refuse)
    harness.subscribe(subscription(channels=MAIL, owner="desk@example.org"))
    harness.tell(FIRST)
    harness.deliver()
    assert [(line.kind.value, line.channel, line.parked) for line in harness.store.alerts.deliveries()] == [
        ("notice", OPERATOR, True),
        ("new", MAIL[0], True),
    ]
    assert len(harness.store.alerts.problems()) == 1


def test_a_problem_that_is_over_is_not_told(harness: AlertHarness) -> None:
    number = harness.subscribe(subscription(query="?"))
    harness.arrive(FIRST)
    harness.match()
    harness.store.alerts.end_problem(number, None, harness.clock.time)
    assert harness.deliver().problems == [
        "subscription 1, notice to its owner: the problem was over before this was sent"
    ]
