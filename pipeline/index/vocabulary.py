"""The words and names of a batch of stories tell which stored queries can't match any of them."""

from collections.abc import Iterable

from pipeline.index.values import values
from pipeline.models import StoryDocument
from pipeline.query.analysis import keyword_key, name_key, terms
from pipeline.query.fields import FIELDS, Kind
from pipeline.query.tree import Bool, Boosted, Key, Node, Words


class Vocabulary:
    """What the stories of a batch hold, field by field."""

    def __init__(self, stories: Iterable[StoryDocument]) -> None:
        self._held: dict[str, set[str]] = {spec.name: set() for spec in FIELDS.values()}
        for story in stories:
            for spec in FIELDS.values():
                held = self._held[spec.name]
                match spec.kind:
                    case Kind.TEXT:
                        held.update(term for text in values(story, spec) for term in terms(text))
                    case Kind.NAME:
                        held.update(map(name_key, values(story, spec)))
                    case Kind.KEYWORD:
                        held.update(map(keyword_key, values(story, spec)))
                    case Kind.FLAG:
                        held.update(values(story, spec))
                    case _:
                        pass  # numbers and dates are left to the engine

    def may_match(self, node: Node) -> bool:
        """False only where no story of the batch can match: a word or name that it needs is in none of them."""
        match node:
            case Words():
                return any(self._held[name].issuperset(node.terms) for name, _ in node.fields)
            case Key():
                return node.key in self._held[node.field]
            case Boosted():
                return self.may_match(node.node)
            case Bool() if node.must:
                return all(self.may_match(child) for child in node.must)
            case Bool():
                return any(self.may_match(child) for child in node.should)
            case _:
                return True
