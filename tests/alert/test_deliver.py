"""What goes out together, what waits, what is dropped, and who is told of a failing subscription; over a real store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from pipeline.alert.delivery.schedule import TOGETHER, news_due
from pipeline.errors import DeliveryError
from pipeline.models import Message, Mute, MuteKind, QuietHours, Rhythm, Status, Story, TakeKind
from tests.alert.desk import LEASE, Desk, Inbox, open_desk
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
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


def numbered(number: int, desk: Desk) -> Story:
    """A story of its own about Eurosam, fresh off the wire."""
    return story(
        uri=f"tag:bosphorus.example:{number}",
        headline=f"Eurosam deal {number}",
        body=f"ANKARA - Deal number {number} was signed in the town of Place{number} by Minister{number}.",
        updated_at=desk.clock.time,
        published_at=desk.clock.time,
    )


def tell_at(desk: Desk, moment: datetime, *stories: Story) -> list[str]:
    desk.clock.time = moment
    return desk.tell(*stories)


# --------------------------------------------------------------------------- together


def test_a_daily_digest_is_one_message_at_eight(desk: Desk) -> None:
    desk.subscribe(subscription(channels=MAIL, rhythm=Rhythm.DAILY))
    assert desk.tell(numbered(1, desk)) == []
    assert tell_at(desk, NOW + timedelta(hours=5), numbered(2, desk), numbered(3, desk)) == []
    assert tell_at(desk, EIGHT - timedelta(seconds=1)) == []
    [subject] = tell_at(desk, EIGHT)
    assert subject == "Air defence: Eurosam deal 1 and 2 more"
    [message] = desk.inbox.messages
    assert len(message.data["stories"]) == 3
    assert all(line.sent_at == EIGHT and line.bundle == message.key for line in desk.store.alerts.deliveries())
    assert tell_at(desk, EIGHT + timedelta(days=1)) == []


def test_programs_get_each_story_on_its_own(desk: Desk) -> None:
    desk.subscribe(subscription(channels=("file:a.jsonl", "https://x.example/hook"), rhythm=Rhythm.HOURLY))
    desk.tell(numbered(1, desk), numbered(2, desk))
    assert len(tell_at(desk, NOW + timedelta(minutes=30))) == 4


def test_a_burst_is_two_messages(desk: Desk) -> None:
    desk.subscribe(subscription(channels=MAIL))
    assert desk.tell(numbered(0, desk)) == ["Eurosam deal 0"]
    for second in range(1, 41):
        assert tell_at(desk, NOW + timedelta(seconds=second), numbered(second, desk)) == []
    assert tell_at(desk, NOW + TOGETHER) == ["Air defence: Eurosam deal 40 and 39 more"]


def test_what_went_into_one_message_stays_together_and_what_comes_later_is_another(desk: Desk) -> None:
    """The receiver may have taken it: under the same key it must be the same message."""
    taken: list[Message] = []

    def take_but_fail(message: Message) -> None:
        taken.append(message)
        raise DeliveryError("the connection broke after the message")

    desk.subscribe(subscription(channels=MAIL))
    desk.inbox.first = take_but_fail
    assert desk.tell(numbered(1, desk), numbered(2, desk)) == []
    desk.inbox.first = lambda _: None
    tell_at(desk, NOW + timedelta(seconds=10), numbered(3, desk))
    desk.clock.time = NOW + timedelta(minutes=3)
    desk.deliver()
    together, alone = sorted(desk.inbox.messages, key=lambda message: message.key != taken[0].key)
    assert together.data == taken[0].data
    assert (alone.subject, alone.key != together.key) == ("Eurosam deal 3", True)


def test_hundreds_of_stories_are_one_message_that_counts_the_rest(desk: Desk) -> None:
    desk.subscribe(subscription(channels=MAIL, rhythm=Rhythm.HOURLY))
    desk.tell(*(numbered(number, desk) for number in range(239)))
    tell_at(desk, NOW + timedelta(minutes=30))
    [message] = desk.inbox.messages
    assert "and 214 more" in message.text
    assert [line for line in desk.store.alerts.deliveries(limit=300) if line.sent_at is None] == []


# --------------------------------------------------------------------------- waiting


def test_news_waits_out_the_quiet_hours_and_corrections_do_not(desk: Desk) -> None:
    quiet = QuietHours(time(9), time(11))
    desk.subscribe(subscription(channels=MAIL))
    assert desk.tell(FIRST) == [HEADLINE]
    [sleeper] = desk.store.alerts.subscriptions()
    desk.store.alerts.change(replace(sleeper, quiet=quiet))
    assert desk.tell(numbered(1, desk)) == []
    assert desk.tell(CORRECTED) == [f"Correction: {HEADLINE}"]
    assert tell_at(desk, NOW.replace(hour=11, minute=0)) == ["Eurosam deal 1"]


def test_a_late_scheduler_wakes_nobody(desk: Desk) -> None:
    """Due before the quiet hours began, but nobody sent it then."""
    desk.subscribe(subscription(channels=MAIL, quiet=QuietHours(time(10), time(12))))
    desk.arrive(numbered(1, desk))
    desk.match()
    desk.clock.time = NOW.replace(hour=10, minute=30)
    assert (desk.deliver().postponed, desk.inbox.subjects) == (1, [])
    assert desk.deliver().claimed == 0
    assert tell_at(desk, NOW.replace(hour=12, minute=0)) == ["Eurosam deal 1"]


def test_a_paused_subscription_keeps_what_waited_and_gets_corrections(desk: Desk) -> None:
    number = desk.subscribe(subscription(channels=MAIL))
    desk.tell(FIRST)
    desk.arrive(numbered(1, desk))
    desk.match()
    desk.clock.time += TOGETHER
    held = desk.store.alerts.subscription(number)
    desk.store.alerts.change(replace(held, paused=True))
    assert desk.tell(numbered(2, desk)) == []
    assert desk.tell(CORRECTED) == [f"Correction: {HEADLINE}"]
    desk.store.alerts.change(replace(held, paused=False))
    assert desk.tell() == ["Eurosam deal 1"]


def test_what_waited_too_long_is_not_sent(desk: Desk) -> None:
    number = desk.subscribe(subscription(channels=MAIL))
    desk.arrive(FIRST)
    desk.match()
    held = desk.store.alerts.subscription(number)
    desk.store.alerts.change(replace(held, paused=True))
    desk.clock.time += timedelta(days=90)
    desk.store.alerts.change(replace(held, paused=False))
    assert desk.deliver().problems == ["subscription 1, story 1: it had become too old before it was sent"]


def test_another_rhythm_or_time_zone_moves_what_waits(desk: Desk) -> None:
    number = desk.subscribe(subscription(channels=MAIL, rhythm=Rhythm.DAILY, timezone="Europe/Istanbul"))
    desk.tell(numbered(1, desk))
    held = desk.store.alerts.subscription(number)
    for zone in ("America/New_York", "Asia/Tokyo"):
        moved = replace(held, timezone=zone)
        desk.store.alerts.change(moved, news_due(moved, desk.clock.time))
    eight_in_tokyo = NOW.replace(hour=23, minute=0)
    assert tell_at(desk, eight_in_tokyo - timedelta(seconds=1)) == []
    assert tell_at(desk, eight_in_tokyo) == ["Eurosam deal 1"]
    assert tell_at(desk, eight_in_tokyo + timedelta(days=2)) == []


def test_a_clock_set_back_an_hour_sends_nothing_twice_and_loses_nothing(desk: Desk) -> None:
    desk.subscribe(subscription(channels=MAIL, rhythm=Rhythm.HOURLY))
    desk.subscribe(subscription(channels=("mailto:b@example.org",)))
    desk.arrive(numbered(1, desk))
    desk.match()
    ten = NOW + timedelta(minutes=30)
    assert tell_at(desk, ten) == ["Eurosam deal 1"] * 2
    back = ten - timedelta(hours=1)
    assert tell_at(desk, back, replace(numbered(2, desk), updated_at=back, published_at=back)) == ["Eurosam deal 2"]
    assert tell_at(desk, ten) == ["Eurosam deal 2"]
    assert tell_at(desk, ten + timedelta(hours=3)) == []
    assert len({message.key for message in desk.inbox.messages}) == 4


def test_a_clock_set_back_while_a_message_is_claimed_frees_it(desk: Desk) -> None:
    desk.subscribe(subscription(channels=MAIL))
    desk.arrive(numbered(1, desk))
    desk.match()
    desk.clock.time = NOW + timedelta(hours=1)
    desk.store.alerts.claim_deliveries("dead/1", desk.clock.time, LEASE, 10)
    assert tell_at(desk, NOW) == ["Eurosam deal 1"]


# --------------------------------------------------------------------------- corrections of what has not been sent


def test_a_story_corrected_before_its_digest_is_sent_as_corrected(desk: Desk) -> None:
    desk.subscribe(subscription(channels=MAIL, rhythm=Rhythm.DAILY))
    desk.tell(FIRST)
    assert desk.tell(CORRECTED) == []
    assert tell_at(desk, EIGHT) == [HEADLINE]
    [message] = desk.inbox.messages
    assert "Corrected." in message.text
    assert "18 months" not in message.text
    again = replace(CORRECTED, updated_at=EIGHT, body="Corrected again.")
    assert desk.tell(again) == [f"Correction: {HEADLINE}"]


def test_a_story_withdrawn_before_its_digest_is_never_sent(desk: Desk) -> None:
    desk.subscribe(subscription(channels=MAIL, rhythm=Rhythm.DAILY))
    desk.tell(FIRST)
    assert desk.tell(KILLED) == []
    assert tell_at(desk, EIGHT) == []


def test_a_withdrawal_goes_to_who_may_have_had_the_story(desk: Desk) -> None:
    """The process died after sending and before it could say so."""
    desk.subscribe(subscription(channels=MAIL))
    desk.arrive(FIRST)
    desk.match()
    assert desk.store.alerts.claim_deliveries("dead/1", desk.clock.time, LEASE, 10)
    assert desk.tell(KILLED) == [f"Withdrawn: {HEADLINE}"]


# --------------------------------------------------------------------------- further takes, mutes, ended channels


def test_a_new_take_is_sent_unasked_only_if_it_says_something_new(desk: Desk) -> None:
    desk.subscribe(subscription(channels=MAIL))
    desk.tell(FIRST)
    desk.clock.time += TOGETHER
    quote = replace(FIRST, updated_at=NOW + timedelta(minutes=1), body=f'{BODY}\n\n"We are glad," an official said.')
    assert desk.tell(quote) == []
    fresh = " ".join(f"Detail{number} was told by witness{number}." for number in range(20))
    full = replace(
        FIRST, updated_at=NOW + timedelta(minutes=2), body=f"{BODY}\n\n{fresh}", headline=f"{HEADLINE} - full"
    )
    assert desk.tell(full) == [f"Update: {HEADLINE} - full"]
    assert "you were sent this story, and this adds to it" in desk.inbox.messages[-1].text


@pytest.mark.parametrize("mute", [Mute(MuteKind.SOURCE, "bosphorus wire"), Mute(MuteKind.SOURCE, "Bosphorus Wire")])
def test_a_muted_source_is_left_out(mute: Mute, desk: Desk) -> None:
    desk.subscribe(subscription(channels=MAIL, mutes=(mute,)))
    assert desk.tell(FIRST, replace(numbered(1, desk), source="Levant Daily")) == ["Eurosam deal 1"]


def test_muting_does_not_stop_corrections(desk: Desk) -> None:
    number = desk.subscribe(subscription(channels=MAIL))
    desk.tell(FIRST)
    held = desk.store.alerts.subscription(number)
    desk.store.alerts.change(replace(held, mutes=(Mute(MuteKind.SOURCE, "Bosphorus Wire"),)))
    assert desk.tell(CORRECTED) == [f"Correction: {HEADLINE}"]


def test_a_stopped_channel_gets_nothing_more_and_the_others_go_on(desk: Desk) -> None:
    number = desk.subscribe(subscription(channels=("mailto:a@example.org", "mailto:b@example.org")))
    assert desk.tell(FIRST) == [HEADLINE] * 2
    desk.arrive(numbered(1, desk))
    desk.match()
    desk.store.alerts.stop(number, "mailto:a@example.org")
    desk.clock.time += TOGETHER
    assert desk.tell() == ["Eurosam deal 1"]
    assert desk.tell(CORRECTED) == [f"Correction: {HEADLINE}"]
    assert [message.to for message in desk.inbox.messages[2:]] == ["mailto:b@example.org"] * 2


# --------------------------------------------------------------------------- owners


def test_the_owner_of_a_query_that_fails_is_told_once(desk: Desk) -> None:
    broken = desk.subscribe(subscription(query="?", owner="editor@example.org"))
    desk.subscribe(subscription(query="Eurosam"))
    assert sorted(desk.tell(FIRST)) == [HEADLINE, "Subscription Air defence: its query cannot be run"]
    notice = next(message for message in desk.inbox.messages if message.data["kind"] == "notice")
    assert notice.to == "mailto:editor@example.org"
    assert "cannot be run" in notice.text
    assert "It is kept" in notice.text
    assert desk.tell(numbered(1, desk)) == ["Eurosam deal 1"]
    [problem] = desk.store.alerts.problems()
    assert (problem.subscription_id, problem.channel) == (broken, None)
    held = desk.store.alerts.subscription(broken)
    desk.store.alerts.change(replace(held, query="deal"))
    assert desk.store.alerts.problems() == []
    assert desk.tell(numbered(2, desk)) == ["Eurosam deal 2"] * 2
    desk.store.alerts.change(replace(held, query="?"))
    assert len(desk.tell(numbered(3, desk))) == 2


def test_a_webhook_given_up_is_told_once_until_it_works_again(desk: Desk) -> None:
    def refuse(_: Message) -> None:
        raise DeliveryError("gone for good", permanent=True)

    hook = Inbox(first=refuse)
    desk.channels["https://x.example/hook"] = hook
    desk.subscribe(subscription(channels=("https://x.example/hook",)))
    desk.tell(numbered(1, desk), numbered(2, desk))
    desk.deliver()
    [told] = desk.inbox.messages
    assert (told.to, told.subject) == (OPERATOR, "Subscription Air defence: its https channel does not take messages")
    assert "x.example" not in told.text.replace("wirewatch", "")
    hook.first = lambda _: None
    desk.tell(numbered(3, desk))
    assert (hook.subjects, desk.store.alerts.problems()) == (["Eurosam deal 3"], [])
    hook.first = refuse
    desk.tell(numbered(4, desk))
    desk.deliver()
    assert len(desk.inbox.messages) == 2


def test_an_owner_is_not_told_by_the_channel_that_fails_nor_about_a_notice(desk: Desk) -> None:
    def refuse(_: Message) -> None:
        raise DeliveryError("no such mailbox", permanent=True)

    desk.channels[MAIL[0]] = Inbox(first=refuse)
    desk.channels[OPERATOR] = Inbox(first=refuse)
    desk.subscribe(subscription(channels=MAIL, owner="desk@example.org"))
    desk.tell(FIRST)
    desk.deliver()
    assert [(line.kind.value, line.channel, line.parked) for line in desk.store.alerts.deliveries()] == [
        ("notice", OPERATOR, True),
        ("new", MAIL[0], True),
    ]
    assert len(desk.store.alerts.problems()) == 1


def test_a_problem_that_is_over_is_not_told(desk: Desk) -> None:
    number = desk.subscribe(subscription(query="?"))
    desk.arrive(FIRST)
    desk.match()
    desk.store.alerts.end_problem(number, None, desk.clock.time)
    assert desk.deliver().problems == ["subscription 1, notice to its owner: the problem was over before this was sent"]
