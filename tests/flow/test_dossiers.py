"""``wirewatch dossier`` through the command line: the affair in order, what is new, who is involved; three formats."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.cli.in_process import InProcess
from tests.flow.dam_stories import LEAD

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
def dossier(command: InProcess, tmp_path: Path) -> Any:
    command.ok("dossier", "wire:cracks", "-o", tmp_path / "dam.json", *LEAST)
    return json.loads((tmp_path / "dam.json").read_text(encoding="utf-8"))


@pytest.fixture
def page(command: InProcess, tmp_path: Path) -> str:
    answer = command.ok("dossier", "wire:cracks", "-o", tmp_path / "dam.html", *LEAST)
    assert "6 stories in 5 steps" in answer.err
    return (tmp_path / "dam.html").read_text(encoding="utf-8")


def step_of(dossier: Any, uri: str) -> Any:
    return next(step for step in dossier["steps"] if step["source"]["uri"] == uri)


def test_the_affair_in_order_of_time_and_nothing_else(dossier: Any) -> None:
    assert [(step["source"]["uri"], step["place"]) for step in dossier["steps"]] == [
        ("wire:plan", "background"),
        ("wire:cracks", "story"),
        ("wire:evacuation", "followup"),
        ("post:inquiry", "followup"),
        ("wire:fine", "followup"),
    ]
    assert [step["number"] for step in dossier["steps"]] == [1, 2, 3, 4, 5]


def test_copies_are_folded_and_counted(dossier: Any) -> None:
    assert [copy["publisher"] for copy in step_of(dossier, "wire:cracks")["copies"]] == ["Harbour Post"]
    assert (dossier["stories"], dossier["publishers"]) == (6, 2)
    assert step_of(dossier, "wire:cracks")["copies"][0]["url"] is None, "only addresses of the web may become links"


def test_what_each_step_adds_is_new_to_the_affair(dossier: Any) -> None:
    names = {step["source"]["uri"]: {name["name"] for name in step["names"]} for step in dossier["steps"]}
    assert "Ana Orsic" in names["wire:plan"]
    assert "Ana Orsic" not in names["post:inquiry"], "she was there from the beginning"
    assert "Tomas Hale" in names["post:inquiry"]
    assert step_of(dossier, "wire:cracks")["amounts"] == ["EUR 45 million"], "as corrected"
    assert step_of(dossier, "wire:fine")["amounts"] == ["EUR 90 million"]
    assert step_of(dossier, "post:inquiry")["dates"] == ["October 2019"]
    assert step_of(dossier, "wire:cracks")["dates"] == ["June 2019", "1961", "3 weeks"]


def test_reasons_add_up_to_each_closeness(dossier: Any) -> None:
    for step in dossier["steps"]:
        if step["place"] != "story":
            assert sum(reason["weight"] for reason in step["reasons"]) == pytest.approx(step["score"], abs=1e-6)
            assert step["why"].endswith(("later", "earlier"))


def test_who_is_involved_and_since_when(dossier: Any) -> None:
    involved = {person["name"]["name"]: person["steps"] for person in dossier["involved"]}
    assert involved["Ana Orsic"] == [1, 2, 4]
    assert "Mila Ferrant" not in involved, "she is in one step only, and not in the story"


def test_versions_tell_what_was_corrected(dossier: Any, page: str) -> None:
    first, second = dossier["versions"]
    assert (first["number"], second["number"], second["note"]) == (1, 2, "(Corrects cost in paragraph 2)")
    changed = [paragraph for paragraph in second["changes"] if paragraph["edit"] != "kept"]
    assert changed
    shown = Page(page).shown
    assert "Versions and corrections" in shown
    assert "Corrects cost in paragraph 2" in shown
    assert "<del>" in page
    assert "<del>40</del> <ins>45</ins> million" in page


def test_the_page_stands_alone_and_leads_to_its_sources(page: str) -> None:
    parsed = Page(page)
    outside = {link for link in parsed.links if not link.startswith("#")}
    assert outside == {"https://meridian.example/cracks?a=1&b=2", "https://meridian.example/evacuation"}
    assert {link.removeprefix("#") for link in parsed.links if link.startswith("#")} <= {*parsed.ids}
    assert len(parsed.ids) == len({*parsed.ids})
    assert not {"script", "img", "link", "iframe", "object", "form"} & {*parsed.tags}
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page
    assert "javascript:" not in page


def test_what_publishers_send_cannot_become_markup(page: str) -> None:
    assert "&lt;b&gt;Brenn &amp; its villages&lt;/b&gt;" in page
    assert "<b>Brenn" not in page


def test_the_page_shows_the_story_its_steps_and_a_picture(page: str) -> None:
    parsed = Page(page)
    assert LEAD in parsed.shown
    for text in ("Timeline", "Who is involved", "Activity", "Court fines Vell Hydro", "EUR 90 million", "Harbour Post"):
        assert text in parsed.shown, text
    assert parsed.tags.count("svg") >= 2
    assert {f"step-{number}" for number in range(1, 6)} <= {*parsed.ids}


def test_markdown_links_and_escapes(command: InProcess) -> None:
    text = command.ok("dossier", "wire:cracks", "--format", "md", *LEAST).out
    assert text.startswith(
        "# [CORRECTED-Cracks found in Vell dam above Brenn](https://meridian.example/cracks?a=1&b=2)"
    )
    assert r"\<b\>Brenn & its villages\</b\>" in text
    assert "| Ana Orsic | person |" in text
    assert "- new: " in text
    assert "javascript" not in text


def test_a_threshold_and_a_limit_narrow_it(command: InProcess) -> None:
    def dossier_with(least: str) -> Any:
        return json.loads(command.ok("dossier", "wire:evacuation", "--format", "json", "--least", least).out)

    wide, narrow, thread = dossier_with("0"), dossier_with("0.05"), dossier_with("1")
    kept = {step["source"]["uri"] for step in narrow["steps"]}
    dropped = [step for step in wide["steps"] if step["source"]["uri"] not in kept]
    assert {step["source"]["uri"].rpartition("-")[0] for step in dropped} == {"wire:other"}
    assert narrow["left_out"] == wide["left_out"] + len(dropped)
    assert {step["source"]["uri"] for step in thread["steps"]} == kept, (
        "what is of the thread stays, whatever its score"
    )
    few = json.loads(command.ok("dossier", "wire:cracks", "--format", "json", "--limit", "1", *LEAST).out)
    assert sum(step["place"] == "followup" for step in few["steps"]) == 1


def test_a_story_alone_has_a_dossier_too(command: InProcess) -> None:
    page = command.ok("dossier", "wire:other-300", "--least", "0.99").out
    assert "Nothing led to this story or followed it up so far." in Page(page).shown


def test_a_withdrawn_story_is_told_of_without_its_text(own_command: InProcess, tmp_path: Path) -> None:
    kill = {"uri": "wire:cracks", "type": "text", "version": "3", "pubstatus": "canceled", "headline": "Killed"}
    (tmp_path / "kill.json").write_text(json.dumps({**kill, "versioncreated": "2019-03-04T09:00:00Z"}))
    own_command.ok("import", tmp_path / "kill.json", "--backfill")
    page = own_command.ok("dossier", "wire:cracks").out
    assert "withdrawn by its publisher" in Page(page).shown
    assert LEAD not in page
    assert "45 million" not in page


def test_a_story_that_is_held_back_has_none_yet(own_command: InProcess, tmp_path: Path) -> None:
    embargoed = {
        "uri": "wire:held",
        "type": "text",
        "version": "1",
        "embargoed": "2199-01-01T00:00:00Z",
        "headline": "Later",
    }
    (tmp_path / "held.json").write_text(json.dumps({**embargoed, "body_text": "Secret until then."}))
    own_command.ok("import", tmp_path / "held.json")
    answer = own_command.run("dossier", "wire:held")
    assert (answer.status, "held back" in answer.err, answer.out) == (2, True, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("wire:nowhere",), "wire:nowhere"),
        (("wire:cracks", "-o", "dam.pdf"), "Name it .html, .md or .json"),
        (("wire:cracks", "-o", "/no/such/folder/dam.html"), "cannot be written"),
    ],
)
def test_what_cannot_be_made_is_said(command: InProcess, arguments: tuple[str, ...], message: str) -> None:
    answer = command.run("dossier", *arguments)
    assert (answer.status, message in answer.err) == (2, True), answer.err


def test_what_is_marked_wrong_is_not_told_by_way_of_the_thread(own_command: InProcess) -> None:
    dossier = json.loads(own_command.ok("dossier", "wire:cracks", "--format", "json", *LEAST).out)
    for step in dossier["steps"]:
        if step["place"] == "followup":
            own_command.ok("mark", "wire:cracks", step["source"]["uri"], "wrong")
    left = json.loads(own_command.ok("dossier", "wire:cracks", "--format", "json", *LEAST).out)
    assert [step["place"] for step in left["steps"]] == ["background", "story"]
