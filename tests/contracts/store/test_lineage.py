"""StoryStore: one story through takes with uris of their own, kills, embargoes and expiry; on both databases."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from pipeline.models import AddOutcome, Link, Origin, PublisherLink, Stage, Status, Story, TakeKind
from pipeline.ports import Store
from tests.store import deal_takes as deal
from tests.store.builders import IMPORT, NOW, at, story
from tests.store.opened_stores import SetClock
from tests.store.stage_runner import StageRunner

pytestmark = pytest.mark.slow  # takes more than five seconds of processor time


def statuses(runner: StageRunner, *uris: str) -> list[Status]:
    lineages = [runner.store.stories.resolve(uri) for uri in uris]
    return [record.status for record in runner.store.stories.records(lineages)]


def current(runner: StageRunner, uri: str) -> Story:
    (record,) = runner.store.stories.records([runner.store.stories.resolve(uri)])
    return record.current.story


# --------------------------------------------------------------------------- takes of one story


@pytest.mark.parametrize("signal", [deal.by_uri, deal.by_link, lambda: deal.TAKES], ids=["uri", "link", "take line"])
def test_takes_in_order_make_one_story(runner: StageRunner, signal: object) -> None:
    takes: tuple[Story, ...] = signal()  # type: ignore[operator]
    for number, take in enumerate(takes, start=1):
        (added,) = runner.add(take)
        assert added.outcome is (AddOutcome.NEW if number == 1 else AddOutcome.NEW_TAKE)
        runner.walk()
    (record,) = runner.store.stories.records([added.lineage])
    assert (record.current.version, record.status) == (4, Status.WITHDRAWN)
    assert record.published_at == at(8, 9)
    assert [take.story for take in runner.store.stories.history(added.lineage)] == list(takes)


@pytest.mark.parametrize("signal", [deal.by_uri, deal.by_link, lambda: deal.TAKES], ids=["uri", "link", "take line"])
@pytest.mark.parametrize("count", [3, 4], ids=["usable", "killed"])
def test_every_order_of_arrival_ends_in_the_same_state(runner: StageRunner, signal: object, count: int) -> None:
    takes: tuple[Story, ...] = signal()[:count]  # type: ignore[operator]
    orders = list(permutations(range(count)))
    for number, order in enumerate(orders):
        for position in order:
            runner.add(_renamed(takes[position], number))
            if number % 2:
                runner.walk()  # the index is written between any two
    runner.walk()
    assert not runner.pending()
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in runner.export():
        rows.setdefault(row["uri"].partition("/")[0], []).append(row)
    assert len({_state(runner, number, rows[str(number)]) for number in range(len(orders))}) == 1


def _renamed(take: Story, number: int) -> Story:
    """The take as another agency's, so that one store can hold every order side by side."""
    links = tuple(replace(link, uri=f"{number}/{link.uri}") for link in take.links)
    name = f"Agency {number}"
    return replace(take, uri=f"{number}/{take.uri}", agency=name, source=name, links=links)


def _state(runner: StageRunner, number: int, rows: list[dict[str, Any]]) -> str:
    lineages = {runner.store.stories.resolve(row["uri"]) for row in rows}
    (record,) = runner.store.stories.records(sorted(lineages))
    history = [take.story.headline for take in runner.store.stories.history(record.lineage)]
    seen = (record.published_at, record.updated_at, record.current.version, record.status, record.corrected)
    return f"{rows} {seen} {history}".replace(f"{number}/", "").replace(f"Agency {number}", "")


def test_takes_that_arrive_in_one_batch_are_joined(runner: StageRunner) -> None:
    added = runner.add(*reversed(deal.TAKES[:3]))
    assert [answer.lineage for answer in added] == [added[0].lineage] * 3
    assert [answer.outcome for answer in added] == [AddOutcome.NEW, AddOutcome.STALE, AddOutcome.STALE]
    assert current(runner, "bos:1") == deal.CORRECTED


def test_a_correction_says_so(runner: StageRunner) -> None:
    runner.add(deal.FIRST, deal.UPDATE, deal.CORRECTED)
    (record,) = runner.store.stories.records([runner.store.stories.resolve("bos:1")])
    assert record.corrected
    assert record.current.story.note == "(Corrects the day of signing in paragraph 1)"


@pytest.mark.parametrize(
    "other",
    [
        replace(deal.UPDATE, agency="Aegean", source="Aegean"),
        replace(deal.UPDATE, source="The Daily Paper"),
        replace(deal.UPDATE, updated_at=at(12)),
        replace(deal.UPDATE, language="tr"),
        replace(deal.UPDATE, headline="UPDATE 1-Rates held in Brussels", slugline="EU-RATES/", body="Other text. " * 9),
        replace(deal.UPDATE, take=TakeKind.FIRST, take_number=None),
        replace(deal.UPDATE, updated_at=at(8, 7)),
    ],
    ids=["other agency", "its client", "days later", "language", "other story", "no take line", "before the first"],
)
def test_what_is_no_take_of_the_story_stays_apart(runner: StageRunner, other: Story) -> None:
    first, second = runner.add(deal.FIRST, other)
    assert second.outcome is AddOutcome.NEW
    assert first.lineage != second.lineage


