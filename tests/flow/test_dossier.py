"""``wirewatch dossier`` through the command line: the affair in order, what is new, who is involved; three formats."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.evaluate.inprocess import InProcess
from tests.flow.affair import LEAD

LEAST = ("--least", "0.05")  # in so few stories no word is rare, and no score high
VOID = {"meta", "link", "br", "img", "rect", "line", "hr", "input"}


class Page(HTMLParser):
    """What a reader's browser would find: elements that close in order, ids, addresses, the text that is shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.shown = ""
        self._open: list[str] = []
        self.feed(text)
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        assert not any(name.startswith("on") for name in values), values
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.shown += data


@pytest.fixture
def made(desk: InProcess, tmp_path: Path) -> Any:
    desk.ok("dossier", "wire:cracks", "-o", tmp_path / "dam.json", *LEAST)
    return json.loads((tmp_path / "dam.json").read_text(encoding="utf-8"))


@pytest.fixture
def page(desk: InProcess, tmp_path: Path) -> str:
    answer = desk.ok("dossier", "wire:cracks", "-o", tmp_path / "dam.html", *LEAST)
    assert "6 stories in 5 steps" in answer.err
    return (tmp_path / "dam.html").read_text(encoding="utf-8")


def step(made: Any, uri: str) -> Any:
    return next(one for one in made["steps"] if one["source"]["uri"] == uri)


def test_the_affair_in_order_of_time_and_nothing_else(made: Any) -> None:
    told = [(one["source"]["uri"], one["place"]) for one in made["steps"]]
    assert told == [
        ("wire:plan", "background"),
        ("wire:cracks", "story"),
        ("wire:evacuation", "followup"),
        ("post:inquiry", "followup"),
        ("wire:fine", "followup"),
    ]
    assert [one["number"] for one in made["steps"]] == [1, 2, 3, 4, 5]


def test_copies_are_folded_and_counted(made: Any) -> None:
    assert [copy["publisher"] for copy in step(made, "wire:cracks")["copies"]] == ["Harbour Post"]
    assert (made["stories"], made["publishers"]) == (6, 2)
    assert step(made, "wire:cracks")["copies"][0]["url"] is None, "only addresses of the web may become links"


def test_what_each_step_adds_is_new_to_the_affair(made: Any) -> None:
    names = {one["source"]["uri"]: {name["name"] for name in one["names"]} for one in made["steps"]}
    assert "Ana Orsic" in names["wire:plan"]
    assert "Ana Orsic" not in names["post:inquiry"], "she was there from the beginning"
    assert "Tomas Hale" in names["post:inquiry"]
    assert step(made, "wire:cracks")["amounts"] == ["EUR 45 million"], "as corrected"
    assert step(made, "wire:fine")["amounts"] == ["EUR 90 million"]
    assert step(made, "post:inquiry")["dates"] == ["October 2019"]
    assert step(made, "wire:cracks")["dates"] == ["June 2019", "1961", "3 weeks"]


def test_reasons_add_up_to_each_closeness(made: Any) -> None:
    for one in made["steps"]:
        if one["place"] != "story":
            assert sum(reason["weight"] for reason in one["reasons"]) == pytest.approx(one["score"], abs=1e-6)
            assert one["why"].endswith(("later", "earlier"))


def test_who_is_involved_and_since_when(made: Any) -> None:
    involved = {one["name"]["name"]: one["steps"] for one in made["involved"]}
    assert involved["Ana Orsic"] == [1, 2, 4]
    assert "Mila Ferrant" not in involved, "she is in one step only, and not in the story"


def test_versions_tell_what_was_corrected(made: Any, page: str) -> None:
    first, second = made["versions"]
    assert (first["number"], second["number"], second["note"]) == (1, 2, "(Corrects cost in paragraph 2)")
    changed = [paragraph for paragraph in second["changes"] if paragraph["edit"] != "kept"]
    assert changed
    shown = Page(page).shown
    assert "Versions and corrections" in shown
    assert "Corrects cost in paragraph 2" in shown
    assert "<del>" in page
    assert "<del>40</del> <ins>45</ins> million" in page


def test_the_page_stands_alone_and_leads_to_its_sources(page: str) -> None:
    found = Page(page)
    outside = {link for link in found.links if not link.startswith("#")}
    assert outside == {"https://meridian.example/cracks?a=1&b=2", "https://meridian.example/evacuation"}
    assert {link.removeprefix("#") for link in found.links if link.startswith("#")} <= {*found.ids}
    assert len(found.ids) == len({*found.ids})
    assert not {"script", "img", "link", "iframe", "object", "form"} & {*found.tags}
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page
    assert "javascript:" not in page


