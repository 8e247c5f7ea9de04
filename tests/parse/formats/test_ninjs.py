"""ninjs beyond the golden files: bodies as they came, collections, statuses, odd shapes."""

import json
from typing import Any

import pytest

from pipeline.errors import ParseError
from pipeline.models import Rejected, Status, Story
from pipeline.parse import parse
from tests.parse.documents import document, only_story, stories


def news(**properties: Any) -> dict[str, Any]:
    return {"uri": "urn:x:1", "type": "text", "headline": "Head", "body_text": "Body.", **properties}


def ninjs(**properties: Any) -> Story:
    return only_story(document(json.dumps(news(**properties))))


@pytest.mark.parametrize(
    "body", [" \tlead\r\n\r\nnext \n", "x", "a\u2028b\x85c", "``quoted''", "<b>not markup</b>", "😀" * 3]
)
def test_a_plain_body_stays_exactly_as_it_came(body: str) -> None:
    assert ninjs(body_text=body).body == body


def test_what_no_text_may_hold_is_replaced_one_for_one() -> None:
    story = only_story(document(b'{"uri": "u", "body_text": "a\\u0000b\\ud800c\\u001bd", "headline": "h"}'))
    assert story.body == "a\ufffdb\ufffdc\ufffdd"


def test_uri_and_unknown_properties() -> None:
    story = ninjs(uri="wcep:2012-01-01#38775", entities=[[0, 4, "thing"]], version="1", foo={"bar": 1})
    assert (story.uri, story.version) == ("wcep:2012-01-01#38775", 1)


@pytest.mark.parametrize(
    ("properties", "status", "until"),
    [
        ({}, Status.USABLE, None),
        ({"pubstatus": "usable"}, Status.USABLE, None),
        ({"pubstatus": "withheld"}, Status.WITHHELD, None),
        ({"pubstatus": "canceled"}, Status.WITHDRAWN, None),
        ({"pubStatus": "canceled"}, Status.WITHDRAWN, None),
        ({"pubstatus": "something new"}, Status.WITHHELD, None),
        ({"embargoed": "2017-11-10T18:00:01Z"}, Status.WITHHELD, "2017-11-10T18:00:01+00:00"),
        ({"embargoedUntil": "2030-01-01T00:00:00Z"}, Status.WITHHELD, "2030-01-01T00:00:00+00:00"),
        ({"embargoed": "2017-11-10T18:00:00Z"}, Status.USABLE, None),
        ({"embargoed": "until noon"}, Status.WITHHELD, None),
        ({"embargoed": "2017-11-01T00:00:00Z", "pubstatus": "withheld"}, Status.WITHHELD, None),
        ({"embargoed": "2030-01-01T00:00:00Z", "pubstatus": "canceled"}, Status.WITHDRAWN, None),
        ({"embargoed": None}, Status.USABLE, None),
        ({"embargoed": ""}, Status.USABLE, None),
    ],
)
def test_status(properties: dict[str, Any], status: Status, until: str | None) -> None:
    story = ninjs(**properties)
    assert story.status is status
    assert (story.embargo_until.isoformat() if story.embargo_until else None) == until


def test_a_kill_needs_no_text() -> None:
    story = only_story(document('{"uri": "u", "pubstatus": "canceled"}'))
    assert (story.status, story.body) == (Status.WITHDRAWN, "")


@pytest.mark.parametrize(
    ("bodies", "body"),
    [
        ([{"contenttype": "text/html", "value": "<p>a</p>"}, {"contenttype": "text/plain", "value": "plain"}], "plain"),
        ([{"role": "caption", "value": "Pic"}, {"contenttype": "text/html", "value": "<p>a</p><p>b</p>"}], "a\n\nb"),
        ([{"contenttype": "text/html", "value": "<script>x</script>"}, {"role": "main", "value": "b"}], "b"),
        (
            [
                {
                    "role": "nitf",
                    "contenttype": "application/nitf+xml",
                    "value": "<nitf><body.content><p>n</p></body.content></nitf>",
                }
            ],
            "n",
        ),
        ([{"role": "nitf", "value": "<broken"}, {"role": "x", "value": "y"}], "y"),
        ([{}, 3, None, {"value": 7}], "7"),
        ({"value": "one object"}, "one object"),
    ],
)
def test_bodies(bodies: Any, body: str) -> None:
    assert ninjs(body_text="", bodies=bodies).body == body


def test_the_description_stands_in_for_a_missing_body() -> None:
    assert ninjs(body_text="", description_text="What it is about").body == "What it is about"


@pytest.mark.parametrize("urgency", [0, 10, "high", None, 3.7e300, float("nan"), True, [], -1])
def test_an_urgency_out_of_bounds_is_none(urgency: Any) -> None:
    assert ninjs(urgency=urgency).urgency is None


@pytest.mark.parametrize(
    ("version", "number"), [("12", 12), (12, 12), ("1.2", None), ("x", None), (10**30, None), ("٣", None)]
)
def test_version(version: Any, number: int | None) -> None:
    assert ninjs(version=version).version == number


PROPERTIES = (
    "type", "headline", "headlines", "bodies", "subject", "subjects", "associations", "located", "language",
    "byline", "authors", "source", "infosource", "versioncreated", "embargoed", "pubstatus", "slugline",
    "ednote", "renditions", "url", "expires", "evolvedfrom", "copyrightnotice",
)  # fmt: skip


@pytest.mark.parametrize("wrong", [3, [], {}, True, None, [1, {"a": 2}], {"b": [3]}, 1e400, "x" * 10])
@pytest.mark.parametrize(
    "name",
    PROPERTIES,
)
def test_values_of_the_wrong_shape_never_break_a_story(name: str, wrong: Any) -> None:
    results = list(parse(document(json.dumps(news(**{name: wrong})))))
    assert len(results) == 1


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda items: items,
        lambda items: {"items": items},
        lambda items: {"_items": items, "_meta": {}},
        lambda items: {"data": {"items": [{"meta": {}, "item": item} for item in items]}},
        lambda items: {"total": 2, "item": items},
    ],
)
def test_collections(wrapped: Any) -> None:
    items = [news(uri="urn:x:1"), news(uri="urn:x:2")]
    assert [story.uri for story in stories(document(json.dumps(wrapped(items))))] == ["urn:x:1", "urn:x:2"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (news(type="picture"), "type 'picture' is not a story"),
        (news(type="event"), "type 'event' is not a story"),
        (news(eventDetails={}), "event or planned coverage"),
        (news(plannedCoverage=[]), "event or planned coverage"),
        ({"uri": "u", "type": "text"}, "neither headline nor body"),
    ],
)
def test_what_is_no_story_is_rejected_with_the_reason(value: Any, reason: str) -> None:
    (rejected,) = parse(document(json.dumps(value)))
    assert isinstance(rejected, Rejected)
    assert reason in rejected.reason
    assert json.loads(rejected.payload) == value


@pytest.mark.parametrize(
    "content", ["{}", '{"a": 1}', "[", '{"uri": ', "{" * 100_000, "[" * 100_000, '{"uri": 1' + "0" * 5000 + "}"]
)
def test_json_that_holds_no_news_is_an_error(content: str) -> None:
    with pytest.raises(ParseError):
        list(parse(document(content)))