REPORT = (
    "LONDON, Nov {day} (Bosphorus) - The blue chip index closed {moved} {points} points at {level} on {weekday} as "
    "miners {moved} {percent} percent and the pound stood at {pound} dollars against the greenback. Banks added "
    "{banks} percent while oil majors lost {oil} percent in volumes {volume} percent below the average of 90 days."
)


def report(uri: str, day: int, weekday: str, **fields: object) -> Story:
    numbers = {"points": 12 * day, "level": 7500 + day, "percent": f"1.{day}", "pound": f"1.3{day}", "banks": day}
    text = REPORT.format(day=day, weekday=weekday, moved="up", oil=day + 2, volume=3 * day, **numbers)
    return story(
        uri, headline="Miners lift blue chip index", slugline="MARKETS-LONDON/", body=text, updated_at=at(day, 17),
        published_at=at(day, 17), **fields,
    )  # fmt: skip


def test_the_daily_market_report_is_a_story_a_day(runner: StageRunner) -> None:
    added = runner.add(
        report("mkt:1", 8, "Wednesday"),
        report("mkt:2", 9, "Thursday"),
        replace(report("mkt:3", 9, "Thursday"), take=TakeKind.CORRECTION, corrected=True, updated_at=at(9, 18)),
    )
    assert added[0].lineage != added[1].lineage
    assert added[1].lineage == added[2].lineage


# --------------------------------------------------------------------------- links


def test_a_link_to_another_publisher_s_story_joins_nothing(runner: StageRunner) -> None:
    """Else anybody could withdraw anybody's story."""
    hijack = story("evil:1", agency="Evil", source="Evil", status=Status.WITHDRAWN, take=TakeKind.KILL)
    runner.add(deal.FIRST, replace(hijack, links=(PublisherLink("replaces", "bos:1"),)))
    assert statuses(runner, "bos:1") == [Status.USABLE]


def test_see_also_is_no_lineage(runner: StageRunner) -> None:
    first, second = runner.add(story("a"), story("b", links=(PublisherLink("see_also", "a"),)))
    assert first.lineage != second.lineage


def test_what_evolved_from_a_story_wins_over_its_later_versions(runner: StageRunner) -> None:
    runner.add(story("a", version=1), story("b", links=(PublisherLink("evolved_from", "a"),), headline="Rewrite"))
    runner.add(story("a", version=2, updated_at=at(8, 20), headline="Late edit of the old one"))
    assert current(runner, "a").headline == "Rewrite"


def test_links_in_a_circle_end(runner: StageRunner) -> None:
    ring = {"a": "b", "b": "c", "c": "a"}
    takes = [
        story(uri, links=(PublisherLink("replaces", to), PublisherLink("replaces", uri))) for uri, to in ring.items()
    ]
    added = runner.add(*takes)
    assert len({answer.lineage for answer in added}) == 1
    assert len(runner.store.stories.history(added[0].lineage)) == 3


def test_a_link_that_comes_with_an_unchanged_text_joins(runner: StageRunner) -> None:
    first, second = runner.add(story("a"), story("b"))
    (again,) = runner.add(story("b", links=(PublisherLink("evolved_from", "a"),)))
    assert again.outcome is AddOutcome.UNCHANGED
    assert again.lineage == first.lineage != second.lineage


# --------------------------------------------------------------------------- two lineages turn out to be one


