"""The tagger through its port: what a story is given, and that bad text harms nobody."""

import numpy as np
import pytest

from pipeline.enrich import build_tagger
from pipeline.errors import SettingsError
from pipeline.models import Enrichment, EntityType, Field
from pipeline.ports import Tagger
from tests.enrich.builders import DEAL, tag_one, take_of


def test_offsets_point_into_the_untouched_text(tagger: Tagger) -> None:
    odd = "Officials of the Security\nCouncil met ``Kofi\n   Annan'' in&nbsp;Geneva, said\tKofi\u00ad Annan’s office."
    answer = tag_one(tagger, odd, "S-400 talks in Geneva")
    assert {m.text.split()[-1] for m in answer.mentions} >= {"Annan", "Geneva", "S-400"}
    for mention in answer.mentions:
        text = "S-400 talks in Geneva" if mention.field is Field.HEADLINE else odd
        assert text[mention.start : mention.end] == mention.text


def test_dateline_is_no_entity_of_the_story(tagger: Tagger) -> None:
    answer = tag_one(tagger, "REYKJAVIK (Wirewatch News) - Norway and Sweden will buy trains together.")
    assert [(m.text, m.by) for m in answer.mentions[:2]] == [("REYKJAVIK", "dateline"), ("Wirewatch News", "dateline")]
    assert {entity.name for entity in answer.entities} == {"Norway", "Sweden"}


def test_designations_are_products_and_one_term(tagger: Tagger) -> None:
    answer = tag_one(tagger, DEAL)
    products = {m.text: m.entity_id for m in answer.mentions if m.type is EntityType.PRODUCT}
    assert products == {"S-400s": "gaz:s-400", "SAMP/T": "gaz:samp-t"}
    assert answer.terms["s400"] == 1
    assert answer.terms["sampt"] == 1
    for spelling in ("the S400 missile", "the S 400 missile", "the S-400 missile"):
        assert "s400" in tag_one(tagger, f"Russia sold {spelling} to Turkey.").terms


def test_one_person_under_one_name(tagger: Tagger) -> None:
    people = {e.name for e in tag_one(tagger, DEAL).entities if e.type is EntityType.PERSON}
    assert people == {"Recep Tayyip Erdogan", "Jens Stoltenberg"}


def test_a_misspelt_surname_is_the_same_person(tagger: Tagger) -> None:
    body = "General Tom Waldners spoke in Berlin. “We are ready,” Woldners said in Berlin on Monday."
    people = {e.name for e in tag_one(tagger, body).entities if e.type is EntityType.PERSON}
    assert people == {"Tom Waldners"}


def test_amounts_event_and_language(tagger: Tagger) -> None:
    answer = tag_one(tagger, "They signed an agreement worth $2.5 billion, or 2.1 billion euros, on Friday.")
    assert answer.amounts == ("USD 2500000000", "EUR 2100000000")
    assert answer.event_type == "agreement"
    assert answer.language == "en"


def test_vectors_are_unit_length_and_near_for_near_texts(tagger: Tagger) -> None:
    texts = ("Turkey buys Russian missiles.", "Ankara purchases missiles from Moscow.", "The orchestra played Mahler.")
    first, second, third = (
        np.frombuffer(tag_one(tagger, text).vector or b"", dtype="<f2").astype(np.float32) for text in texts
    )
    assert first.shape == (256,)
    assert np.linalg.norm(first) == pytest.approx(1.0, abs=0.01)
    assert first @ second > first @ third + 0.2


def test_signatures_agree_as_far_as_texts_do(tagger: Tagger) -> None:
    words = [f"word{i}" for i in range(300)]
    text, edited, other = " ".join(words), " ".join(words[:270]), " ".join(reversed(words))
    signatures = [np.frombuffer(tag_one(tagger, text).signature or b"", dtype="<u4") for text in (text, edited, other)]
    assert all(len(signature) == 128 for signature in signatures)
    assert np.mean(signatures[0] == signatures[1]) == pytest.approx(0.9, abs=0.1)
    assert np.mean(signatures[0] == signatures[2]) < 0.05
    assert tag_one(tagger, "Too short to be told from any other brief.").signature is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        " \n\t ",
        "... !!! --- ???",
        "word " * 30_000,
        "Анкара купит С-400. 土耳其 تركيا Turkey",
        "<p>Turkey&nbsp;&amp; <b>France</b></p><script>x</script>",
        "\x00\x07Turkey\ufffd\u202e",
        "Turkey \ud83d met" * 40,
    ],
    ids=["empty", "space", "punctuation", "no full stop", "scripts", "html", "control", "lone surrogates"],
)
def test_odd_texts_are_answered(tagger: Tagger, body: str) -> None:
    answers = list(tagger.tag([take_of(body, version_id=1), take_of("Turkey met France.", version_id=2)]))
    assert [answer.version_id for answer in answers if isinstance(answer, Enrichment)] == [1, 2]


def test_a_book_length_text_is_read_to_its_end(tagger: Tagger) -> None:
    filler = "The committee met again and nothing was decided on that day. " * 5_000
    answer = tag_one(tagger, f"{filler}Jens Stoltenberg arrived in Brussels.")
    assert len(filler) > 300_000
    assert "Jens Stoltenberg" in {entity.name for entity in answer.entities}


