"""One agency's story through four takes, with every kind of signal, and what must come of it in any order."""

from dataclasses import replace

from pipeline.models import PublisherLink, Status, Story, TakeKind
from tests.store.builders import at, story

FIRST = story(
    "bos:1",
    headline="Ankara signs letter of intent on missile defence with Paris and Rome",
    slugline="TURKEY-DEFENCE/",
    body=(
        "ISTANBUL, Nov 8 (Bosphorus) - Turkey signed a letter of intent with France and Italy on Wednesday to build "
        "air and missile defence systems together, defence ministry sources said. As a first step the EUROSAM "
        "consortium and Turkish companies will study a system based on the SAMP/T and settle what the three need."
    ),
)
UPDATE = replace(
    FIRST,
    uri="bos:2",
    take=TakeKind.UPDATE,
    take_number=1,
    headline="UPDATE 1-Ankara signs missile defence letter of intent with Paris, Rome",
    slugline="TURKEY-DEFENCE/ (UPDATE 1)",
    note="(Adds quotes, background)",
    body=FIRST.body + " NATO member Turkey also plans to buy the S-400, which worries its allies.",
    updated_at=at(8, 11),
)
CORRECTED = replace(
    UPDATE,
    uri="bos:3",
    take=TakeKind.CORRECTION,
    take_number=None,
    corrected=True,
    headline="CORRECTED-UPDATE 1-Ankara signs missile defence letter of intent with Paris, Rome",
    note="(Corrects the day of signing in paragraph 1)",
    body=UPDATE.body.replace("on Wednesday", "on Tuesday"),
    updated_at=at(8, 14),
)
KILL = replace(
    FIRST,
    uri="bos:4",
    take=TakeKind.KILL,
    status=Status.WITHDRAWN,
    headline="KILL-Ankara signs letter of intent on missile defence with Paris and Rome",
    body="The story headlined Ankara signs letter of intent on missile defence is withdrawn.",
    updated_at=at(8, 18),
)
TAKES = (FIRST, UPDATE, CORRECTED, KILL)


def by_uri() -> tuple[Story, ...]:
    """The same four as versions under one uri."""
    return tuple(replace(take, uri="bos:deal", version=number) for number, take in enumerate(TAKES, start=1))


def by_link() -> tuple[Story, ...]:
    """The same four with uris and links but without take lines, slugs or likeness."""
    plain = [
        replace(
            take,
            take=TakeKind.FIRST,
            take_number=None,
            slugline=None,
            headline=f"{name} headline",
            body=f"{name} body",
        )
        for name, take in zip(("One", "Two", "Three", "Four"), TAKES, strict=True)
    ]
    links = ("evolved_from", "previous_version", "replaces")
    linked = [
        replace(take, links=(PublisherLink(rel, before.uri),))
        for rel, before, take in zip(links, plain, plain[1:], strict=False)
    ]
    return (plain[0], *linked)