def test_joined_lineages_are_one_story_under_the_older_id(runner: StageRunner) -> None:
    """Two takes are stored, tagged, linked, indexed and alerted before the link between them arrives."""
    origin = replace(IMPORT, name="feed")
    older, other, younger = runner.add(
        story("a", body="NATO first"), story("x", body="NATO aside"), story("b", body="NATO second"), origin=origin
    )
    runner.tag()
    links = [
        Link(earlier=older.lineage, later=other.lineage, score=0.2),
        Link(earlier=other.lineage, later=younger.lineage, score=0.4),
        Link(earlier=older.lineage, later=younger.lineage, score=0.9),
    ]
    runner.relate(links)
    runner.index()
    runner.alert()
    assert runner.store.relations.counts(["nato"], ["gaz:nato"]).documents == 3

    runner.add(story("b", version=2, links=(PublisherLink("evolved_from", "a"),), body="NATO third"))
    store = runner.store
    names = ("a", "b", str(older.lineage), str(younger.lineage))
    assert {store.stories.resolve(name) for name in names} == {older.lineage}
    bodies = [take.story.body for take in store.stories.history(younger.lineage)]
    assert bodies == ["NATO first", "NATO second", "NATO third"]
    counts = store.relations.counts(["first", "second", "third", "nato"], ["gaz:nato"])
    assert (counts.documents, counts.entities) == (2, {"gaz:nato": 2})
    assert counts.terms == {"second": 1, "nato": 2}
    assert [(link.earlier, link.later, link.score) for link in store.relations.links_to(younger.lineage)] == [
        (other.lineage, older.lineage, 0.4)
    ]
    assert [(link.earlier, link.later) for link in store.relations.links_from(older.lineage)] == [
        (older.lineage, other.lineage)
    ]

    assert runner.claim(Stage.INDEX) == [younger.lineage]  # the blank; the story itself waits for its new take
    (blank,) = store.stories.records([younger.lineage])
    assert (blank.status, blank.merged_into) == (Status.WITHDRAWN, older.lineage)
    assert (blank.current.story.headline, blank.current.story.body, blank.enrichment) == ("", "", None)
    assert blank.revision > runner.indexed[younger.lineage]
    store.work.release(Stage.INDEX, [younger.lineage])
    runner.walk()
    assert runner.indexed[younger.lineage] == blank.revision
    assert not runner.pending()
    (record,) = store.stories.records([older.lineage])
    assert (record.status, record.current.story.body) == (Status.USABLE, "NATO third")
    assert runner.indexed[older.lineage] == record.revision


def test_a_lineage_joined_before_it_was_offered_to_the_index_needs_no_blank(runner: StageRunner) -> None:
    runner.add(story("a"), story("b"))
    runner.add(story("b", version=2, links=(PublisherLink("evolved_from", "a"),), headline="Two"))
    runner.walk()
    assert list(runner.indexed) == [runner.store.stories.resolve("a")]


def test_three_lineages_joined_by_one_take(runner: StageRunner) -> None:
    added = runner.add(story("a"), story("b"), story("c"))
    runner.walk()
    joins = tuple(PublisherLink("replaces", uri) for uri in ("c", "b", "a"))
    (last,) = runner.add(story("d", links=joins, updated_at=at(8, 12)))
    runner.walk()
    assert {runner.store.stories.resolve(uri) for uri in "abcd"} == {added[0].lineage} == {last.lineage}
    assert list(runner.store.stories.lineages()) == [added[0].lineage]
    assert runner.store.stories.merged_into(added[0].lineage) == [answer.lineage for answer in added[1:]]


# --------------------------------------------------------------------------- kills


def test_a_kill_withdraws_and_nothing_brings_the_story_back(runner: StageRunner) -> None:
    (first,) = runner.add(deal.FIRST)
    runner.walk()
    runner.add(deal.KILL)
    (record,) = runner.store.stories.records([first.lineage])
    assert (record.status, record.current.story.body, record.enrichment) == (Status.WITHDRAWN, "", None)
    assert runner.store.relations.outlines([first.lineage]) == []
    assert runner.store.relations.counts([], []).documents == 0
    assert runner.pending() == {"index": 1, "alert": 1}
    runner.add(deal.UPDATE)  # arrives late
    runner.add(replace(deal.FIRST, version=7, updated_at=at(9), headline="Ankara signs after all"))
    assert runner.store.stories.records([first.lineage])[0].status is Status.WITHDRAWN
    runner.index()
    runner.alert()
    assert not runner.pending()


def test_the_kill_is_told_only_after_the_index_has_it(runner: StageRunner) -> None:
    runner.add(deal.FIRST)
    runner.walk()
    (kill,) = runner.add(deal.KILL)
    assert runner.claim(Stage.ALERT) == []
    runner.index()
    assert runner.claim(Stage.ALERT) == [kill.version_id]


def test_a_kill_before_anything_was_shown_opens_no_work_but_the_notice(runner: StageRunner) -> None:
    runner.add(deal.KILL)
    assert not runner.pending()
    runner.add(deal.FIRST)
    runner.walk()
    assert not runner.indexed
    assert statuses(runner, "bos:1") == [Status.WITHDRAWN]


def test_a_kill_while_the_document_is_being_written_empties_it(runner: StageRunner) -> None:
    """The engine has the document, the store does not know it yet: the blank must be offered all the same."""
    runner.add(deal.FIRST)
    runner.tag()
    runner.relate()
    (lineage,) = runner.claim(Stage.INDEX)
    runner.add(deal.KILL)
    runner.index()
    assert runner.indexed == {lineage: runner.store.stories.records([lineage])[0].revision}


