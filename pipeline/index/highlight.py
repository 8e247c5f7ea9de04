"""What in a story made it match a query: fragments with <em>, and the matched words for an alert's "why"."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from pipeline.index.text_matches import MatchFinder, Span
from pipeline.models import StoryDocument
from pipeline.query.analysis import keyword_key, name_key
from pipeline.query.tree import Key, Node, wanted_leaves

HIGHLIGHTED = ("headline", "body")
_FRAGMENT = 160  # characters, about
_FRAGMENTS = 3
_BEGINNING = 1_000  # characters: where the fragments of a long text mostly are


class Highlighter:
    """Finds a query's words in stories."""

    def __init__(self, tree: Node) -> None:
        leaves = list(dict.fromkeys(wanted_leaves(tree)))
        self._keys = [leaf for leaf in leaves if isinstance(leaf, Key)]
        self._headline, self._body = (MatchFinder(leaves, field) for field in HIGHLIGHTED)

    def highlights(self, fields: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
        """Field -> fragments with the matches in <em>, the rest HTML-escaped; fields without a match are left out."""
        headline, body = (str(fields[name] or "") for name in HIGHLIGHTED)
        quick = _by_field(headline, self._headline.quick_spans(headline), self._quick_fragments(body))
        return quick or _by_field(headline, self._headline.spans(headline), _fragments(body, self._body.spans(body)))

    def words(self, story: StoryDocument) -> tuple[str, ...]:
        """The words and names of a story that a query matched, as the story spells them, each once."""
        words = [story.headline[start:end] for start, end in self._headline.spans(story.headline)]
        words += [story.body[start:end] for start, end in self._body.spans(story.body)]
        for key in self._keys:
            value = getattr(story, key.field)
            names = value if isinstance(value, tuple) else (value,)
            words += [name for name in names if _has_key(name, key)]
        first_spellings = dict[str, str]()
        for word in words:
            first_spellings.setdefault(word.casefold(), word)
        return tuple(first_spellings.values())

    def _quick_fragments(self, body: str) -> tuple[str, ...]:
        """The fragments; of a long text from its beginning, if that has enough of them."""
        if len(body) > _BEGINNING:
            beginning = body[: body.rfind(" ", 0, _BEGINNING) + 1]
            stretches = _stretches(beginning, spans := self._body.quick_spans(beginning))
            if len(stretches) == _FRAGMENTS and stretches[-1][1] < len(beginning) - _FRAGMENT:
                return tuple(_emphasise(body, spans, start, end) for start, end in stretches)
        return _fragments(body, self._body.quick_spans(body))


def _by_field(headline: str, in_headline: Sequence[Span], fragments: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    highlighted = (_emphasise(headline, in_headline, 0, len(headline)),) if in_headline else ()
    by_field = zip(HIGHLIGHTED, (highlighted, fragments), strict=True)
    return {name: field_fragments for name, field_fragments in by_field if field_fragments}


def _has_key(value: object, key: Key) -> bool:
    return isinstance(value, str) and key.key in (name_key(value), keyword_key(value))


def _fragments(text: str, spans: Sequence[Span]) -> tuple[str, ...]:
    return tuple(_emphasise(text, spans, start, end) for start, end in _stretches(text, spans))


def _stretches(text: str, spans: Sequence[Span]) -> list[Span]:
    """Up to three stretches of about 160 characters around the first matches, cut between words."""
    if spans and len(text) <= _FRAGMENT:
        return [(0, len(text))]
    stretches = list[Span]()
    done = 0
    for start, end in spans:
        if start < done:
            continue
        first = min(start, _word_start(text, max(done, start - _FRAGMENT // 4)))
        done = _word_end(text, max(end, first + _FRAGMENT))
        stretches.append((first, done))
        if len(stretches) == _FRAGMENTS:
            break
    return stretches


def _word_start(text: str, position: int) -> int:
    if position == 0:
        return 0
    space = text.find(" ", position - 1, position + 40)
    return position if space < 0 else space + 1


def _word_end(text: str, position: int) -> int:
    if position >= len(text):
        return len(text)
    space = text.find(" ", position, position + 40)
    return position if space < 0 else space


def _emphasise(text: str, spans: Iterable[Span], first: int, last: int) -> str:
    pieces, done = list[str](), first
    for start, end in spans:
        if start >= done and end <= last:
            pieces += [escape(text[done:start], quote=False), "<em>", escape(text[start:end], quote=False), "</em>"]
            done = end
    return "".join((*pieces, escape(text[done:last], quote=False))).strip()
