"""Who is who within a story."""

from datetime import UTC, datetime

import pytest

from pipeline.models import Enrichment, Origin, StoredTake, Story
from pipeline.ports import Tagger
from tests.enrich.builders import tag_one, take_of
from tests.enrich.linking.alias_pairs import Pair, load_pairs


def entity_ids_of(answer: Enrichment, text: str) -> list[str]:
    return [m.entity_id for m in answer.mentions if m.text.rstrip(".") == text.rstrip(".")]


def is_one_entity(answer: Enrichment, pair: Pair) -> bool:
    first, second = entity_ids_of(answer, pair.a), entity_ids_of(answer, pair.b)
    return bool(first and second and first[0] == second[-1])


@pytest.mark.parametrize("report", [False, True], ids=["developed on", "reported on"])
def test_namings_of_one_entity_meet_and_those_of_two_do_not(tagger: Tagger, report: bool) -> None:
    chosen = [pair for pair in load_pairs() if pair.report is report]
    answers = list(tagger.tag(take_of(pair.text, version_id=number) for number, pair in enumerate(chosen)))
    judged = [
        (pair, isinstance(a, Enrichment) and is_one_entity(a, pair)) for pair, a in zip(chosen, answers, strict=True)
    ]
    same = [(pair, together) for pair, together in judged if pair.same]
    apart = [(pair, together) for pair, together in judged if not pair.same]
    parted = [f"{pair.a} / {pair.b}: {pair.text}" for pair, together in same if not together]
    joined = [f"{pair.a} = {pair.b}: {pair.text}" for pair, together in apart if together]
    assert len(parted) <= 0.05 * len(same), "\n".join(parted)
    assert len(joined) <= 0.05 * len(apart), "\n".join(joined)


def test_there_are_three_hundred_pairs_of_each_kind() -> None:
    kinds = [pair.same for pair in load_pairs()]
    assert min(kinds.count(True), kinds.count(False)) >= 300


def test_a_bare_surname_is_the_one_named_last(tagger: Tagger) -> None:
    body = "Anna Weber sued the bank. Weber won. Then Peter Weber was heard in Zurich. Weber said that he knew nothing."
    names = [m.name for m in tag_one(tagger, body).mentions if m.text == "Weber"]
    assert names == ["Anna Weber", "Peter Weber"]


@pytest.mark.parametrize(("year", "name"), [(1998, "Bill Clinton"), (2003, "Clinton")])
def test_a_title_and_the_date_tell_who_held_the_office(tagger: Tagger, year: int, name: str) -> None:
    day = datetime(year, 5, 4, tzinfo=UTC)
    story = Story(uri="test:1", body="President Clinton will visit Ankara in June, aides said.", published_at=day)
    take = StoredTake(version_id=1, lineage=1, version=1, story=story, origin=Origin("test", "here", day))
    (answer,) = tagger.tag([take])
    assert isinstance(answer, Enrichment)
    assert [m.name for m in answer.mentions if m.text == "Clinton"] == [name]


def test_titles_possessives_and_quotes_are_no_part_of_a_name(tagger: Tagger) -> None:
    body = "Finance Minister Simeon Okoye's budget angered ``Grace Adeyemi'' of Lagos."
    people = [m.text for m in tag_one(tagger, body).mentions if m.type == "person"]
    assert people == ["Simeon Okoye", "Grace Adeyemi"]


def test_a_headline_in_capitals_names_what_the_body_names(tagger: Tagger) -> None:
    answer = tag_one(tagger, "Farid Mansouri lost his bakery in Lyon.", "FARID MANSOURI LOSES HIS BAKERY IN LYON")
    named = {(m.field.value, m.entity_id) for m in answer.mentions}
    assert {("headline", "person:farid-mansouri"), ("body", "person:farid-mansouri")} <= named


def test_the_more_a_story_is_about_something_the_more_salient_it_is(tagger: Tagger) -> None:
    body = (
        "Norway will buy six ferries from Finland. Norway pays in two parts. The ferries go to Norway in May.\n\n"
        "Portugal had asked for them too."
    )
    salience = {e.name: e.salience for e in tag_one(tagger, body, "Norway buys ferries").entities}
    assert salience["Norway"] == 1.0
    assert salience["Norway"] > salience["Finland"] > salience["Portugal"] > 0


def test_an_adjective_speaks_of_the_country_without_naming_it(tagger: Tagger) -> None:
    answer = tag_one(tagger, "Turkish officials met in private.")
    assert answer.mentions == ()
    assert [(e.entity_id, e.count) for e in answer.entities] == [("gaz:country-tr", 1)]
