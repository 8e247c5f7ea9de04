"""Texts cut to a length; what is left out shows as an ellipsis."""


def truncate_characters(text: str, limit: int) -> str:
    """Cut anywhere; the result with its ellipsis has at most ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def truncate_words(text: str, limit: int) -> str:
    """Cut between words, the punctuation before the cut left out; at most ``limit`` characters and the ellipsis."""
    return text if len(text) <= limit else f"{text[:limit].rsplit(' ', 1)[0].rstrip(',;:–-')} …"


def truncate_paragraphs(text: str, limit: int) -> str:
    """Cut between paragraphs where that keeps half of the text, else anywhere; at most ``limit`` characters in all."""
    if len(text) <= limit:
        return text
    end = text.rfind("\n\n", 0, limit - 4)
    return f"{text[: end if end > limit // 2 else limit - 4].rstrip()}\n\n…"
