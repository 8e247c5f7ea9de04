"""StoryStore: one story through takes with uris of their own, kills, embargoes and expiry; on both databases."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from pipeline.models import AddOutcome, Link, Origin, PublisherLink, Stage, Status, Story, TakeKind
from pipeline.ports import Store
from tests.store import deal
from tests.store.newsroom import IMPORT, NOW, Newsroom, SetClock, at, story


def statuses(newsroom: Newsroom, *uris: str) -> list[Status]:
    lineages = [newsroom.store.stories.resolve(uri) for uri in uris]
    return [record.status for record in newsroom.store.stories.records(lineages)]


def current(newsroom: Newsroom, uri: str) -> Story:
    (record,) = newsroom.store.stories.records([newsroom.store.stories.resolve(uri)])
    return record.current.story


# --------------------------------------------------------------------------- takes of one story


@pytest.mark.parametrize("signal", [deal.by_uri, deal.by_link, lambda: deal.TAKES], ids=["uri", "link", "take line"])
def test_takes_in_order_make_one_story(newsroom: Newsroom, signal: object) -> None:
    takes: tuple[Story, ...] = signal()  # type: ignore[operator]
    for number, take in enumerate(takes, start=1):
        (added,) = newsroom.add(take)
        assert added.outcome is (AddOutcome.NEW if number == 1 else AddOutcome.NEW_TAKE)
        newsroom.walk()
    (record,) = newsroom.store.stories.records([added.lineage])
    assert (record.current.version, record.status) == (4, Status.WITHDRAWN)
    assert record.published_at == at(8, 9)
    assert [take.story for take in newsroom.store.stories.history(added.lineage)] == list(takes)


@pytest.mark.parametrize("signal", [deal.by_uri, deal.by_link, lambda: deal.TAKES], ids=["uri", "link", "take line"])
@pytest.mark.parametrize("count", [3, 4], ids=["usable", "killed"])
def test_every_order_of_arrival_ends_in_the_same_state(newsroom: Newsroom, signal: object, count: int) -> None:
    takes: tuple[Story, ...] = signal()[:count]  # type: ignore[operator]
    orders = list(permutations(range(count)))
    for number, order in enumerate(orders):
        for place in order:
            newsroom.add(_renamed(takes[place], number))
            if number % 2:
                newsroom.walk()  # the index is written between any two
    newsroom.walk()
    assert not newsroom.pending()
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in newsroom.export():
        rows.setdefault(row["uri"].partition("/")[0], []).append(row)
    assert len({_state(newsroom, number, rows[str(number)]) for number in range(len(orders))}) == 1


def _renamed(take: Story, number: int) -> Story:
    """The take as another agency's, so that one store can hold every order side by side."""
    links = tuple(replace(link, uri=f"{number}/{link.uri}") for link in take.links)
    name = f"Agency {number}"
    return replace(take, uri=f"{number}/{take.uri}", agency=name, source=name, links=links)


def _state(newsroom: Newsroom, number: int, rows: list[dict[str, Any]]) -> str:
    lineages = {newsroom.store.stories.resolve(row["uri"]) for row in rows}
    (record,) = newsroom.store.stories.records(sorted(lineages))
    history = [take.story.headline for take in newsroom.store.stories.history(record.lineage)]
    seen = (record.published_at, record.updated_at, record.current.version, record.status, record.corrected)
    return f"{rows} {seen} {history}".replace(f"{number}/", "").replace(f"Agency {number}", "")


def test_takes_that_arrive_in_one_batch_are_joined(newsroom: Newsroom) -> None:
    added = newsroom.add(*reversed(deal.TAKES[:3]))
    assert [one.lineage for one in added] == [added[0].lineage] * 3
    assert [one.outcome for one in added] == [AddOutcome.NEW, AddOutcome.STALE, AddOutcome.STALE]
    assert current(newsroom, "bos:1") == deal.CORRECTED


def test_a_correction_says_so(newsroom: Newsroom) -> None:
    newsroom.add(deal.FIRST, deal.UPDATE, deal.CORRECTED)
    (record,) = newsroom.store.stories.records([newsroom.store.stories.resolve("bos:1")])
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
    ids=[
        "other agency",
        "its client",
        "days later",
        "other language",
        "other story",
        "no take line",
        "before the first",
    ],
)
def test_what_is_no_take_of_the_story_stays_apart(newsroom: Newsroom, other: Story) -> None:
    first, second = newsroom.add(deal.FIRST, other)
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


