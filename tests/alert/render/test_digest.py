"""Several stories in one message: grouped, folded, most important first, capped, safe."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alert.render.digest import fold, group_related, render_digest
from pipeline.alert.render.message import MessageContent
from pipeline.models import DeliveryKind, Message, Rhythm
from tests.alert.render.test_message import Page
from tests.alert.samples import NOW, delivery, match, subscription, take

DAILY = subscription(rhythm=Rhythm.DAILY, channels=("mailto:desk@example.org",))
STOP = "https://wirewatch.example/unsubscribe/1"


def item(lineage: int, kind: DeliveryKind = DeliveryKind.NEW, **changes: Any) -> MessageContent:
    """A line about the story of this number; ``story`` fields and notice fields alike."""
    fields = {
        name: changes.pop(name) for name in ("thread", "copy_group", "follows", "copies", "new") if name in changes
    }
    version = changes.pop("version", 1)
    story = {"headline": f"Story {lineage}", "url": f"https://x.example/{lineage}", **changes}
    return MessageContent(
        delivery=delivery(
            lineage=lineage, kind=kind, version_id=lineage * 100 + version, key=f"key-{lineage}-{kind}", bundle="b"
        ),
        take=take(lineage, version, **story),
        subscription=DAILY,
        match=match(lineage=lineage),
        unsubscribe_url=STOP,
        **fields,
    )


def groups(*contents: MessageContent) -> list[list[int]]:
    return [[content.delivery.lineage for content in group.contents] for group in group_related(contents)]


def digest(contents: Sequence[MessageContent], **changes: Any) -> Message:
    return render_digest(contents, replace(DAILY, **changes))


def test_stories_of_a_thread_are_together_and_so_are_follow_ups() -> None:
    grouped = groups(
        item(1, thread=7), item(2), item(3, thread=7), item(4, follows=((2, 0.8),)), item(5, follows=((1, 0.2),))
    )
    assert sorted(map(sorted, grouped)) == [[1, 3], [2, 4], [5]]


def test_the_most_important_comes_first() -> None:
    flash = item(2, urgency=1)
    carried = item(3, copies=("A", "B", "C"))
    newer = item(4, updated_at=NOW)
    assert groups(item(1), newer, carried, flash) == [[2], [3], [4], [1]]
    assert groups(item(1, thread=7), newer, replace(flash, thread=7)) == [[2, 1], [4]]


def test_copies_are_one_story_with_the_other_publishers() -> None:
    first = item(1, copy_group=9, published_at=NOW - timedelta(hours=2), copies=("Levant Daily",))
    second = item(2, copy_group=9, published_at=NOW - timedelta(hours=1), source="Aegean Post")
    [folded] = fold([second, first, item(1, DeliveryKind.UPDATE, copy_group=9)])
    assert (folded.delivery.lineage, folded.delivery.kind, folded.copies) == (
        1,
        DeliveryKind.NEW,
        ("Levant Daily", "Aegean Post"),
    )


def test_several_takes_of_a_story_are_one_entry_about_the_newest() -> None:
    [folded] = fold([item(1, DeliveryKind.UPDATE, version=2), item(1, DeliveryKind.UPDATE, version=3)])
    assert folded.take.version == 3


def test_a_digest_says_what_why_and_how_to_stop() -> None:
    message = digest([item(1, new=("Aselsan",), urgency=1), item(2, DeliveryKind.UPDATE, new=("Roketsan",))])
    assert message.subject == "Air defence: Story 1 and 1 more"
    assert (message.key, message.unsubscribe_url) == ("b", STOP)
    for wanted in (
        "2 stories today: Air defence",
        "Why: it has the words Eurosam",
        "Update: Story 2",
        "New in it: Roketsan",
        "https://x.example/1",
        STOP,
    ):
        assert wanted in message.text
    page = Page(message.html)
    assert page.links == ["https://x.example/1", "https://x.example/2", STOP]
    assert 'name="viewport"' in message.html
    assert [len(group) for group in message.data["stories"]] == [1, 1]


def test_what_is_left_out_is_counted() -> None:
    message = digest([item(number) for number in range(1, 240)])
    assert "and 214 more: wirewatch alerts --subscription 1" in message.text
    assert "and 214 more" in message.html
    assert message.data["more"] == 214
    assert sum(map(len, message.data["stories"])) == 25
    assert message.subject == "Air defence: Story 1 and 238 more"


def test_one_story_is_not_called_several() -> None:
    message = digest([item(1), item(1, DeliveryKind.UPDATE)], name=None)
    assert message.subject == "Story 1"
    assert message.text.startswith("One story today\n")


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(), st.text(), st.none() | st.text()), min_size=2, max_size=5), st.text())
def test_no_story_breaks_a_digest(stories: list[tuple[str, str, str | None]], name: str) -> None:
    contents = [
        item(number, headline=headline, body=body, source=source)
        for number, (headline, body, source) in enumerate(stories, start=1)
    ]
    message = digest(contents, name=name)
    plain = digest([item(number) for number in range(1, len(contents) + 1)])
    assert set(Page(message.html).tags) <= set(Page(plain.html).tags) | {"p"}
    assert "\n" not in message.subject
    assert "\r" not in message.subject
    message.html.encode()
    message.text.encode()
