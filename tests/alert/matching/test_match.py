"""From a take that can be found to the message in the inbox, over the real store."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.alert import open_channel
from pipeline.errors import DeliveryError, SettingsError, UsageError
from pipeline.fetch.webhook_client import WebhookClient
from pipeline.models import (
    CopyEdge,
    Delivery,
    GroupKind,
    Link,
    Message,
    Mute,
    MuteKind,
    Reason,
    Status,
    Story,
    TakeKind,
)
from pipeline.settings import SmtpSettings
from tests.alert.harness import LEASE, AlertHarness, Inbox, open_harness
from tests.alert.samples import HEADLINE, NOW, story, subscription
from tests.servers.http import HttpServer, Reply
from tests.servers.smtp import Drop, SmtpServer
from tests.servers.smtp import Stage as SmtpStage


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[AlertHarness]:
    with open_harness(tmp_path) as harness:
        yield harness


def later(minutes: int, **changes: object) -> Story:
    """A further take of the same story, sent so many minutes after the first."""
    return replace(story(), updated_at=NOW + timedelta(minutes=minutes), **changes)  # type: ignore[arg-type]


FIRST = story()
UPDATE = later(1, headline=f"UPDATE 1-{HEADLINE}", take=TakeKind.UPDATE, take_number=1)
CORRECTED = later(2, headline=f"CORRECTED-{HEADLINE}", take=TakeKind.CORRECTION, corrected=True, note="Corrects length")
KILLED = later(3, headline=HEADLINE, take=TakeKind.KILL, status=Status.WITHDRAWN, body="")
OTHER = story(uri="tag:levant.example:1", headline="Lira falls", body="ISTANBUL, Jan 15 - The lira fell.")


def test_a_story_is_told_once_with_the_reason(harness: AlertHarness) -> None:
    number = harness.subscribe(subscription(query="Eurosam"))
    assert harness.tell(FIRST, OTHER) == [HEADLINE]
    [sent] = harness.inbox.messages
    assert "Why you get this: it has the words Eurosam" in sent.text
    assert sent.unsubscribe_url == f"https://wirewatch.example/stop/{number}"
    assert harness.tell(FIRST, OTHER) == []
    assert harness.deliver().claimed == 0
    [match] = harness.store.alerts.matches()
    assert match.why == (Reason("word", "Eurosam", 1.0),)


def test_the_whole_life_of_a_story(harness: AlertHarness) -> None:
    harness.subscribe(subscription(query="Eurosam"))
    wanting = harness.subscribe(subscription(query="Eurosam", updates=True))
    assert harness.tell(FIRST) == [HEADLINE] * 2
    assert harness.tell(UPDATE) == [f"Update: {UPDATE.headline}"]
    harness.store.alerts.unsubscribe(wanting)
    assert harness.tell(CORRECTED) == [f"Correction: {CORRECTED.headline}"] * 2
    assert "Corrects length" in harness.inbox.messages[-1].text
    assert harness.tell(KILLED) == [f"Withdrawn: {HEADLINE}"] * 2
    assert harness.tell(later(9, headline="Eurosam again")) == []


def test_backfill_is_silent_but_for_corrections(harness: AlertHarness) -> None:
    harness.subscribe(subscription(query="Eurosam", updates=True))
    assert harness.tell(FIRST, backfill=True) == []
    assert harness.tell(UPDATE, backfill=True) == []
    assert harness.tell(later(4, headline=f"UPDATE 2-{HEADLINE}", take=TakeKind.UPDATE)) == [f"UPDATE 2-{HEADLINE}"]
    fix = later(5, headline=HEADLINE, body="Corrected.", take=TakeKind.CORRECTION, corrected=True)
    assert harness.tell(fix, backfill=True) == [f"Correction: {HEADLINE}"]


def test_a_query_that_cannot_be_run_stops_no_other(harness: AlertHarness) -> None:
    broken = harness.subscribe(subscription(query="?"))
    harness.subscribe(subscription(query="Eurosam"))
    harness.arrive(FIRST)
    matched = harness.match()
    assert (matched.matches, matched.deliveries) == (1, 1)
    assert [failure.query_id for failure in matched.failures] == [broken]
    assert broken in {stored.id for stored in harness.store.alerts.subscriptions()}


def test_followers_hear_of_follow_ups_that_are_close_enough(harness: AlertHarness) -> None:
    [followed] = harness.arrive(FIRST, backfill=True)
    harness.match()
    close = harness.subscribe(subscription(follow=followed, closeness=0.6))
    harness.subscribe(subscription(follow=followed, closeness=0.9))
    link = Link(
        earlier=followed,
        later=followed + 1,
        score=0.7,
        reasons=(Reason("entity", "SAMP/T", 0.5), Reason("time", "58 days later", 0.2)),
        new=("Aselsan",),
    )
    [later_story] = harness.arrive(OTHER, links=[link])
    assert later_story == link.later
    harness.match()
    harness.deliver()
    [sent] = harness.inbox.messages
    assert (sent.subject, sent.data["subscription"]["id"]) == ("Lira falls", close)
    assert "New in it: Aselsan" in sent.text
    assert "it shares SAMP/T; 58 days later" in sent.text
    assert harness.tell(CORRECTED) == [f"Correction: {CORRECTED.headline}"] * 2
    assert f"you follow {CORRECTED.headline}" in harness.inbox.messages[-1].text


def test_a_copy_of_what_was_sent_is_not_sent_and_the_other_publishers_are_named(harness: AlertHarness) -> None:
    harness.subscribe(subscription(query="Eurosam"))
    copy = story(uri="tag:levant.example:2", source="Levant Daily")
    harness.arrive(FIRST, copy, copies=[CopyEdge(1, 2, 0.95)])
    harness.match()
    harness.deliver()
    [sent] = harness.inbox.messages
    assert "Also carried by: Levant Daily" in sent.text
    third = story(uri="tag:agean.example:2", source="Aegean Post")
    harness.arrive(third, copies=[CopyEdge(1, 3, 0.95)])
    harness.match()
    assert harness.deliver().claimed == 0


# --------------------------------------------------------------------------- delivering


def test_a_message_that_is_not_taken_is_tried_for_two_days_and_then_parked(harness: AlertHarness) -> None:
    def refuse(_: Message) -> None:
        raise DeliveryError("the harness is shut")

    harness.subscribe(subscription(query="Eurosam"))
    harness.arrive(FIRST)
    harness.match()
    harness.inbox.first = refuse
    tries = 0
    while not (waiting := harness.store.alerts.deliveries()[-1]).parked:
        harness.clock.time = max(harness.clock.time, waiting.due_at)
        tries += 1
        result = harness.deliver()
        assert (result.claimed, result.sent, result.retried + result.parked) == (1, 0, 1)
        assert result.problems == ["subscription 1, story 1: the harness is shut"]
    assert tries == 9
    assert timedelta(hours=44) < harness.clock.time - NOW < timedelta(hours=52)
    assert (waiting.attempts, waiting.last_error) == (9, "the harness is shut")
    harness.inbox.first = lambda _: None
    assert harness.deliver().sent == 1
    [notice] = harness.inbox.messages
    assert notice.subject == "Subscription Air defence: its file channel does not take messages"


@pytest.mark.parametrize(
    ("error", "parked"),
    [
        (DeliveryError("no such harness", permanent=True), True),
        (UsageError("no such channel"), True),
        (SettingsError("no mail server is set"), False),
        (DeliveryError("shut"), False),
    ],
)
def test_what_can_never_be_sent_is_parked_at_once(error: Exception, parked: bool, harness: AlertHarness) -> None:
    def refuse(_: Message) -> None:
        raise error

    harness.subscribe(subscription(query="Eurosam"))
    harness.arrive(FIRST)
    harness.match()
    harness.inbox.first = refuse
    result = harness.deliver()
    assert (result.parked, result.retried) == (int(parked), int(not parked))
    line = harness.store.alerts.deliveries()[-1]
    assert (line.parked, line.last_error) == (parked, str(error))


def test_a_bad_channel_holds_no_other(harness: AlertHarness) -> None:
    def refuse(_: Message) -> None:
        raise DeliveryError("shut")

    harness.channels["mailto:shut@example.org"] = Inbox(first=refuse)
    harness.subscribe(subscription(query="Eurosam", channels=("mailto:shut@example.org", "mailto:open@example.org")))
    assert harness.tell(FIRST) == [HEADLINE]


def test_what_was_overtaken_is_not_sent(harness: AlertHarness) -> None:
    ended = harness.subscribe(subscription(query="Eurosam"))
    harness.arrive(FIRST)
    harness.match()
    harness.store.alerts.unsubscribe(ended)
    assert harness.deliver().problems == ["subscription 1, story 1: the subscription ended before this was sent"]

    harness.subscribe(subscription(query="lira"))
    harness.arrive(OTHER)
    harness.match()
    harness.arrive(replace(OTHER, updated_at=NOW, take=TakeKind.KILL, status=Status.WITHDRAWN))
    assert harness.deliver().problems == ["subscription 2, story 2: the story was withdrawn before this was sent"]
    assert harness.inbox.messages == []


def test_no_message_is_begun_that_the_lease_leaves_no_time_for(harness: AlertHarness) -> None:
    def slow(_: Message) -> None:
        harness.clock.time += LEASE / 3

    for _ in range(5):
        harness.subscribe(subscription(query="Eurosam"))
    harness.arrive(FIRST)
    harness.match()
    harness.inbox.first = slow
    assert (harness.deliver().sent, harness.deliver().claimed) == (2, 0)
    harness.clock.time += LEASE
    harness.inbox.first = lambda _: None
    assert harness.deliver().sent == 3
    assert len({message.key for message in harness.inbox.messages}) == 5


# --------------------------------------------------------------------------- killed, with real receivers


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(s, marks=pytest.mark.soak) for s in range(4, 204))])
def test_killed_anywhere_between_match_and_delivery_nothing_is_lost_or_doubled(
    seed: int, tmp_path: Path, http: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever alerting asks of the store or of the channel may be the last thing that it does, before or after.

    The receiver fails now and then, and honours the key.
    """
    dice = random.Random(seed)
    url = http.route(
        "/hook", *[Reply(status=dice.choice([200, 200, 200, 500, 503])) for _ in range(30)], Reply(status=200)
    )
    webhook_client = WebhookClient(allow_private=True)
    accepted: list[str] = []

    def post(*args: object) -> int:
        status = real_post(*args)  # type: ignore[arg-type]
        if status == 200:
            accepted.append(http.requests[-1].headers["idempotency-key"])
        return status

    real_post = webhook_client.post
    monkeypatch.setattr(webhook_client, "post", post)
    with open_harness(tmp_path) as harness:
        webhook = open_channel(url, tmp_path, None, "s3cret", webhook_client)

        def send_or_die(message: Message) -> None:
            if dice.random() < 0.2:
                raise Killed
            webhook.send(message)
            if dice.random() < 0.2:
                raise Killed

        harness.inbox.first = send_or_die
        alerts = harness.store.alerts
        for name in ("record_alerted", "record_sent", "record_unsent", "claim_deliveries"):
            monkeypatch.setattr(alerts, name, _mortal(getattr(alerts, name), dice))
        for number in range(12):
            harness.subscribe(subscription(query="Eurosam", channels=(f"hook:{number}",)))
        harness.arrive(FIRST, OTHER)
        lines = _run_until_delivered(harness)
    assert len(lines) == 12
    assert [line for line in lines if not line.sent_at] == []
    assert set(accepted) == {line.key for line in lines}
    assert len(set(accepted)) == 12