def test_the_daily_market_report_is_a_story_a_day(newsroom: Newsroom) -> None:
    added = newsroom.add(
        report("mkt:1", 8, "Wednesday"),
        report("mkt:2", 9, "Thursday"),
        replace(report("mkt:3", 9, "Thursday"), take=TakeKind.CORRECTION, corrected=True, updated_at=at(9, 18)),
    )
    assert added[0].lineage != added[1].lineage
    assert added[1].lineage == added[2].lineage


# --------------------------------------------------------------------------- links


def test_a_link_to_another_publisher_s_story_joins_nothing(newsroom: Newsroom) -> None:
    """Else anybody could withdraw anybody's story."""
    hijack = story("evil:1", agency="Evil", source="Evil", status=Status.WITHDRAWN, take=TakeKind.KILL)
    newsroom.add(deal.FIRST, replace(hijack, links=(PublisherLink("replaces", "bos:1"),)))
    assert statuses(newsroom, "bos:1") == [Status.USABLE]


def test_see_also_is_no_lineage(newsroom: Newsroom) -> None:
    first, second = newsroom.add(story("a"), story("b", links=(PublisherLink("see_also", "a"),)))
    assert first.lineage != second.lineage


def test_what_evolved_from_a_story_wins_over_its_later_versions(newsroom: Newsroom) -> None:
    newsroom.add(story("a", version=1), story("b", links=(PublisherLink("evolved_from", "a"),), headline="Rewrite"))
    newsroom.add(story("a", version=2, updated_at=at(8, 20), headline="Late edit of the old one"))
    assert current(newsroom, "a").headline == "Rewrite"


def test_links_in_a_circle_end(newsroom: Newsroom) -> None:
    ring = {"a": "b", "b": "c", "c": "a"}
    takes = [
        story(uri, links=(PublisherLink("replaces", to), PublisherLink("replaces", uri))) for uri, to in ring.items()
    ]
    added = newsroom.add(*takes)
    assert len({one.lineage for one in added}) == 1
    assert len(newsroom.store.stories.history(added[0].lineage)) == 3


def test_a_link_that_comes_with_an_unchanged_text_joins(newsroom: Newsroom) -> None:
    first, second = newsroom.add(story("a"), story("b"))
    (again,) = newsroom.add(story("b", links=(PublisherLink("evolved_from", "a"),)))
    assert again.outcome is AddOutcome.UNCHANGED
    assert again.lineage == first.lineage != second.lineage


# --------------------------------------------------------------------------- two lineages turn out to be one


def test_joined_lineages_are_one_story_under_the_older_id(newsroom: Newsroom) -> None:
    """Two takes are stored, tagged, linked, indexed and alerted before the link between them arrives."""
    origin = replace(IMPORT, name="feed")
    older, other, younger = newsroom.add(
        story("a", body="NATO first"), story("x", body="NATO aside"), story("b", body="NATO second"), origin=origin
    )
    newsroom.tag()
    links = [
        Link(earlier=older.lineage, later=other.lineage, score=0.2),
        Link(earlier=other.lineage, later=younger.lineage, score=0.4),
        Link(earlier=older.lineage, later=younger.lineage, score=0.9),
    ]
    newsroom.relate(links)
    newsroom.index()
    newsroom.alert()
    assert newsroom.store.relations.counts(["nato"], ["gaz:nato"]).documents == 3

    newsroom.add(story("b", version=2, links=(PublisherLink("evolved_from", "a"),), body="NATO third"))
    store = newsroom.store
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

    assert newsroom.claim(Stage.INDEX) == [younger.lineage]  # the blank; the story itself waits for its new take
    (blank,) = store.stories.records([younger.lineage])
    assert (blank.status, blank.merged_into) == (Status.WITHDRAWN, older.lineage)
    assert (blank.current.story.headline, blank.current.story.body, blank.enrichment) == ("", "", None)
    assert blank.revision > newsroom.indexed[younger.lineage]
    store.work.release(Stage.INDEX, [younger.lineage])
    newsroom.walk()
    assert newsroom.indexed[younger.lineage] == blank.revision
    assert not newsroom.pending()
    (record,) = store.stories.records([older.lineage])
    assert (record.status, record.current.story.body) == (Status.USABLE, "NATO third")
    assert newsroom.indexed[older.lineage] == record.revision