def test_what_publishers_send_cannot_become_markup(page: str) -> None:
    assert "&lt;b&gt;Brenn &amp; its villages&lt;/b&gt;" in page
    assert "<b>Brenn" not in page


def test_the_page_shows_the_story_its_steps_and_a_picture(page: str) -> None:
    found = Page(page)
    assert LEAD in found.shown
    for said in ("Timeline", "Who is involved", "Activity", "Court fines Vell Hydro", "EUR 90 million", "Harbour Post"):
        assert said in found.shown, said
    assert found.tags.count("svg") >= 2
    assert {f"step-{number}" for number in range(1, 6)} <= {*found.ids}


def test_markdown_links_and_escapes(desk: InProcess) -> None:
    text = desk.ok("dossier", "wire:cracks", "--format", "md", *LEAST).out
    assert text.startswith(
        "# [CORRECTED-Cracks found in Vell dam above Brenn](https://meridian.example/cracks?a=1&b=2)"
    )
    assert r"\<b\>Brenn & its villages\</b\>" in text
    assert "| Ana Orsic | person |" in text
    assert "- new: " in text
    assert "javascript" not in text


def test_a_threshold_and_a_limit_narrow_it(desk: InProcess) -> None:
    def told(least: str) -> Any:
        return json.loads(desk.ok("dossier", "wire:evacuation", "--format", "json", "--least", least).out)

    wide, narrow, thread = told("0"), told("0.05"), told("1")
    kept = {one["source"]["uri"] for one in narrow["steps"]}
    dropped = [one for one in wide["steps"] if one["source"]["uri"] not in kept]
    assert {one["source"]["uri"].rpartition("-")[0] for one in dropped} == {"wire:other"}
    assert narrow["left_out"] == wide["left_out"] + len(dropped)
    assert {one["source"]["uri"] for one in thread["steps"]} == kept, "what is of the thread stays, whatever its score"
    few = json.loads(desk.ok("dossier", "wire:cracks", "--format", "json", "--limit", "1", *LEAST).out)
    assert sum(one["place"] == "followup" for one in few["steps"]) == 1


def test_a_story_alone_has_a_dossier_too(desk: InProcess) -> None:
    page = desk.ok("dossier", "wire:other-300", "--least", "0.99").out
    assert "Nothing led to this story or followed it up so far." in Page(page).shown


def test_a_withdrawn_story_is_told_of_without_its_text(own_desk: InProcess, tmp_path: Path) -> None:
    kill = {"uri": "wire:cracks", "type": "text", "version": "3", "pubstatus": "canceled", "headline": "Killed"}
    (tmp_path / "kill.json").write_text(json.dumps({**kill, "versioncreated": "2019-03-04T09:00:00Z"}))
    own_desk.ok("import", tmp_path / "kill.json", "--backfill")
    page = own_desk.ok("dossier", "wire:cracks").out
    assert "withdrawn by its publisher" in Page(page).shown
    assert LEAD not in page
    assert "45 million" not in page


def test_a_story_that_is_held_back_has_none_yet(own_desk: InProcess, tmp_path: Path) -> None:
    held = {
        "uri": "wire:held",
        "type": "text",
        "version": "1",
        "embargoed": "2199-01-01T00:00:00Z",
        "headline": "Later",
    }
    (tmp_path / "held.json").write_text(json.dumps({**held, "body_text": "Secret until then."}))
    own_desk.ok("import", tmp_path / "held.json")
    answer = own_desk.run("dossier", "wire:held")
    assert (answer.status, "held back" in answer.err, answer.out) == (2, True, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("wire:nowhere",), "wire:nowhere"),
        (("wire:cracks", "-o", "dam.pdf"), "Name it .html, .md or .json"),
        (("wire:cracks", "-o", "/no/such/folder/dam.html"), "cannot be written"),
    ],
)
def test_what_cannot_be_made_is_said(desk: InProcess, arguments: tuple[str, ...], said: str) -> None:
    answer = desk.run("dossier", *arguments)
    assert (answer.status, said in answer.err) == (2, True), answer.err


def test_what_is_marked_wrong_is_not_told_by_way_of_the_thread(own_desk: InProcess) -> None:
    told = json.loads(own_desk.ok("dossier", "wire:cracks", "--format", "json", *LEAST).out)
    for one in told["steps"]:
        if one["place"] == "followup":
            own_desk.ok("mark", "wire:cracks", one["source"]["uri"], "wrong")
    left = json.loads(own_desk.ok("dossier", "wire:cracks", "--format", "json", *LEAST).out)
    assert [one["place"] for one in left["steps"]] == ["background", "story"]