def _run_until_delivered(harness: AlertHarness) -> list[Delivery]:
    lines: list[Delivery] = []
    while not lines or any(line.sent_at is None and not line.parked for line in lines):
        harness.clock.time += LEASE
        with suppress(Killed):
            harness.match()
            harness.deliver(limit=5)
        lines = harness.store.alerts.deliveries(limit=100)
    return lines


def _mortal(method: Callable[..., object], dice: random.Random) -> Callable[..., object]:
    def call(*args: object) -> object:
        if dice.random() < 0.1:
            raise Killed
        answer = method(*args)
        if dice.random() < 0.1:
            raise Killed
        return answer

    return call


def test_mail_that_was_taken_but_not_confirmed_comes_again_under_the_same_id(
    harness: AlertHarness, smtp: SmtpServer, tmp_path: Path
) -> None:
    settings = SmtpSettings(host=smtp.host, port=smtp.port, sender="wirewatch@desk.example")
    url = "mailto:desk@example.org"
    harness.channels[url] = open_channel(url, tmp_path, settings, None, WebhookClient())
    smtp.fail(SmtpStage.REPLY, Drop(), times=1)
    harness.subscribe(subscription(query="Eurosam", channels=(url,)))
    harness.arrive(FIRST)
    harness.match()
    assert harness.deliver().retried == 1
    harness.clock.time += timedelta(minutes=2)
    assert harness.deliver().sent == 1
    first, second = smtp.mails
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.message["Subject"] == HEADLINE
    assert first.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_followers_hear_of_their_storys_thread_and_may_mute_it(harness: AlertHarness) -> None:
    [followed] = harness.arrive(FIRST, backfill=True, happenings=True)
    harness.match()
    following = harness.subscribe(subscription(follow=followed, closeness=1.0))

    def of_the_thread(later_story: Story) -> int:
        [lineage] = harness.arrive(later_story, happenings=True)
        assert harness.store.threads.merge(GroupKind.THREAD, followed, lineage, "editor")
        harness.arrive()
        return lineage

    other = of_the_thread(OTHER)
    harness.match()
    harness.deliver()
    [sent] = harness.inbox.messages
    assert sent.subject == "Lira falls"
    assert "it belongs to the thread of the story that you follow" in sent.text
    [record] = harness.store.stories.records([other])
    line = harness.store.alerts.subscription(following)
    harness.store.alerts.change(replace(line, mutes=(Mute(MuteKind.THREAD, str(record.thread)),)))
    of_the_thread(story(uri="tag:x:3", headline="Third", body="ROME - A third text."))
    assert harness.match().matches == 0
