"""The gazetteer's files: what they may say, and how mistakes in them are reported."""

from pathlib import Path

import pytest

from pipeline.enrich import build_tagger
from pipeline.enrich.gazetteer.lexicon import load_lexicon
from pipeline.errors import SettingsError
from tests.enrich.builders import tag_one


def folder_with(tmp_path: Path, text: str, name: str = "own.yaml") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def products(folder: Path, text: str) -> list[tuple[str, str]]:
    answer = tag_one(build_tagger("blank", gazetteer=folder), text)
    return [(m.text, m.entity_id) for m in answer.mentions if m.type == "product"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("entries: [\n", "own.yaml, line 2: not YAML"),
        ("type: product\nentries:\n  - {name: X}\n  - {nam: Y}\n", "own.yaml, line 4: unknown key 'nam' in an entry"),
        ("type: weapon\nentries:\n  - X-1\n", "own.yaml, line 1: type 'weapon' is none of person, organization"),
        ("entries:\n  - X-1\n", "own.yaml, line 2: 'type' must be a non-empty text"),
        ("type: product\nentries:\n  - X-1 | \n", "own.yaml, line 3: an empty name or form"),
        (
            "type: product\nentries:\n  - X-1\n  - x 1\n",
            "own.yaml, line 4: id 'x-1' is already used in own.yaml, line 3",
        ),
        ("type: product\nentries:\n  - Buk?\n", "own.yaml, line 3: 'Buk?' needs context"),
        ("type: product\nentries: X-1\n", "own.yaml, line 2: 'entries' must be a list"),
        ("type: product\n", "own.yaml, line 1: 'entries' is missing"),
        ("type: product\nentries:\n  - '!!'\n", "own.yaml, line 3: form '!!' has no letter or digit"),
        (
            "type: person\nentries:\n  - name: A B\n    held: [{office: Mayor, from: 2020-13-01}]\n",
            "own.yaml, line 4: '2020-13-01' is not a date",
        ),
        (
            "type: person\nentries:\n  - name: A B\n"
            "    held:\n      - {office: Mayor, from: 2020-01-01, to: 2019-01-01}\n",
            "own.yaml, line 5: the office ends (2019-01-01) before it begins (2020-01-01)",
        ),
        (
            "type: product\nentries:\n  - name: X-1\n    forms: [{text: X One, case: upper}]\n",
            "own.yaml, line 4: case 'upper' is none of usual, exact, any",
        ),
    ],
)
def test_mistakes_are_named_by_file_and_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SettingsError) as raised:
        build_tagger("blank", gazetteer=folder_with(tmp_path, text))
    assert complaint in str(raised.value)


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    rows = "".join(f"  - {{name: N{i}, colour: red}}\n" for i in range(25))
    with pytest.raises(SettingsError) as raised:
        build_tagger("blank", gazetteer=folder_with(tmp_path, f"type: product\nentries:\n{rows}"))
    assert str(raised.value).count("unknown key 'colour'") == 20
    assert "and 5 more" in str(raised.value)


