"""Schedulers killed between matching and delivery, two at once, over real receivers that fail, hang and answer late.

No match is lost; a receiver that honours the idempotency key sees each story exactly once.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.models import Delivery, DeliveryKind, Rhythm
from pipeline.store import open_store
from tests.alert.harness import AlertHarness, Clock
from tests.alert.samples import story, subscription
from tests.servers.gate import Gate
from tests.servers.http import HttpServer, Reply
from tests.servers.smtp import Drop, Refuse, SmtpServer
from tests.servers.smtp import Stage as SmtpStage

STORIES = 12
ROOT = Path(__file__).parents[3]
SOAK = int(os.environ.get("WIREWATCH_SOAK_ALERT_KILLS", "200"))
KILLS = 4  # of one home, before it is left to end in peace
FEW = 3
HEADLINES = [f"Eurosam deal {number:02} signed" for number in range(STORIES)]


@dataclass
class Site:
    """A home with stories that wait to be matched, and where its messages go."""

    home: Path
    http: HttpServer
    smtp: SmtpServer
    gates: list[Gate] = field(default_factory=list)
    hours: int = 0

    def fill(self, dice: random.Random) -> None:
        """Subscriptions to a webhook that fails as the dice say, to mail at once and to a daily digest."""
        answers = [self._answer(dice) for _ in range(40)]
        hook = self.http.route("/hook", *answers, Reply(status=200))
        with self.opened() as harness:
            for number in range(3):
                harness.subscribe(subscription(channels=(f"{hook}?{number}",)))
            harness.subscribe(subscription(channels=("mailto:now@example.org",)))
            harness.subscribe(subscription(channels=("mailto:daily@example.org",), rhythm=Rhythm.DAILY))
            now = harness.clock.time
            harness.arrive(
                *(
                    story(
                        uri=f"tag:x.example:{number}",
                        headline=headline,
                        body=f"ANKARA - Minister{number} signed it in Place{number}.",
                        updated_at=now,
                        published_at=now,
                    )
                    for number, headline in enumerate(HEADLINES)
                )
            )
        for stage, failure in (
            (SmtpStage.REPLY, Drop()),
            (SmtpStage.REPLY, Refuse(451, "later")),
            (SmtpStage.BODY, Drop()),
        ):
            if dice.random() < 0.5:
                self.smtp.fail(stage, failure, times=1)

    def _answer(self, dice: random.Random) -> Reply:
        status = dice.choice([200, 200, 200, 200, 500, 503, 429])
        if dice.random() > 0.06:
            return Reply(status=status)
        self.gates.append(Gate())  # no answer before the sender has given up; the receiver has the message all the same
        return Reply(status=200, gate=self.gates[-1])

    @property
    def url(self) -> str:
        return f"sqlite:///{self.home / 'wirewatch.db'}"

    @property
    def _log(self) -> Path:
        return self.home / "scheduler.log"

    def opened(self) -> "_Opened":
        return _Opened(self.url)

    def start(self) -> "subprocess.Popen[str]":
        """A scheduler, past its imports; each has its clock half a day ahead of the one before."""
        self.hours += 13
        environment = {
            **os.environ,
            "WIREWATCH_SMTP_URL": f"smtp://{self.smtp.host}:{self.smtp.port}",
            "WIREWATCH_MAIL_FROM": "alerts@wirewatch.example",
            "WIREWATCH_TIMEZONE": "UTC",
            "WIREWATCH_CONFIG": str(self.home),
        }
        command = [sys.executable, "-m", "tests.alert.delivery.faults_worker", str(self.home), str(self.hours * 3600)]
        with self._log.open("a") as log:
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT, env=environment
            )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", self._log.read_text()
        return process

    def finish(self) -> list[Delivery]:
        """Schedulers, undisturbed, until nothing waits; the outbox."""
        for _ in range(40):
            with self.start() as process:
                assert process.wait() == 0
            with self.opened() as harness:
                lines = harness.store.alerts.deliveries(limit=1_000)
            if lines and not any(line.sent_at is None and not line.parked for line in lines):
                return lines
        raise AssertionError(f"still waiting: {[line for line in lines if line.sent_at is None]}")


class _Opened:
    def __init__(self, url: str) -> None:
        self._clock = Clock(datetime.now(UTC))
        self._store = open_store(url, self._clock)

    def __enter__(self) -> AlertHarness:
        return AlertHarness(self._store, self._clock)

    def __exit__(self, *_: object) -> None:
        self._store.close()


@pytest.fixture
def site(tmp_path: Path, http: HttpServer, smtp: SmtpServer) -> Iterator[Site]:
    servers = Site(tmp_path, http, smtp)
    yield servers
    for gate in servers.gates:
        gate.release()


def check(site: Site, lines: Sequence[Delivery]) -> None:
    """Every story to every subscription, once as far as its receiver can tell."""
    news = [line for line in lines if line.kind is DeliveryKind.NEW]
    assert Counter(line.subscription_id for line in news) == dict.fromkeys(range(1, 6), STORIES)
    assert [line for line in lines if line.sent_at is None] == []
    by_hook = [line for line in news if line.channel.startswith("http")]
    # Of a sender that is killed while it sends, a receiver gets a part, and knows it by the length.
    requests = site.http.requests_for("/hook")
    complete = [request for request in requests if len(request.body) == int(request.headers["content-length"])]
    assert {request.headers["idempotency-key"] for request in complete} == {line.key for line in by_hook}
    bodies: dict[str, set[bytes]] = {}
    for request in complete:
        bodies.setdefault(request.headers["idempotency-key"], set()).add(request.body)
    assert all(len(same) == 1 for same in bodies.values()), "one key, two messages"
    for reader in ("now@example.org", "daily@example.org"):
        texts: dict[str, set[str]] = {}
        for mail in site.smtp.mails:
            if reader in mail.recipients:
                text = next(mail.message.iter_parts()).get_content()
                texts.setdefault(mail.message["Message-ID"], set()).add(text)
        assert all(len(same) == 1 for same in texts.values()), "one Message-ID, two messages"
        messages_by_headline = Counter(
            headline for same in texts.values() for text in same for headline in HEADLINES if headline in text
        )
        assert messages_by_headline == dict.fromkeys(HEADLINES, 1)


def kill_at_random(site: Site, dice: random.Random, times: int) -> None:
    for _ in range(times):
        process = site.start()
        time.sleep(dice.uniform(0.0, 0.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.parametrize(
    ("seed", "kills"),
    [
        *((seed, FEW) for seed in range(1)),
        *(pytest.param(seed, KILLS, marks=pytest.mark.soak) for seed in range(2, 2 + -(-SOAK // KILLS))),
    ],
)
def test_killed_between_match_and_delivery_nothing_is_lost_and_nothing_comes_twice(
    seed: int, kills: int, site: Site
) -> None:
    dice = random.Random(seed)
    site.fill(dice)
    kill_at_random(site, dice, kills)
    check(site, site.finish())


def test_two_schedulers_at_once_send_everything_once(site: Site) -> None:
    site.fill(random.Random(5))
    both = [site.start(), site.start()]
    for process in both:
        with process:
            assert process.wait() == 0
    check(site, site.finish())


def test_a_clock_set_back_between_two_runs_loses_nothing(site: Site) -> None:
    dice = random.Random(7)
    site.fill(dice)
    kill_at_random(site, dice, 1)
    site.hours -= 14
    check(site, site.finish())