def test_a_lineage_joined_before_it_was_offered_to_the_index_needs_no_blank(newsroom: Newsroom) -> None:
    newsroom.add(story("a"), story("b"))
    newsroom.add(story("b", version=2, links=(PublisherLink("evolved_from", "a"),), headline="Two"))
    newsroom.walk()
    assert list(newsroom.indexed) == [newsroom.store.stories.resolve("a")]


def test_three_lineages_joined_by_one_take(newsroom: Newsroom) -> None:
    added = newsroom.add(story("a"), story("b"), story("c"))
    newsroom.walk()
    joins = tuple(PublisherLink("replaces", uri) for uri in ("c", "b", "a"))
    (last,) = newsroom.add(story("d", links=joins, updated_at=at(8, 12)))
    newsroom.walk()
    assert {newsroom.store.stories.resolve(uri) for uri in "abcd"} == {added[0].lineage} == {last.lineage}
    assert list(newsroom.store.stories.lineages()) == [added[0].lineage]
    assert newsroom.store.stories.merged_into(added[0].lineage) == [one.lineage for one in added[1:]]


# --------------------------------------------------------------------------- kills


def test_a_kill_withdraws_and_nothing_brings_the_story_back(newsroom: Newsroom) -> None:
    (first,) = newsroom.add(deal.FIRST)
    newsroom.walk()
    newsroom.add(deal.KILL)
    (record,) = newsroom.store.stories.records([first.lineage])
    assert (record.status, record.current.story.body, record.enrichment) == (Status.WITHDRAWN, "", None)
    assert newsroom.store.relations.outlines([first.lineage]) == []
    assert newsroom.store.relations.counts([], []).documents == 0
    assert newsroom.pending() == {"index": 1, "alert": 1}
    newsroom.add(deal.UPDATE)  # arrives late
    newsroom.add(replace(deal.FIRST, version=7, updated_at=at(9), headline="Ankara signs after all"))
    assert newsroom.store.stories.records([first.lineage])[0].status is Status.WITHDRAWN
    newsroom.index()
    newsroom.alert()
    assert not newsroom.pending()


def test_the_kill_is_told_only_after_the_index_has_it(newsroom: Newsroom) -> None:
    newsroom.add(deal.FIRST)
    newsroom.walk()
    (kill,) = newsroom.add(deal.KILL)
    assert newsroom.claim(Stage.ALERT) == []
    newsroom.index()
    assert newsroom.claim(Stage.ALERT) == [kill.version_id]


def test_a_kill_before_anything_was_shown_opens_no_work_but_the_notice(newsroom: Newsroom) -> None:
    newsroom.add(deal.KILL)
    assert not newsroom.pending()
    newsroom.add(deal.FIRST)
    newsroom.walk()
    assert not newsroom.indexed
    assert statuses(newsroom, "bos:1") == [Status.WITHDRAWN]


def test_a_kill_while_the_document_is_being_written_empties_it(newsroom: Newsroom) -> None:
    """The engine has the document, the store does not know it yet: the blank must be offered all the same."""
    newsroom.add(deal.FIRST)
    newsroom.tag()
    newsroom.relate()
    (lineage,) = newsroom.claim(Stage.INDEX)
    newsroom.add(deal.KILL)
    newsroom.index()
    assert newsroom.indexed == {lineage: newsroom.store.stories.records([lineage])[0].revision}


def test_a_substitute_after_a_kill_is_a_story_of_its_own(newsroom: Newsroom) -> None:
    newsroom.add(deal.FIRST, deal.KILL)
    (substitute,) = newsroom.add(replace(deal.FIRST, uri="bos:9", updated_at=at(8, 21), published_at=at(8, 21)))
    assert substitute.outcome is AddOutcome.NEW
    assert statuses(newsroom, "bos:9", "bos:1") == [Status.USABLE, Status.WITHDRAWN]


# --------------------------------------------------------------------------- embargo and expiry


def test_an_embargoed_story_waits_for_its_time(newsroom: Newsroom) -> None:
    ends = NOW + timedelta(hours=1)
    (added,) = newsroom.add(story(embargo_until=ends))
    assert statuses(newsroom, "wire:deal") == [Status.WITHHELD]
    assert not newsroom.pending()
    assert newsroom.store.stories.release_due(ends - timedelta(seconds=1)) == []
    assert newsroom.store.stories.release_due(ends) == [added.lineage]
    assert newsroom.store.stories.release_due(ends) == []
    assert statuses(newsroom, "wire:deal") == [Status.USABLE]
    newsroom.walk()
    assert newsroom.indexed


