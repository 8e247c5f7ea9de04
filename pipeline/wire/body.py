"""The body proper: a story's text between its dateline and its trailer, both of which parsing has found."""

from pipeline.models import Span, Story


def body_span(story: Story) -> Span:
    """Find the text between dateline and trailer in ``story.body``; it may begin with a space."""
    end = story.trailer.start if story.trailer else len(story.body)
    return Span(min(story.dateline.end, end) if story.dateline else 0, end)


def body_text(story: Story) -> str:
    """Return the text between dateline and trailer as it came."""
    span = body_span(story)
    return story.body[span.start : span.end]


def body_paragraphs(story: Story) -> tuple[str, ...]:
    """Return the text between dateline and trailer in paragraphs, each on one line, without dashes at its head."""
    text = body_text(story).lstrip("-–—_ \t\r\n")
    blocks = text.split("\n\n") if "\n\n" in text else text.split("\n")
    return tuple(line for block in blocks if (line := " ".join(block.split())))
