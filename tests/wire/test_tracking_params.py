"""Tracking parameters: the same in uris and in texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parse.values.identity import canonical_url
from pipeline.store.lineage.content_hash import normalize
from pipeline.wire.tracking_params import is_tracking, without_tracking

SEEN = [
    "utm_source", "UTM_Medium", "fbclid", "gclid", "msclkid", "yclid", "igshid", "li_fat_id", "xtor", "wt_mc",
    "pk_campaign", "_ga", "rpc", "at_medium", "at_campaign", "at_custom1", "guce_referrer", "guccounter", "CMP", "ito",
    "smid", "ocid", "_hsenc", "__hstc", "mc_cid", "mkt_tok", "ref_src", "feedType", "ns_mchannel", "taid",
    "partner_rss", "utm%5Fsource",
]  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
def test_tracking_parameters(name: str) -> None:
    assert is_tracking(name)
    address = f"https://news.example/a?id=7&{name}=x"
    assert canonical_url(address) == normalize(address) == "https://news.example/a?id=7"


@pytest.mark.parametrize("name", ["id", "p", "article", "page", "q", "ref", "source", "mod", "at", "ga", "clid", ""])
def test_parameters_that_may_find_a_page(name: str) -> None:
    assert not is_tracking(name)
    address = f"https://news.example/a?{name}=x"
    assert canonical_url(address) == normalize(address) == address


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        ("rpc=401&", ""),
        ("&rpc=401", ""),
        ("id=1&&utm_source=x", "id=1"),
        ("id=1&&b", "id=1&&b"),
        ("q=a%20b&d&utm_source=x", "q=a%20b&d"),
        ("", ""),
    ],
)
def test_the_rest_of_a_query_stays_as_it_was_written(query: str, rest: str) -> None:
    assert without_tracking(query) == rest


def test_no_question_mark_stays_behind() -> None:
    assert normalize("see https://x.org/a?rpc=401& now") == "see https://x.org/a now"
    assert canonical_url("https://x.org/a?rpc=401&") == "https://x.org/a"


parameters = st.lists(st.sampled_from([*SEEN, "id", "p", "page", ""]), max_size=6)


@given(parameters)
def test_uris_and_texts_know_the_same_parameters(names: list[str]) -> None:
    address = "https://news.example/a?" + "&".join(f"{name}=1" if name else "" for name in names)
    canonical = canonical_url(address)
    assert canonical is not None
    assert normalize(address).removesuffix("?") == canonical
    assert canonical_url(canonical) == canonical