def test_a_withheld_story_without_a_time_waits_for_its_publisher(newsroom: Newsroom) -> None:
    newsroom.add(story(status=Status.WITHHELD, version=1))
    assert newsroom.store.stories.release_due(at(30)) == []
    (added,) = newsroom.add(story(version=2))
    assert added.outcome is AddOutcome.NEW_TAKE
    assert statuses(newsroom, "wire:deal") == [Status.USABLE]


def test_a_usable_take_stays_while_a_newer_one_is_held_back(newsroom: Newsroom) -> None:
    ends = NOW + timedelta(hours=1)
    (first,) = newsroom.add(story(version=1))
    newsroom.walk()
    (second,) = newsroom.add(story(version=2, headline="Held", embargo_until=ends, updated_at=at(8, 12)))
    assert second.outcome is AddOutcome.NEW_TAKE
    assert current(newsroom, "wire:deal").version == 1
    assert not newsroom.pending()
    newsroom.store.stories.release_due(ends)
    assert current(newsroom, "wire:deal").version == 2
    assert newsroom.claim(Stage.ENRICH) == [second.version_id]
    assert first.lineage == second.lineage


def test_an_expired_story_is_withdrawn_without_a_notice(newsroom: Newsroom) -> None:
    ends = NOW + timedelta(days=1)
    newsroom.add(story(version=1), story(version=2, headline="Two", expires_at=ends))
    newsroom.walk()
    (lineage,) = newsroom.store.stories.release_due(ends)
    assert statuses(newsroom, "wire:deal") == [Status.WITHDRAWN]
    assert newsroom.pending() == {"index": 1}
    newsroom.add(story(version=3, headline="Extended", expires_at=at(30)))
    assert statuses(newsroom, "wire:deal") == [Status.USABLE]
    newsroom.walk()
    assert newsroom.indexed[lineage] == newsroom.store.stories.records([lineage])[0].revision


def test_what_has_expired_before_it_arrives_is_kept_unseen(newsroom: Newsroom) -> None:
    newsroom.add(story(expires_at=at(9)))
    assert statuses(newsroom, "wire:deal") == [Status.WITHDRAWN]
    assert not newsroom.pending()


def test_an_advisory_does_not_replace_the_story(newsroom: Newsroom) -> None:
    newsroom.add(deal.FIRST)
    note = replace(
        deal.FIRST, version=2, take=TakeKind.ADVISORY, headline="ADVISORY-Picture to come", updated_at=at(8, 12)
    )
    newsroom.add(note)
    assert current(newsroom, "bos:1") == deal.FIRST


# --------------------------------------------------------------------------- origin


def test_a_take_keeps_whether_it_came_by_a_backfill(store: Store, clock: SetClock) -> None:
    origin = Origin("import", "archive.jsonl.gz", clock.now(), backfill=True)
    (added,) = store.stories.add([story()], origin)
    assert store.stories.takes([added.version_id])[0].origin.backfill


def test_readers_of_a_story_that_joins_a_killed_one_are_told(newsroom: Newsroom) -> None:
    newsroom.add(deal.KILL, story("late", agency="Bosphorus"))
    newsroom.walk()
    newsroom.add(replace(deal.KILL, version=2, note="again", links=(PublisherLink("replaces", "late"),)))
    assert statuses(newsroom, "late") == [Status.WITHDRAWN]
    assert newsroom.pending() == {"index": 1, "alert": 1}
    newsroom.walk()
    assert not newsroom.pending()


def test_a_kill_after_expiry_is_told_once(newsroom: Newsroom) -> None:
    newsroom.add(story(version=1, expires_at=at(11)))
    newsroom.walk()
    newsroom.store.stories.release_due(at(11))
    newsroom.walk()
    killed = story(version=2, status=Status.WITHDRAWN, headline="Killed", updated_at=at(9))
    newsroom.add(killed)
    assert newsroom.store.work.pending(Stage.ALERT) == 1
    newsroom.walk()
    newsroom.add(replace(killed, version=3, headline="Killed again"))
    assert newsroom.store.work.pending(Stage.ALERT) == 0
