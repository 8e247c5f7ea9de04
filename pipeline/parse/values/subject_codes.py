"""IPTC subject codes in one spelling, whichever way a format writes them."""

import re

_SCHEMES = {
    "mediatopic": "medtop",
    "medtop": "medtop",
    "subjectcode": "subj",
    "subj": "subj",
}
# http://cv.iptc.org/newscodes/mediatopic/20000053
_CONCEPT_URI = re.compile(r"https?://cv\.iptc\.org/newscodes/(mediatopic|subjectcode)/(\d{8})/?")
_SCHEME_URI = re.compile(r"https?://cv\.iptc\.org/newscodes/(mediatopic|subjectcode)/?")
_QCODE = re.compile(r"(medtop|subj|mediatopic|subjectcode):(\d{8})", re.I)
_CODE = re.compile(r"\d{8}")


def code_of_concept(identifier: str) -> str | None:
    """ "medtop:20000053" or "subj:11001000" from a concept's uri or qualified code; None if it is neither."""
    match = _CONCEPT_URI.fullmatch(identifier.strip()) or _QCODE.fullmatch(identifier.strip())
    return f"{_SCHEMES[match[1].lower()]}:{match[2]}" if match else None


def qualified_code(scheme: str, code: str) -> str | None:
    """The same from a code and the scheme it is of, by name ("mediatopic") or uri; None for schemes of others."""
    full_code = code_of_concept(code)
    if full_code is not None:
        return full_code
    match = _SCHEME_URI.fullmatch(scheme.strip())
    name = match[1] if match else scheme.strip().lower()
    return f"{_SCHEMES[name]}:{code.strip()}" if name in _SCHEMES and _CODE.fullmatch(code.strip()) else None