def test_a_substitute_after_a_kill_is_a_story_of_its_own(runner: StageRunner) -> None:
    runner.add(deal.FIRST, deal.KILL)
    (substitute,) = runner.add(replace(deal.FIRST, uri="bos:9", updated_at=at(8, 21), published_at=at(8, 21)))
    assert substitute.outcome is AddOutcome.NEW
    assert statuses(runner, "bos:9", "bos:1") == [Status.USABLE, Status.WITHDRAWN]


# --------------------------------------------------------------------------- embargo and expiry


def test_an_embargoed_story_waits_for_its_time(runner: StageRunner) -> None:
    ends = NOW + timedelta(hours=1)
    (added,) = runner.add(story(embargo_until=ends))
    assert statuses(runner, "wire:deal") == [Status.WITHHELD]
    assert not runner.pending()
    assert runner.store.stories.release_due(ends - timedelta(seconds=1)) == []
    assert runner.store.stories.release_due(ends) == [added.lineage]
    assert runner.store.stories.release_due(ends) == []
    assert statuses(runner, "wire:deal") == [Status.USABLE]
    runner.walk()
    assert runner.indexed


def test_a_withheld_story_without_a_time_waits_for_its_publisher(runner: StageRunner) -> None:
    runner.add(story(status=Status.WITHHELD, version=1))
    assert runner.store.stories.release_due(at(30)) == []
    (added,) = runner.add(story(version=2))
    assert added.outcome is AddOutcome.NEW_TAKE
    assert statuses(runner, "wire:deal") == [Status.USABLE]


def test_a_usable_take_stays_while_a_newer_one_is_held_back(runner: StageRunner) -> None:
    ends = NOW + timedelta(hours=1)
    (first,) = runner.add(story(version=1))
    runner.walk()
    (second,) = runner.add(story(version=2, headline="Held", embargo_until=ends, updated_at=at(8, 12)))
    assert second.outcome is AddOutcome.NEW_TAKE
    assert current(runner, "wire:deal").version == 1
    assert not runner.pending()
    runner.store.stories.release_due(ends)
    assert current(runner, "wire:deal").version == 2
    assert runner.claim(Stage.ENRICH) == [second.version_id]
    assert first.lineage == second.lineage


def test_an_expired_story_is_withdrawn_without_a_notice(runner: StageRunner) -> None:
    ends = NOW + timedelta(days=1)
    runner.add(story(version=1), story(version=2, headline="Two", expires_at=ends))
    runner.walk()
    (lineage,) = runner.store.stories.release_due(ends)
    assert statuses(runner, "wire:deal") == [Status.WITHDRAWN]
    assert runner.pending() == {"index": 1}
    runner.add(story(version=3, headline="Extended", expires_at=at(30)))
    assert statuses(runner, "wire:deal") == [Status.USABLE]
    runner.walk()
    assert runner.indexed[lineage] == runner.store.stories.records([lineage])[0].revision


def test_what_has_expired_before_it_arrives_is_kept_unseen(runner: StageRunner) -> None:
    runner.add(story(expires_at=at(9)))
    assert statuses(runner, "wire:deal") == [Status.WITHDRAWN]
    assert not runner.pending()


def test_an_advisory_does_not_replace_the_story(runner: StageRunner) -> None:
    runner.add(deal.FIRST)
    note = replace(
        deal.FIRST, version=2, take=TakeKind.ADVISORY, headline="ADVISORY-Picture to come", updated_at=at(8, 12)
    )
    runner.add(note)
    assert current(runner, "bos:1") == deal.FIRST


# --------------------------------------------------------------------------- origin


def test_a_take_keeps_whether_it_came_by_a_backfill(store: Store, clock: SetClock) -> None:
    origin = Origin("import", "archive.jsonl.gz", clock.now(), backfill=True)
    (added,) = store.stories.add([story()], origin)
    assert store.stories.takes([added.version_id])[0].origin.backfill


def test_readers_of_a_story_that_joins_a_killed_one_are_told(runner: StageRunner) -> None:
    runner.add(deal.KILL, story("late", agency="Bosphorus"))
    runner.walk()
    runner.add(replace(deal.KILL, version=2, note="again", links=(PublisherLink("replaces", "late"),)))
    assert statuses(runner, "late") == [Status.WITHDRAWN]
    assert runner.pending() == {"index": 1, "alert": 1}
    runner.walk()
    assert not runner.pending()


def test_a_kill_after_expiry_is_told_once(runner: StageRunner) -> None:
    runner.add(story(version=1, expires_at=at(11)))
    runner.walk()
    runner.store.stories.release_due(at(11))
    runner.walk()
    killed = story(version=2, status=Status.WITHDRAWN, headline="Killed", updated_at=at(9))
    runner.add(killed)
    assert runner.store.work.pending(Stage.ALERT) == 1
    runner.walk()
    runner.add(replace(killed, version=3, headline="Killed again"))
    assert runner.store.work.pending(Stage.ALERT) == 0
