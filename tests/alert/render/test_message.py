"""Messages read as a person, a mail client and a program read them."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alert.render.message import MessageContent, render
from pipeline.alert.render.wording import one_line
from pipeline.models import DeliveryKind, Message, Reason
from tests.alert.samples import BODY, HEADLINE, correction, delivery, kill, match, subscription, take

WHY = (Reason("entity", "Eurosam", 0.4), Reason("entity", "SAMP/T", 0.3), Reason("time", "58 days later", 0.1))

TEXT = """\
Eurosam wins study contract for Turkish air defence
Bosphorus Wire, 15 January 2018 12:20 +03

PARIS, Jan 15 (Bosphorus Wire) - Franco-Italian group Eurosam will study a long-range missile system with two Turkish \
firms.

The work is to last 18 months.

It follows a letter of intent signed last year.

https://bosphorus.example/eurosam

New in it: Aselsan, 18-month study
Also carried by: Anatolia Copy, Levant Daily
Why you get this: it shares Eurosam, SAMP/T; 58 days later
Stop these messages: https://wirewatch.example/stop/1
"""


class Page(HTMLParser):
    """The tags, links and words of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.words = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


def notice(**changes: object) -> MessageContent:
    ordinary: dict[str, Any] = {
        "delivery": delivery(),
        "take": take(),
        "subscription": subscription(timezone="Europe/Istanbul"),
        "match": match(why=WHY, new=("Aselsan", "18-month study")),
        "copies": ("Anatolia Copy", "Levant Daily"),
        "unsubscribe_url": "https://wirewatch.example/stop/1",
    }
    return MessageContent(**(ordinary | changes))


def of_kind(kind: DeliveryKind, **changes: object) -> Message:
    return render(notice(delivery=delivery(kind=kind, version_id=102), **changes))


def test_a_new_story_in_its_three_forms() -> None:
    message = render(notice())
    assert message.subject == HEADLINE
    assert message.text == TEXT
    page = Page(message.html)
    assert page.links == ["https://bosphorus.example/eurosam", "https://wirewatch.example/stop/1"]
    for words in (
        HEADLINE,
        "Aselsan, 18-month study",
        "You get this because it shares Eurosam, SAMP/T",
        "Levant Daily",
    ):
        assert words in page.words
    assert (message.key, message.to) == (delivery().key, "mailto:desk@example.org")
    assert message.unsubscribe_url == "https://wirewatch.example/stop/1"
    assert json.loads(json.dumps(message.data)) == {
        "key": delivery().key,
        "kind": "new",
        "subscription": {"id": 1, "name": "Air defence"},
        "story": {
            "lineage": 1,
            "version": 1,
            "uri": "tag:bosphorus.example,2018:eurosam",
            "headline": HEADLINE,
            "note": None,
            "source": "Bosphorus Wire",
            "agency": None,
            "url": "https://bosphorus.example/eurosam",
            "published_at": "2018-01-15T09:10:00+00:00",
            "updated_at": "2018-01-15T09:20:00+00:00",
            "opening": BODY,
        },
        "because": "it shares Eurosam, SAMP/T; 58 days later",
        "why": [
            {"kind": "entity", "value": "Eurosam", "weight": 0.4},
            {"kind": "entity", "value": "SAMP/T", "weight": 0.3},
            {"kind": "time", "value": "58 days later", "weight": 0.1},
        ],
        "new": ["Aselsan", "18-month study"],
        "copies": ["Anatolia Copy", "Levant Daily"],
    }


def test_corrections_say_what_was_corrected() -> None:
    message = of_kind(DeliveryKind.CORRECTION, take=correction(note="Corrects length in paragraph 2"))
    assert message.subject == f"Correction: {HEADLINE}"
    assert "\n\nCorrects length in paragraph 2\n\n" in message.text
    assert "Why you get this: you were sent this story before" in message.text
    assert "New in it" not in message.text
    assert "has corrected this story" in of_kind(DeliveryKind.CORRECTION, take=correction()).text


def test_a_withdrawn_storys_text_is_not_repeated() -> None:
    message = of_kind(DeliveryKind.WITHDRAWAL, take=kill(body=BODY))
    assert message.subject == f"Withdrawn: {HEADLINE}"
    assert "has withdrawn this story. Do not use it." in message.text
    for form in (message.text, message.html, json.dumps(message.data)):
        assert "18 months" not in form
        assert "https://bosphorus.example/eurosam" not in form


