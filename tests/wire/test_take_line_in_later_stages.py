"""What parsing strips off a headline, no later stage sees: not names, terms, vectors, nor the matching of takes."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.enrich import build_tagger
from pipeline.models import Enrichment, Field, Origin, StoredTake, Story, TakeKind
from pipeline.ports import Tagger
from pipeline.store.lineage.take_profile import profile_of
from pipeline.wire.take_line import read_take_line, without_take_line
from tests.enrich.builders import GAZETTEER
from tests.wire.take_line_table import TAKE_LINES, TakeLineRow

DAY = datetime(2017, 11, 9, 12, tzinfo=UTC)
STRIPPED = [row for row in TAKE_LINES if row.rest != row.text]
HEADS = [
    "UPDATE 1-", "UPDATE-2-", "WRAPUP 3-", "CORRECTED-", "CORRECTED-(OFFICIAL)-UPDATE 2-", "REFILE-UPDATE 1-", "RPT-",
    "2ND LD-WRITETHRU: ", "1st Ld-Writethru: ", "(UPDATE 2) ", "Correction: ", "KORR: ", "Berichtigung: ",
    "RÄTTELSE: ", "RETTELSE: ", "RECTIFICATIF: ", "CORRECCIÓN: ", "ZURÜCKZIEHUNG: ", "ADVISORY-", "KILL KILL KILL ",
    "ATTENTION - ADDS quotes /// ", "EXCLUSIVE-UPDATE 4-", "UPDATE 4-EXCLUSIVE-", "UPDATE 1-ANALYSIS: ",
]  # fmt: skip
TAILS = ["", "", "", " (Update2)", " (UPDATE 2)", " [UPDATE 3]", " - UPDATE 2", " (Corrected)", " - CORRECTED"]
NEWS = [
    "Turkey signs letter of intent for S-400 missiles with Rosoboronexport",
    "Erdogan meets Jens Stoltenberg in Brussels",
    "Hafen von Hamburg öffnet wieder",
    "Le port de Marseille rouvre",
    "El puerto de Barcelona reabre",
    "Ports reopen after $2 billion deal on Nov. 8",
]


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return build_tagger(gazetteer=GAZETTEER)


def story(headline: str) -> Story:
    return Story(uri="test:1", headline=headline, body="Officials said so on Wednesday.", published_at=DAY)


def tagged(tagger: Tagger, *headlines: str) -> list[Enrichment]:
    """The enrichments of stories that differ in their headlines; names in these as if each began with ``NEWS``."""
    origin = Origin("test", "here", DAY)
    takes = [
        StoredTake(version_id=1, lineage=1, version=1, story=story(headline), origin=origin) for headline in headlines
    ]
    answers = [answer for answer in tagger.tag(takes) if isinstance(answer, Enrichment)]
    assert len(answers) == len(takes)
    return [
        replace(
            answer,
            mentions=tuple(
                replace(mention, start=0, end=0) if mention.field is Field.HEADLINE else mention
                for mention in answer.mentions
            ),
        )
        for answer in answers
    ]


def words_for_matching(headline: str) -> frozenset[str]:
    return profile_of(1, story(headline), 0, b"").headline


@pytest.mark.parametrize("row", STRIPPED, ids=[row.text[:40] for row in STRIPPED])
def test_tagging_sees_no_take_line_of_the_table(tagger: Tagger, row: TakeLineRow) -> None:
    sent, plain = tagged(tagger, row.text, row.rest)
    assert sent == plain


@pytest.mark.parametrize("row", STRIPPED, ids=[row.text[:40] for row in STRIPPED])
def test_matching_sees_no_take_line_of_the_table(row: TakeLineRow) -> None:
    assert words_for_matching(row.text) == words_for_matching(row.rest)


@pytest.mark.parametrize("head", [*HEADS, "2ND LD "])
def test_every_head_is_a_take_line(head: str) -> None:
    assert read_take_line(f"{head}{NEWS[0]}")[0].kind is not TakeKind.FIRST


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(HEADS), max_size=2).map("".join), st.sampled_from(NEWS), st.sampled_from(TAILS))
def test_what_parsing_strips_no_later_stage_sees(tagger: Tagger, head: str, news: str, tail: str) -> None:
    headline = f"{head}{news}{tail}"
    sent, for_readers, plain = tagged(tagger, headline, without_take_line(headline), news)
    assert sent == for_readers == plain
    assert words_for_matching(headline) == words_for_matching(without_take_line(headline)) == words_for_matching(news)