@pytest.mark.parametrize("unit", ["word ", "Ankara, ", "F-16-", "سلام Анкара S-400 "])
def test_a_hundred_thousand_tokens_without_a_full_stop_are_answered(unit: str) -> None:
    blank = build_tagger("blank")
    body = unit * (100_000 // len(unit.split()))
    answer = tag_one(blank, body)
    assert all(body[m.start : m.end] == m.text for m in answer.mentions)


def test_left_overs_of_markup_are_no_part_of_names(tagger: Tagger) -> None:
    body = '<p>Talks in <b>Ankara</b>&nbsp;failed, <a href="x">Jens&nbsp;Stoltenberg</a> said.<br/>The&#160;S-400&amp;'
    answer = tag_one(tagger, body)
    assert {(m.name, m.entity_id) for m in answer.mentions} == {
        ("Ankara", "gaz:city-ankara-tr"),
        ("Jens Stoltenberg", "gaz:jens-stoltenberg"),
        ("S-400", "gaz:s-400"),
    }
    assert all(body[m.start : m.end] == m.text for m in answer.mentions)


def test_mixed_scripts_keep_their_offsets(tagger: Tagger) -> None:
    body = "Анкара купит S-400. 土耳其 NATO 🚀 تركيا met Jens Stoltenberg in Zürich\u202e, e\u0301lan."
    answer = tag_one(tagger, body)
    assert {"S-400", "NATO", "Jens Stoltenberg"} <= {m.text for m in answer.mentions}
    assert all(body[m.start : m.end] == m.text for m in answer.mentions)


def test_another_language_is_kept_and_tagged_by_the_gazetteer(tagger: Tagger) -> None:
    body = (
        "Türkiye ile Rusya arasında imzalanan anlaşma uyarınca S-400 bataryaları yaz aylarında teslim edilecek. "
        "Milli Savunma Bakanlığı için bu sistem bir ilk olarak görülüyor ve Ankara daha çok istiyor."
    )
    (answer,) = tagger.tag([take_of(body, language=None)])
    assert isinstance(answer, Enrichment)
    assert answer.language == "tr"
    assert {m.text for m in answer.mentions} == {"Türkiye", "S-400", "Ankara"}
    assert {"anlaşma", "s400"} <= answer.terms.keys()
    assert all(body[m.start : m.end] == m.text for m in answer.mentions)


@pytest.mark.parametrize(
    ("body", "language"),
    [
        (
            "Keskuspankki nosti ohjauskorkoaan torstaina puoli prosenttiyksikköä. Pääministeri Antti Virtasen mukaan "
            "Helsingin hallitus käsittelee asiaa uudelleen ensi viikolla.",
            "fi",
        ),
        (
            "Sentralbanken satte opp styringsrenten torsdag. Statsminister Kari Nordmann sa at regjeringen i Oslo vil "
            "behandle saken på nytt neste uke, og at prisene fortsatt stiger for mye.",
            "no",
        ),
    ],
)
def test_the_english_model_does_not_listen_to_another_language(tagger: Tagger, body: str, language: str) -> None:
    (answer,) = tagger.tag([take_of(body, language=None)])
    assert isinstance(answer, Enrichment)
    assert answer.language == language
    assert [mention for mention in answer.mentions if mention.by == "model"] == []


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("The minister said that the talks with the delegation had been useful to all of them.", None, "en"),
        ("Le ministre a dit que les discussions avec la délégation ont été utiles pour tous.", None, "fr"),
        (
            "Der Minister sagte, dass die Gespräche mit der Delegation für alle nützlich waren und nicht enden.",
            None,
            "de",
        ),
        ("Министр сказал, что переговоры были полезны.", None, "ru"),
        ("Міністр сказав, що переговори були корисні для всіх її учасників.", None, "uk"),
        ("قال الوزير إن المحادثات كانت مفيدة للجميع", "en", "ar"),
        ("大臣は会談が有益だったと述べた。", None, "ja"),
        ("部长表示会谈富有成果", None, "zh"),
        ("Gol!", "pt-BR", "pt"),
        ("Gol!", None, None),
        (
            "Der Minister sagte, dass die Gespräche mit der Delegation für alle nützlich waren und nicht enden.",
            "en",
            "de",
        ),
    ],
)
def test_languages_are_identified(tagger: Tagger, text: str, declared: str | None, language: str | None) -> None:
    (answer,) = tagger.tag([take_of(text, language=declared)])
    assert isinstance(answer, Enrichment)
    assert answer.language == language


def test_a_missing_model_is_named() -> None:
    with pytest.raises(SettingsError, match="no model 'xx_no_such' is installed"):
        build_tagger("xx_no_such")
    with pytest.raises(SettingsError, match="no model 'xx_no_such' is installed"):
        _ = build_tagger("xx_no_such", processes=2).revision


def test_without_a_model_the_gazetteer_still_tags() -> None:
    blank = build_tagger("blank")
    tagged = {m.entity_id for m in tag_one(blank, DEAL).mentions}
    assert {"gaz:s-400", "gaz:samp-t", "gaz:nato", "gaz:country-tr", "gaz:recep-tayyip-erdogan"} <= tagged