def test_updates_say_why_they_come() -> None:
    new_take = take(version=2, note="Adds quotes")
    message = of_kind(DeliveryKind.UPDATE, take=new_take, subscription=subscription(updates=True))
    assert message.subject == f"Update: {HEADLINE}"
    assert "you were sent this story and asked for its updates" in message.text
    adding = of_kind(DeliveryKind.UPDATE, take=new_take, new=("Aselsan", "Roketsan"))
    assert "you were sent this story, and this adds to it" in adding.text
    assert "New in it: Aselsan, Roketsan" in adding.text
    assert adding.data["new"] == ["Aselsan", "Roketsan"]
    follower = subscription(follow=1)
    followed = match(why=(Reason("follow", HEADLINE, 1.0),))
    for kind in (DeliveryKind.UPDATE, DeliveryKind.CORRECTION):
        assert f"you follow {HEADLINE}" in of_kind(kind, subscription=follower, match=followed).text


def test_what_is_not_at_hand_is_left_out() -> None:
    bare = take(headline="", body="", url=None, source=None, note=None, published_at=None, updated_at=None)
    message = render(notice(take=bare, subscription=None, match=None, copies=(), unsubscribe_url=None))
    assert message.text == "(no headline)\nbosphorus\n\nWhy you get this: it matches your subscription\n"
    assert "Stop these messages" not in message.html


def test_many_copies_are_counted() -> None:
    message = render(notice(copies=[f"Paper {number}" for number in range(40)] + ["Paper 1", "", "\n"]))
    assert "Also carried by: Paper 0, Paper 1, Paper 2, Paper 3, Paper 4 and 35 more" in message.text


def test_a_long_story_is_cut_between_paragraphs_and_a_long_headline_within() -> None:
    body = "First. " * 50 + "\n\n" + "Second. " * 40 + "\n\n" + "Third. " * 10
    message = render(notice(take=take(body=body, headline="Word " * 1_000)))
    assert "Second." in message.text
    assert "Third" not in message.text
    assert len(message.subject) <= 180
    huge = render(notice(take=take(body="x" * 5_000_000)))
    assert len(huge.text) < 2_000


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", 'https://x/" onclick="y', "http://a b/", "", "ftp://x/", "https://x/\n"]
)
def test_only_web_addresses_are_links(url: str) -> None:
    message = render(notice(take=take(url=url)))
    assert Page(message.html).links in (
        ["https://wirewatch.example/stop/1"],
        [url.strip(), "https://wirewatch.example/stop/1"] if url == "https://x/\n" else [],
    )


def test_markup_in_a_story_is_text() -> None:
    evil = '<script>alert("x")</script><img src=x onerror=y>'
    message = render(
        notice(
            take=take(headline=evil, body=evil, source=evil, note=evil, language='en"><script>'),
            match=match(why=(Reason("word", evil, 1.0), Reason(evil, evil, 1.0)), new=(evil,)),
            copies=(evil,),
            unsubscribe_url='https://x/"><script>',
        )
    )
    assert set(Page(message.html).tags) == set(Page(render(notice(take=take(note="x"))).html).tags)
    assert evil in Page(message.html).words


def test_header_injection_is_flattened() -> None:
    message = render(notice(take=take(headline="Deal\r\nBcc: everyone@example.org\u2028\x00\u202egnirts")))
    assert message.subject == "Deal Bcc: everyone@example.org gnirts"


@given(text=st.text() | st.text(st.characters()))
def test_one_line_is_one_line_that_every_encoding_can_carry(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line.isprintable() or any(not char.isprintable() for char in text)
    line.encode("utf-8")
    assert one_line(line) == line


@given(
    headline=st.text(st.characters()),
    body=st.text(st.characters()),
    source=st.none() | st.text(st.characters()),
    url=st.none() | st.text(st.characters()) | st.from_regex(r"https?://.+", fullmatch=True),
    kind=st.sampled_from(sorted(set(DeliveryKind) - {DeliveryKind.NOTICE})),
    values=st.lists(st.text(st.characters()), max_size=3),
)
def test_no_story_breaks_a_message(
    headline: str, body: str, source: str | None, url: str | None, kind: DeliveryKind, values: list[str]
) -> None:
    message = render(
        notice(
            delivery=delivery(kind=kind),
            take=take(headline=headline, body=body, source=source, url=url, note=headline),
            match=match(why=tuple(Reason("word", value, 1.0) for value in values), new=tuple(values)),
            copies=values,
        )
    )
    assert len(message.subject.splitlines()) == 1
    message.text.encode("utf-8")
    message.html.encode("utf-8")
    allowed = {"html", "head", "meta", "title", "body", "div", "h1", "p", "b", "br", "a"}
    assert set(Page(message.html).tags) <= allowed
    assert all(str(link).startswith(("http://", "https://", "HTTP", "Http")) for link in Page(message.html).links)