def test_a_missing_folder_and_a_bad_lexicon_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no gazetteer folder"):
        build_tagger("blank", gazetteer=tmp_path / "nowhere")
    (tmp_path / "lexicon.yaml").write_text("titles: Mr\nverbs: say\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"lexicon\.yaml, line 2: unknown list 'verbs'"):
        build_tagger("blank", gazetteer=tmp_path)


def names(folder: Path | None, text: str) -> list[tuple[str, str]]:
    answer = tag_one(build_tagger("blank", gazetteer=folder), text)
    return [(mention.text, mention.entity_id) for mention in answer.mentions]


def test_the_shipped_names_are_known_without_a_folder_and_with_an_empty_one(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        assert names(folder, "They asked NATO.") == [("NATO", "gaz:nato")]
    shipped, empty = build_tagger("blank"), build_tagger("blank", gazetteer=tmp_path)
    assert shipped.revision == empty.revision


def test_an_entry_of_a_shipped_id_adds_to_it(tmp_path: Path) -> None:
    text = (
        "entries:\n  - {id: nato, forms: [North Sea Pact]}\n  - {id: country-tr, forms: [Anatolia]}\n"
        "  - {id: patriot, forms: [Pat-Three]}\n"
    )
    folder = folder_with(tmp_path, text)
    assert names(folder, "They asked the North Sea Pact and NATO.") == [
        ("North Sea Pact", "gaz:nato"),
        ("NATO", "gaz:nato"),
    ]
    assert names(folder, "He flew to Anatolia, then to Turkey.") == [
        ("Anatolia", "gaz:country-tr"),
        ("Turkey", "gaz:country-tr"),
    ]
    # What the shipped entry says of its own name still holds: "Patriot" needs a word beside it.
    assert names(folder, "He is a Patriot.") == []
    assert names(folder, "He saw a Pat-Three.") == [("Pat-Three", "gaz:patriot")]


def test_a_form_written_again_goes_by_the_newer_rules(tmp_path: Path) -> None:
    text = "type: product\nentries:\n  - {id: s-400, forms: [{text: S-400, not_next: [bus]}]}\n"
    assert names(folder_with(tmp_path, text), "He took the S-400 bus.") == []


def test_a_row_of_a_shipped_name_adds_to_it(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "entries:\n  - NATO | North Sea Pact\n")
    assert names(folder, "They asked the North Sea Pact.") == [("North Sea Pact", "gaz:nato")]


def test_an_entry_may_replace_a_shipped_one(tmp_path: Path) -> None:
    text = "entries:\n  - {id: nato, replace: true, name: Alliance of the North, type: organization}\n"
    folder = folder_with(tmp_path, text)
    assert names(folder, "They asked NATO.") == []
    assert names(folder, "They asked the Alliance of the North.") == [("Alliance of the North", "gaz:nato")]


def test_shipped_names_may_be_left_out(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "without: [nato]\n")
    assert names(folder, "They asked NATO and the G20.") == [("G20", "gaz:g20")]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("without:\n  - no-such\n", "own.yaml, line 2: there is no entry 'no-such' to leave out"),
        (
            "type: product\nentries:\n  - {name: X-1, replace: true}\n",
            "own.yaml, line 3: there is no such entry to replace",
        ),
    ],
)
def test_what_is_not_there_cannot_be_replaced_or_left_out(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SettingsError) as raised:
        build_tagger("blank", gazetteer=folder_with(tmp_path, text))
    assert complaint in str(raised.value)


def test_a_lexicon_adds_words_and_takes_words_out(tmp_path: Path) -> None:
    shipped, _ = load_lexicon(None)
    assert "premier" in shipped.titles
    (tmp_path / "lexicon.yaml").write_text("titles: Margravine -Premier\n", encoding="utf-8")
    lexicon, _ = load_lexicon(tmp_path)
    assert lexicon.titles == (shipped.titles | {"margravine"}) - {"premier"}
    assert lexicon.particles == shipped.particles


def test_spellings_of_one_form(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "type: product\nnear: [missile]\nentries:\n  - XB-70\n  - QRST/T\n")
    for spelling in ("XB-70", "XB70", "XB-70s", "XB\u201170"):
        assert products(folder, f"They saw the {spelling} land.") == [(spelling, "gaz:xb-70")]
    assert products(folder, "They saw an XB 70 missile.") == [("XB 70", "gaz:xb-70")]
    for spelling in ("QRST/T", "QRST-T", "QRSTT"):
        assert products(folder, f"They saw the {spelling} land.") == [(spelling, "gaz:qrst-t")]
    for other in ("XB 70", "XB-700", "XB-70.5", "AXB-70", "XB-70C", "xb-70"):
        assert products(folder, f"They saw the {other} land.") == []


def test_context_rules(tmp_path: Path) -> None:
    text = (
        "type: product\nnear: [missile]\nentries:\n  - Comet?\n"
        "  - {name: Lantern, forms: [{text: Lantern, not_next: [festival], unless: [paper]}]}\n"
    )
    folder = folder_with(tmp_path, text)
    assert products(folder, "A Comet passed the sun.") == []
    assert products(folder, "A Comet missile was fired. Later the Comet was found.") == [
        ("Comet", "gaz:comet"),
        ("Comet", "gaz:comet"),
    ]
    assert products(folder, "The Lantern was sold.") == [("Lantern", "gaz:lantern")]
    assert products(folder, "The Lantern festival began.") == []
    assert products(folder, "It was a paper and silk Lantern.") == []


def test_a_change_of_data_changes_the_revision(tmp_path: Path) -> None:
    first = build_tagger("blank", gazetteer=folder_with(tmp_path, "type: product\nentries: [X-1]\n")).revision
    second = build_tagger("blank", gazetteer=folder_with(tmp_path, "type: product\nentries: [X-2]\n")).revision
    again = build_tagger("blank", gazetteer=folder_with(tmp_path, "type: product\nentries: [X-1]\n")).revision
    assert first == again != second
