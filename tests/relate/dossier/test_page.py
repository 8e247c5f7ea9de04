"""A dossier as a page and as Markdown: every text is escaped."""

from pipeline.relate.dossier.markdown import dossier_markdown
from pipeline.relate.dossier.page import dossier_page
from tests.relate.dossier.members import UTC_ZONE, dossier_of, record


def test_hostile_text_stays_text() -> None:
    evil = "</title><script>alert(1)</script>\"'&"
    page = dossier_page(dossier_of(story=record(1, headline=evil)), UTC_ZONE)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 2
    assert "\\<script\\>" in dossier_markdown(dossier_of(story=record(1, headline=evil)), UTC_ZONE)
