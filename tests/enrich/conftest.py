"""Taggers are expensive to load: one for all tests, over the project's own gazetteer."""

import pytest

from pipeline.enrich import build_tagger
from pipeline.ports import Tagger


@pytest.fixture(scope="session")
def tagger() -> Tagger:
    return build_tagger()
