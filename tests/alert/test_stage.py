"""From a take that can be found to the message in the inbox, over the real store."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.alert import open_channel
from pipeline.errors import DeliveryError, SettingsError, UsageError
from pipeline.fetch.webhook_client import WebhookClient
from pipeline.models import CopyEdge, GroupKind, Link, Message, Mute, MuteKind, Reason, Status, Story, TakeKind
from pipeline.settings import SmtpSettings
from tests.alert.desk import LEASE, Desk, Inbox, open_desk
from tests.alert.samples import HEADLINE, NOW, story, subscription
from tests.servers.http import HttpServer, Reply
from tests.servers.smtp import Drop, SmtpServer
from tests.servers.smtp import Stage as SmtpStage


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


def later(minutes: int, **changes: object) -> Story:
    """A further take of the same story, sent so many minutes after the first."""
    return replace(story(), updated_at=NOW + timedelta(minutes=minutes), **changes)  # type: ignore[arg-type]


FIRST = story()
UPDATE = later(1, headline=f"UPDATE 1-{HEADLINE}", take=TakeKind.UPDATE, take_number=1)
CORRECTED = later(2, headline=f"CORRECTED-{HEADLINE}", take=TakeKind.CORRECTION, corrected=True, note="Corrects length")
KILLED = later(3, headline=HEADLINE, take=TakeKind.KILL, status=Status.WITHDRAWN, body="")
OTHER = story(uri="tag:levant.example:1", headline="Lira falls", body="ISTANBUL, Jan 15 - The lira fell.")


def test_a_story_is_told_once_with_the_reason(desk: Desk) -> None:
    number = desk.subscribe(subscription(query="Eurosam"))
    assert desk.tell(FIRST, OTHER) == [HEADLINE]
    [sent] = desk.inbox.messages
    assert "Why you get this: it has the words Eurosam" in sent.text
    assert sent.unsubscribe_url == f"https://wirewatch.example/stop/{number}"
    assert desk.tell(FIRST, OTHER) == []
    assert desk.deliver().claimed == 0
    [match] = desk.store.alerts.matches()
    assert match.why == (Reason("word", "Eurosam", 1.0),)


def test_the_whole_life_of_a_story(desk: Desk) -> None:
    desk.subscribe(subscription(query="Eurosam"))
    wanting = desk.subscribe(subscription(query="Eurosam", updates=True))
    assert desk.tell(FIRST) == [HEADLINE] * 2
    assert desk.tell(UPDATE) == [f"Update: {UPDATE.headline}"]
    desk.store.alerts.unsubscribe(wanting)
    assert desk.tell(CORRECTED) == [f"Correction: {CORRECTED.headline}"] * 2
    assert "Corrects length" in desk.inbox.messages[-1].text
    assert desk.tell(KILLED) == [f"Withdrawn: {HEADLINE}"] * 2
    assert desk.tell(later(9, headline="Eurosam again")) == []


def test_backfill_is_silent_but_for_corrections(desk: Desk) -> None:
    desk.subscribe(subscription(query="Eurosam", updates=True))
    assert desk.tell(FIRST, backfill=True) == []
    assert desk.tell(UPDATE, backfill=True) == []
    assert desk.tell(later(4, headline=f"UPDATE 2-{HEADLINE}", take=TakeKind.UPDATE)) == [f"UPDATE 2-{HEADLINE}"]
    fix = later(5, headline=HEADLINE, body="Corrected.", take=TakeKind.CORRECTION, corrected=True)
    assert desk.tell(fix, backfill=True) == [f"Correction: {HEADLINE}"]


def test_a_query_that_cannot_be_run_stops_no_other(desk: Desk) -> None:
    broken = desk.subscribe(subscription(query="?"))
    desk.subscribe(subscription(query="Eurosam"))
    desk.arrive(FIRST)
    matched = desk.match()
    assert (matched.matches, matched.deliveries) == (1, 1)
    assert [failure.query_id for failure in matched.failures] == [broken]
    assert broken in {one.id for one in desk.store.alerts.subscriptions()}


def test_followers_hear_of_follow_ups_that_are_close_enough(desk: Desk) -> None:
    [followed] = desk.arrive(FIRST, backfill=True)
    desk.match()
    close = desk.subscribe(subscription(follow=followed, closeness=0.6))
    desk.subscribe(subscription(follow=followed, closeness=0.9))
    link = Link(
        earlier=followed,
        later=followed + 1,
        score=0.7,
        reasons=(Reason("entity", "SAMP/T", 0.5), Reason("time", "58 days later", 0.2)),
        new=("Aselsan",),
    )
    [later_story] = desk.arrive(OTHER, links=[link])
    assert later_story == link.later
    desk.match()
    desk.deliver()
    [sent] = desk.inbox.messages
    assert (sent.subject, sent.data["subscription"]["id"]) == ("Lira falls", close)
    assert "New in it: Aselsan" in sent.text
    assert "it shares SAMP/T; 58 days later" in sent.text
    assert desk.tell(CORRECTED) == [f"Correction: {CORRECTED.headline}"] * 2
    assert f"you follow {CORRECTED.headline}" in desk.inbox.messages[-1].text


def test_a_copy_of_what_was_sent_is_not_sent_and_the_other_publishers_are_named(desk: Desk) -> None:
    desk.subscribe(subscription(query="Eurosam"))
    copy = story(uri="tag:levant.example:2", source="Levant Daily")
    desk.arrive(FIRST, copy, copies=[CopyEdge(1, 2, 0.95)])
    desk.match()
    desk.deliver()
    [sent] = desk.inbox.messages
    assert "Also carried by: Levant Daily" in sent.text
    third = story(uri="tag:agean.example:2", source="Aegean Post")
    desk.arrive(third, copies=[CopyEdge(1, 3, 0.95)])
    desk.match()
    assert desk.deliver().claimed == 0


# --------------------------------------------------------------------------- delivering


def test_a_message_that_is_not_taken_is_tried_for_two_days_and_then_parked(desk: Desk) -> None:
    def refuse(_: Message) -> None:
        raise DeliveryError("the desk is shut")

    desk.subscribe(subscription(query="Eurosam"))
    desk.arrive(FIRST)
    desk.match()
    desk.inbox.first = refuse
    tries = 0
    while not (waiting := desk.store.alerts.deliveries()[-1]).parked:
        desk.clock.time = max(desk.clock.time, waiting.due_at)
        tries += 1
        result = desk.deliver()
        assert (result.claimed, result.sent, result.retried + result.parked) == (1, 0, 1)
        assert result.problems == ["subscription 1, story 1: the desk is shut"]
    assert tries == 9
    assert timedelta(hours=44) < desk.clock.time - NOW < timedelta(hours=52)
    assert (waiting.attempts, waiting.last_error) == (9, "the desk is shut")
    desk.inbox.first = lambda _: None
    assert desk.deliver().sent == 1
    [told] = desk.inbox.messages
    assert told.subject == "Subscription Air defence: its file channel does not take messages"


@pytest.mark.parametrize(
    ("error", "parked"),
    [
        (DeliveryError("no such desk", permanent=True), True),
        (UsageError("no such channel"), True),
        (SettingsError("no mail server is set"), False),
        (DeliveryError("shut"), False),
    ],
)
def test_what_can_never_be_sent_is_parked_at_once(error: Exception, parked: bool, desk: Desk) -> None:
    def refuse(_: Message) -> None:
        raise error

    desk.subscribe(subscription(query="Eurosam"))
    desk.arrive(FIRST)
    desk.match()
    desk.inbox.first = refuse
    result = desk.deliver()
    assert (result.parked, result.retried) == (int(parked), int(not parked))
    line = desk.store.alerts.deliveries()[-1]
    assert (line.parked, line.last_error) == (parked, str(error))


def test_a_bad_channel_holds_no_other(desk: Desk) -> None:
    def refuse(_: Message) -> None:
        raise DeliveryError("shut")

    desk.channels["mailto:shut@example.org"] = Inbox(first=refuse)
    desk.subscribe(subscription(query="Eurosam", channels=("mailto:shut@example.org", "mailto:open@example.org")))
    assert desk.tell(FIRST) == [HEADLINE]


def test_what_was_overtaken_is_not_sent(desk: Desk) -> None:
    ended = desk.subscribe(subscription(query="Eurosam"))
    desk.arrive(FIRST)
    desk.match()
    desk.store.alerts.unsubscribe(ended)
    assert desk.deliver().problems == ["subscription 1, story 1: the subscription ended before this was sent"]

    desk.subscribe(subscription(query="lira"))
    desk.arrive(OTHER)
    desk.match()
    desk.arrive(replace(OTHER, updated_at=NOW, take=TakeKind.KILL, status=Status.WITHDRAWN))
    assert desk.deliver().problems == ["subscription 2, story 2: the story was withdrawn before this was sent"]
    assert desk.inbox.messages == []


def test_no_message_is_begun_that_the_lease_leaves_no_time_for(desk: Desk) -> None:
    def slow(_: Message) -> None:
        desk.clock.time += LEASE / 3

    for _ in range(5):
        desk.subscribe(subscription(query="Eurosam"))
    desk.arrive(FIRST)
    desk.match()
    desk.inbox.first = slow
    assert (desk.deliver().sent, desk.deliver().claimed) == (2, 0)
    desk.clock.time += LEASE
    desk.inbox.first = lambda _: None
    assert desk.deliver().sent == 3
    assert len({message.key for message in desk.inbox.messages}) == 5


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
    with open_desk(tmp_path) as desk:
        webhook = open_channel(url, tmp_path, None, "s3cret", webhook_client)

        def send_or_die(message: Message) -> None:
            if dice.random() < 0.2:
                raise Killed
            webhook.send(message)
            if dice.random() < 0.2:
                raise Killed

        desk.inbox.first = send_or_die
        alerts = desk.store.alerts
        for name in ("record_alerted", "record_sent", "record_unsent", "claim_deliveries"):
            monkeypatch.setattr(alerts, name, _mortal(getattr(alerts, name), dice))
        for number in range(12):
            desk.subscribe(subscription(query="Eurosam", channels=(f"hook:{number}",)))
        desk.arrive(FIRST, OTHER)
        lines = alerts.deliveries(limit=100)
        while not lines or any(line.sent_at is None and not line.parked for line in lines):
            desk.clock.time += LEASE
            try:
                desk.match()
                desk.deliver(limit=5)
            except Killed:
                continue
            finally:
                lines = alerts.deliveries(limit=100)
    assert len(lines) == 12
    assert [line for line in lines if not line.sent_at] == []
    assert set(accepted) == {line.key for line in lines}
    assert len(set(accepted)) == 12


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
    desk: Desk, smtp: SmtpServer, tmp_path: Path
) -> None:
    settings = SmtpSettings(host=smtp.host, port=smtp.port, sender="wirewatch@desk.example")
    url = "mailto:desk@example.org"
    desk.channels[url] = open_channel(url, tmp_path, settings, None, WebhookClient())
    smtp.fail(SmtpStage.REPLY, Drop(), times=1)
    desk.subscribe(subscription(query="Eurosam", channels=(url,)))
    desk.arrive(FIRST)
    desk.match()
    assert desk.deliver().retried == 1
    desk.clock.time += timedelta(minutes=2)
    assert desk.deliver().sent == 1
    first, second = smtp.mails
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.message["Subject"] == HEADLINE
    assert first.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_followers_hear_of_their_storys_thread_and_may_mute_it(desk: Desk) -> None:
    [followed] = desk.arrive(FIRST, backfill=True, happenings=True)
    desk.match()
    following = desk.subscribe(subscription(follow=followed, closeness=1.0))

    def of_the_thread(later_story: Story) -> int:
        [lineage] = desk.arrive(later_story, happenings=True)
        assert desk.store.threads.merge(GroupKind.THREAD, followed, lineage, "editor")
        desk.arrive()
        return lineage

    other = of_the_thread(OTHER)
    desk.match()
    desk.deliver()
    [sent] = desk.inbox.messages
    assert sent.subject == "Lira falls"
    assert "it belongs to the thread of the story that you follow" in sent.text
    [record] = desk.store.stories.records([other])
    held = desk.store.alerts.subscription(following)
    desk.store.alerts.change(replace(held, mutes=(Mute(MuteKind.THREAD, str(record.thread)),)))
    of_the_thread(story(uri="tag:x:3", headline="Third", body="ROME - A third text."))
    assert desk.match().matches == 0
