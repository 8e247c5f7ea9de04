"""Odd questions: the answer is empty, short or cut, never wrong and never an error."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.in_process import InProcess

START = datetime(2020, 5, 4, 9, tzinfo=UTC)
FIRST = "The pilot boat Orla ran aground off Castle Point and spilled diesel into the oyster beds of Brenn."


def story(uri: str, body: str, days: float | None, **more: Any) -> dict[str, Any]:
    at = None if days is None else (START + timedelta(days=days)).isoformat()
    dated = {} if at is None else {"versioncreated": at, "firstcreated": at}
    return {"uri": f"odd:{uri}", "type": "text", "version": "1", "language": "en", "body_text": body, **dated, **more}


NAMES = ("The head", "The storekeeper", "A driver", "The pharmacist", "The auditor", "A former owner")

STORIES = [
    story("first", FIRST, 0),
    story("same-time", "The pilot boat Orla lies on the rocks off Castle Point with diesel in its tanks.", 0),
    story(
        "abroad", "Le bateau-pilote Orla s'est échoué au large de Castle Point, son diesel a fui.", 0.1, language="fr"
    ),
    story("later", "Divers pumped the last diesel out of the pilot boat Orla off Castle Point.", 3),
    story("earlier", "The pilot boat Orla joined the harbour service at Castle Point.", -30),
    story("oldest", "Oyster beds were laid out off Castle Point.", -20_000),
    story("no-names", "it rained for two days and the beds of the oysters were closed because of diesel", 5),
    story("one-word", "Diesel.", 6),
    story("undated", "A study of diesel in the oyster beds of Castle Point after the pilot boat Orla was lost.", None),
    story("french", "Le bateau-pilote Orla sera démoli près de Castle Point, a annoncé le port.", 9, language="fr"),
    story("killed", "The pilot boat Orla was stolen from Castle Point.", 10),
    story("killed", "", 10.1, version="2", pubStatus="canceled"),
    story("held", "The pilot boat Orla was sold by Castle Point.", 11, pubStatus="withheld"),
    story("crowd-first", "Lorries of the Meyrin depot carry vaccine to the district of Aubin.", 100),
    *(
        story(f"crowd-{n}", f"Lorry {n} of the Meyrin depot brought vaccine batch {n} to Aubin.", 101 + n / 10)
        for n in range(360)
    ),
]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> InProcess:
    folder = tmp_path_factory.mktemp("odd")
    path = folder / "odd.jsonl"
    path.write_text("\n".join(map(json.dumps, STORIES)) + "\n", encoding="utf-8")
    command = InProcess(folder / "home")
    command.ok("import", path, "--backfill")
    return command


def followups_of(command: InProcess, uri: str, *options: str) -> dict[str, Any]:
    answer: dict[str, Any] = command.ok("followups", f"odd:{uri}", "--json", *options).json
    return answer


def uris(answer: dict[str, Any], name: str) -> list[str]:
    return [story["uri"].removeprefix("odd:") for story in answer[name]]


def test_a_story_of_the_same_time_is_in_one_of_the_lists(odd: InProcess) -> None:
    first, same = followups_of(odd, "first"), followups_of(odd, "same-time")
    assert "same-time" in uris(first, "followups")
    assert "same-time" not in uris(first, "background")
    assert "first" in uris(same, "background")
    assert "first" not in uris(same, "followups")


def test_the_lists_part_at_the_story_and_hold_no_story_twice(odd: InProcess) -> None:
    answer = followups_of(odd, "first", "--limit", "100")
    after, before = uris(answer, "followups"), uris(answer, "background")
    assert after[0] in ("later", "same-time", "undated")
    assert before[0] == "earlier"
    assert not set(after) & set(before)
    assert {"oldest", "earlier"} <= set(before)
    assert "killed" not in [*after, *before]
    assert all(0 < followup["score"] < 1 for followup in answer["followups"])


def test_another_language_is_found_by_its_names(odd: InProcess) -> None:
    assert "french" in uris(followups_of(odd, "later"), "followups")


@pytest.mark.parametrize("uri", ["no-names", "one-word", "undated", "oldest"])
def test_stories_with_little_to_go_by_are_answered(odd: InProcess, uri: str) -> None:
    answer = followups_of(odd, uri)
    assert uri not in [*uris(answer, "followups"), *uris(answer, "background")]
    if uri == "oldest":
        assert answer["background"] == [] or uris(answer, "background") == ["undated"]


def test_a_withdrawn_story_has_versions_and_nothing_else(odd: InProcess) -> None:
    answer = followups_of(odd, "killed")
    assert [version["version"] for version in answer["versions"]] == [1, 2]
    assert answer["followups"] == answer["background"] == []


@pytest.mark.parametrize("uri", ["killed", "held"])
@pytest.mark.parametrize("arguments", [("followups",), ("story",), ("story", "--history")])
def test_a_text_that_nobody_may_read_gives_no_title_either(odd: InProcess, uri: str, arguments: list[str]) -> None:
    shown = odd.ok(arguments[0], f"odd:{uri}", *arguments[1:]).out
    assert f"odd:{uri}" in shown
    assert "pilot boat" not in shown


def test_of_hundreds_of_followups_the_best_are_shown(odd: InProcess) -> None:
    answer = followups_of(odd, "crowd-first", "--limit", "60")
    assert len(answer["followups"]) == 60
    assert all(uri.startswith("crowd-") for uri in uris(answer, "followups"))
    scores = [followup["score"] for followup in answer["followups"]]
    assert scores == sorted(scores, reverse=True)


def test_a_list_of_stories_is_ranked_though_one_is_unknown(odd: InProcess, tmp_path: Path) -> None:
    asked, run = tmp_path / "asked.txt", tmp_path / "run.txt"
    asked.write_text("odd:first\nodd:nowhere\nodd:later\n")
    answer = odd.run("followups", "--queries", asked, "--run-out", run)
    assert (answer.status, "odd:nowhere" in answer.err) == (1, True)
    assert list(dict.fromkeys(line.split()[0] for line in run.read_text().splitlines())) == ["odd:first", "odd:later"]


def test_more_than_a_hundred_followups_are_there_for_who_asks(odd: InProcess) -> None:
    assert len(followups_of(odd, "crowd-first", "--limit", "250")["followups"]) == 250


def test_a_text_that_many_papers_ran_hides_nothing_else(tmp_path: Path) -> None:
    """A first story, one text about it in four hundred papers, and what came of it."""
    report = (
        "The mayor of Aubin closed the Meyrin depot on Friday over spoiled vaccine and apologised to the parents of "
        "the district. Refrigerators had stood without current for two nights, the town hall said, and nobody looked "
        "at the thermometers before the boxes went out to eleven schools."
    )
    later = [f"{name} of the Meyrin depot in Aubin was heard in court over spoiled vaccine." for name in NAMES]
    stories = [
        story("asked", "Parents in Aubin report spoiled vaccine from the Meyrin depot.", 0),
        *(story(f"paper-{n}", report, 1 + n / 2000, source=f"Paper {n}") for n in range(400)),
        *(story(f"court-{n}", text, 60 + 9 * n) for n, text in enumerate(later)),
    ]
    path = tmp_path / "papers.jsonl"
    path.write_text("\n".join(map(json.dumps, stories)) + "\n", encoding="utf-8")
    command = InProcess(tmp_path / "home")
    command.ok("import", path, "--backfill")
    followups = uris(followups_of(command, "asked"), "followups")
    assert len([uri for uri in followups if uri.startswith("paper-")]) == 1, "copies are shown once"
    assert {uri for uri in followups if uri.startswith("court-")} == {f"court-{n}" for n in range(len(NAMES))}


def test_parts_add_up_for_every_answer(odd: InProcess) -> None:
    for uri in ("first", "later", "undated"):
        answer = followups_of(odd, uri)
        for related in [*answer["followups"], *answer["background"]]:
            assert sum(reason["weight"] for reason in related["reasons"]) == pytest.approx(related["score"], abs=1e-4)


def test_another_account_of_the_event_is_told_as_such(odd: InProcess) -> None:
    happenings = {row["uri"]: row["happening"] for row in odd.ok("export").lines}
    steps = {
        followup["uri"]: [why["value"] for why in followup["reasons"] if why["kind"] == "step"]
        for followup in followups_of(odd, "first")["followups"]
    }
    same = {uri for uri in steps if happenings[uri] is not None and happenings[uri] == happenings["odd:first"]}
    assert {"odd:same-time", "odd:abroad", "odd:later"} <= same
    accounts = {uri for uri, step in steps.items() if step == ["another account of the same event"]}
    assert accounts == same - {"odd:later"}, "what came of it is in the happening, but is no account of it"
