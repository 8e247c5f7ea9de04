"""Takes of one story without a link: which are found, and which are left apart. Copy made up for the purpose."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.models import Story, TakeKind
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.lineage.content_hash import content_hash
from pipeline.store.lineage.take_matching import is_plausible, is_same_story, may_link, same_publisher
from pipeline.store.lineage.take_profile import TakeProfile, own_keys, profile_of, wanted_keys
from tests.store.builders import at
from tests.store.deal_takes import CORRECTED, FIRST, KILL, UPDATE

DEADLINE = replace(
    FIRST,
    uri="quake:1",
    headline="Strong quake shakes eastern province, at least 12 dead",
    slugline="QUAKE-EAST/",
    body=(
        "ANKARA, Nov 8 (Bosphorus) - A strong earthquake shook an eastern province on Wednesday and killed at least 12 "
        "people, the governor said. Rescue teams searched the rubble of a school and of two apartment blocks in the "
        "town nearest to the epicentre. The tremor was felt across the border and cut power to several villages."
    ),
)
TOLL = replace(
    DEADLINE,
    uri="quake:2",
    take=TakeKind.UPDATE,
    take_number=3,
    headline="UPDATE 3-Toll in eastern quake rises to 34 as rescuers search school",
    slugline="QUAKE-EAST/ (UPDATE 3)",
    body=(
        "ANKARA, Nov 8 (Bosphorus) - The toll of a strong earthquake in an eastern province rose to 34 on Wednesday, "
        "the interior minister said. Rescue teams searched the rubble of a school and of two apartment blocks in the "
        "town nearest to the epicentre. The tremor was felt across the border and cut power to several villages. Aid "
        "came from four countries."
    ),
    updated_at=at(8, 20),
)
WRITETHRU = replace(
    DEADLINE, uri="quake:3", take=TakeKind.UPDATE, take_number=2, slugline="BC-QUAKE-EAST, 2nd Ld-Writethru",
    headline="2nd LD: Strong quake in eastern province kills at least 12", updated_at=at(8, 11),
)  # fmt: skip


def profile(version_id: int, take: Story) -> TakeProfile:
    sent_at = to_epoch_us(take.updated_at or take.published_at or at(8))
    return profile_of(version_id, take, sent_at, content_hash(take))


def profiles(a: Story, b: Story) -> tuple[TakeProfile, TakeProfile]:
    return profile(0, a), profile(1, b)


def are_takes(a: Story, b: Story) -> bool:
    first, second = profiles(a, b)
    finds = bool(set(own_keys(first)) & set(wanted_keys(second)))
    same = is_same_story(first, second, a.body, b.body)
    assert same == is_same_story(second, first, b.body, a.body), "the relation is symmetric"
    assert not same or (finds and set(own_keys(second)) & set(wanted_keys(first))), "and its takes find each other"
    return same


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (FIRST, UPDATE), (FIRST, CORRECTED), (UPDATE, CORRECTED), (FIRST, KILL), (UPDATE, KILL), (DEADLINE, TOLL),
        (DEADLINE, WRITETHRU), (WRITETHRU, TOLL),
        (FIRST, replace(FIRST, uri="r", take=TakeKind.REPEAT, headline=f"RPT-{FIRST.headline}", updated_at=at(9))),
        (FIRST, replace(FIRST, uri="r", take=TakeKind.REFILE, headline=f"REFILE-{FIRST.headline}")),
        (replace(FIRST, agency=None), replace(UPDATE, agency=None)),
        (replace(FIRST, source="Bosphorus World News"), replace(UPDATE, source="Bosphorus: Defence")),
        (replace(FIRST, slugline=None), replace(UPDATE, slugline=None)),
    ],
)  # fmt: skip
def test_takes_of_one_story(a: Story, b: Story) -> None:
    assert are_takes(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (FIRST, DEADLINE), (UPDATE, TOLL), (KILL, DEADLINE), (KILL, TOLL),
        (DEADLINE, replace(TOLL, agency="Aegean", source="Aegean")),
        (DEADLINE, replace(TOLL, agency=None, source=None)),
        (replace(DEADLINE, agency=None, source=None), replace(TOLL, agency=None, source=None)),
        (DEADLINE, replace(TOLL, take=TakeKind.FIRST, take_number=None)),
        (DEADLINE, replace(TOLL, take=TakeKind.ADVISORY)),
        (DEADLINE, replace(TOLL, updated_at=at(8, 9) + timedelta(hours=73))),
        (replace(TOLL, uri="x", take_number=2, updated_at=at(8, 23)), TOLL),
        (KILL, replace(FIRST, uri="substitute", updated_at=at(9))),
        (FIRST, replace(UPDATE, body="Nothing of the kind was said by anybody at all in a town of another country.")),
    ],
)  # fmt: skip
def test_no_takes_of_one_story(a: Story, b: Story) -> None:
    assert not are_takes(a, b)


@pytest.mark.parametrize("kind", [TakeKind.UPDATE, TakeKind.CORRECTION, TakeKind.WRAPUP])
def test_two_stories_of_one_template_are_two(kind: TakeKind) -> None:
    text = (
        "{home} beat {away} {a}-{b} on Nov {day} at their ground before {crowd} spectators. {home} led {c}-0 at half "
        "time through goals in minutes {m} and {n}, and {away} answered once in minute {o}. The home side is now {p}th "
        "with {q} points from {r} games while the visitors stay {s}th in the table with a game in hand."
    )
    monday = text.format(
        home="Northtown", away="Southport", a=2, b=1, day=6, crowd=8412, c=2, m=12, n=38, o=77, p=5, q=19, r=12, s=11
    )
    tuesday = text.format(
        home="Northtown", away="Southport", a=3, b=1, day=7, crowd=9020, c=1, m=4, n=51, o=88, p=4, q=22, r=13, s=13
    )
    report = replace(FIRST, headline="Northtown beat Southport at home", slugline="SOCCER-NORTH/", body=monday)
    other = replace(
        report, uri="soccer:2", take=kind, headline="UPDATE 1-Northtown beat Southport at home", body=tuesday,
        updated_at=at(9),
    )  # fmt: skip
    assert not are_takes(report, other)
    assert are_takes(replace(report, body=tuesday), other)


def test_two_takes_of_one_number_are_one_only_if_they_say_the_same() -> None:
    again = replace(UPDATE, uri="bos:2b", url="https://example.org/other-feed")
    assert are_takes(UPDATE, again)
    other = replace(
        again, body="Turkey signed nothing. " + " ".join(UPDATE.body.split()[8:25]) + " That was another day."
    )
    assert not are_takes(UPDATE, other)


def test_a_paper_is_not_the_agency_whose_copy_it_runs() -> None:
    agency, paper = profiles(FIRST, replace(UPDATE, source="The Daily Paper"))
    assert not same_publisher(agency, paper)
    assert not may_link(agency, paper)
    nobody = profiles(FIRST, replace(UPDATE, source=None, agency=None))
    assert not same_publisher(*nobody)
    assert may_link(*nobody)
    half = profiles(FIRST, replace(UPDATE, agency=None))
    assert may_link(*half)


def test_a_story_does_not_find_itself() -> None:
    assert not is_plausible(*profiles(UPDATE, replace(UPDATE, version=2)))
