"""Who is who within a story."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from pipeline.models import Enrichment, Origin, StoredTake, Story
from pipeline.ports import Tagger
from tests.enrich.conftest import tag_one, take_of

CASES = yaml.safe_load((Path(__file__).parent / "data" / "aliases.yaml").read_text(encoding="utf-8"))


def ids_of(answer: Enrichment, text: str) -> list[str]:
    return [m.entity_id for m in answer.mentions if m.text == text]


@pytest.fixture(scope="module")
def answers(tagger: Tagger) -> dict[str, Enrichment]:
    texts = [case["text"] for kind in CASES.values() for case in kind]
    tagged = tagger.tag(take_of(text, version_id=number) for number, text in enumerate(texts))
    return {text: answer for text, answer in zip(texts, tagged, strict=True) if isinstance(answer, Enrichment)}


@pytest.mark.parametrize("case", CASES["same"], ids=lambda case: f"{case['a']} = {case['b']}")
def test_namings_of_one_entity_meet(answers: dict[str, Enrichment], case: dict[str, str]) -> None:
    answer = answers[case["text"]]
    first, second = ids_of(answer, case["a"]), ids_of(answer, case["b"])
    assert first, answer.mentions
    assert second, answer.mentions
    assert first[0] == second[-1], answer.mentions


@pytest.mark.parametrize("case", CASES["different"], ids=lambda case: f"{case['a']} / {case['b']}")
def test_different_entities_stay_apart(answers: dict[str, Enrichment], case: dict[str, str]) -> None:
    answer = answers[case["text"]]
    first, second = ids_of(answer, case["a"]), ids_of(answer, case["b"])
    assert first, answer.mentions
    assert second, answer.mentions
    assert set(first).isdisjoint(second), answer.mentions


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
