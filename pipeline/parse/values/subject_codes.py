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
    """Return "medtop:20000053" or "subj:11001000" for a concept's uri or qualified code; None if it is neither."""
    match = _CONCEPT_URI.fullmatch(identifier.strip()) or _QCODE.fullmatch(identifier.strip())
    return f"{_SCHEMES[match[1].lower()]}:{match[2]}" if match else None


def qualified_code(scheme: str, code: str) -> str | None:
    """Return the same for a code and its scheme.

    Args:
        scheme: The scheme by name ("mediatopic") or by uri.
        code: Eight digits, or a whole concept as ``code_of_concept`` takes it.

    Returns:
        The qualified code; None for the schemes of others.
    """
    full_code = code_of_concept(code)
    if full_code is not None:
        return full_code
    match = _SCHEME_URI.fullmatch(scheme.strip())
    name = match[1] if match else scheme.strip().lower()
    return f"{_SCHEMES[name]}:{code.strip()}" if name in _SCHEMES and _CODE.fullmatch(code.strip()) else None
