"""Designations: names of letters and digits that are one token however they are written: S-400, S400 and S 400.

``DESIGNATION`` is the form by which terms are counted and texts compared. Two places have forms of their own: names
that no gazetteer lists have a wider form, but need a noun beside them (``enrich.ner.designation_rules``); the query
language is a contract between engines (``query.analysis``).
"""

import re

DESIGNATION = (
    r"(?<![\w-])(?:"
    r"[A-Z][A-Za-z]{0,4}[-‑–]\d{1,4}(?:[A-Z]{1,2}\d?)?(?=s?(?!\w))"  # S-400, Su-57, F-35A, COVID-19
    r"|[A-Z]{1,4}\d{1,4}[A-Z]{0,2}(?=s?(?!\w))"  # S400, A400M, G20
    r"|[A-Z] \d{2,4}(?=s?(?![\w%.,]\d|\w))"  # S 400
    r"|[A-Z]{2,6}[/-][A-Z]{1,2}(?!\w)"  # SAMP/T, SAMP-T
    r")"
)
_DESIGNATION = re.compile(DESIGNATION)
_BETWEEN = re.compile(r"\W+")


def join_designation(designation: str) -> str:
    """Return the one token of all spellings of a designation: "S-400", "S 400" -> "s400"; "SAMP/T" -> "sampt"."""
    return _BETWEEN.sub("", designation).lower()


def join_designations(text: str) -> str:
    """Write every designation in a text as one word, its case kept: "the S-400 system" -> "the S400 system"."""
    return _DESIGNATION.sub(lambda match: _BETWEEN.sub("", match[0]), text)
