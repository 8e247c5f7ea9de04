"""A query as Kibana users type it, checked against the fields -> the tree that engines translate.

    words            headline or body; words beside each other are alternatives (OR), as in Kibana
    "a phrase"~2     in this order, at most two moves apart
    AND OR NOT + - && || ! ( )
    field:value      person:"Jens Stoltenberg", agency:(Reuters OR AP), corrected:true, urgency:[1 TO 3], urgency:>=2
    prefix* wil?card fuzzy~1 weight^2 *:* _exists_:field
    published_at:[2017-11-01 TO 2018-02-01}  published_at:2017-11  published_at:>=now-7d/d

Keyword and name fields are compared whole, whatever the case and accents; names also whatever the punctuation
(product:S400). Common words (the, of, to) count inside quotes, and where there are no others. NOT by itself means every
other story, also beside OR.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from pipeline.query.fields import FIELDS, FieldSpec, Kind, nearest_field
from pipeline.query.leaves import LeafReader, designation
from pipeline.query.syntax import Source
from pipeline.query.tree import Bool, Boosted, Everything, Exists, Node

_MAX_BOOST = 1_000
_MAX_DEPTH = 200
_MAX_LEAVES = 1_000


def parse_query(query: str, now: datetime) -> Node:
    """The checked tree of a query.

    Args:
        query: in Lucene syntax, as Kibana users type it.
        now: what its date math counts from.

    Raises:
        QueryError: with the position and the reason.
    """
    return _parse_checked(query, now) if "now" in query else _parse_timeless(query)


@lru_cache(maxsize=20_000)
def _parse_timeless(query: str) -> Node:
    """Stored queries are evaluated again and again, so each is parsed once per process."""
    return _parse_checked(query, None)


def _parse_checked(query: str, now: datetime | None) -> Node:
    source = Source(query)
    parsed = source.parse()
    for common in (False, True):
        node = _Checker(source, now, common).node(parsed, None)
        if node is not None:
            return node
    raise source.error("there is nothing in it to search for", 0)


def field_spec(name: str, source: Source, position: int | None) -> FieldSpec:
    """The field of this name. Raises QueryError that names the nearest one."""
    spec = FIELDS.get(name)
    if spec is None:
        near = nearest_field(name)
        advice = f"did you mean {near}?" if near else f"the fields are {', '.join(FIELDS)}"
        raise source.error(f"there is no field {name!r}; {advice}", position)
    return spec


class _Checker:
    """Walks luqum's tree. ``spec`` is the field that surrounds a node, None for the default fields.

    A node that holds nothing to search for (common words only) becomes None and leaves its operation.
    """

    def __init__(self, source: Source, now: datetime | None, common: bool) -> None:
        self._source = source
        self._leaf_reader = LeafReader(source, now, common)
        self._depth = 0
        self._leaves = 0

    def node(self, item: Any, spec: FieldSpec | None) -> Node | None:
        """What an item means. Raises QueryError, also for operators nested beyond reason."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._source.error("too many operators within each other", item.pos)
        try:
            return self._operation(item, spec)
        finally:
            self._depth -= 1

    def _operation(self, item: Any, spec: FieldSpec | None) -> Node | None:
        match type(item).__name__:
            case "AndOperation":
                return self._all_of(item.children, spec)
            case "OrOperation":
                return self._any_of(item.children, spec)
            case "UnknownOperation" | "PlainWords":
                return self._side_by_side(item.children, spec)
            case "Group" | "FieldGroup":
                return self.node(item.children[0], spec)
            case "Plus":
                return self.node(item.children[0], spec)
            case "Not" | "Prohibit":
                return _complement(self.node(item.children[0], spec))
            case "Boost":
                return self._boosted(item, spec)
            case "SearchField":
                return self._in_field(item, spec)
            case _:
                return self._leaf(item, spec)

    def _leaf(self, item: Any, spec: FieldSpec | None) -> Node | None:
        self._leaves += 1
        if self._leaves > _MAX_LEAVES:
            raise self._source.error(f"more than {_MAX_LEAVES} words and values", item.pos)
        return self._leaf_reader.leaf(item, spec)

    def _nodes(self, items: Sequence[Any], spec: FieldSpec | None) -> tuple[Node, ...]:
        return tuple(node for item in items if (node := self.node(item, spec)) is not None)

    def _all_of(self, items: Sequence[Any], spec: FieldSpec | None) -> Node | None:
        must = self._nodes([item for item in items if not _negative(item)], spec)
        must_not = self._nodes([item.children[0] for item in items if _negative(item)], spec)
        return _bool(must=must, must_not=must_not)

    def _any_of(self, items: Sequence[Any], spec: FieldSpec | None) -> Node | None:
        return _bool(should=self._nodes(items, spec))

    def _side_by_side(self, items: Sequence[Any], spec: FieldSpec | None) -> Node | None:
        """Words without an operator between them: alternatives, with what is required and what is excluded."""
        required = [item for item in items if type(item).__name__ == "Plus"]
        excluded = [item.children[0] for item in items if _negative(item)]
        rest = [item for item in items if item not in required and not _negative(item)]
        return _bool(
            must=self._nodes(required, spec),
            should=self._nodes(_join_designations(rest, spec), spec),
            must_not=self._nodes(excluded, spec),
        )

    def _boosted(self, item: Any, spec: FieldSpec | None) -> Node | None:
        factor = float(item.force)
        if not 0 < factor <= _MAX_BOOST:
            raise self._source.error(f"a weight is above 0 and at most {_MAX_BOOST}", item.pos)
        node = self.node(item.children[0], spec)
        return None if node is None else Boosted(node, factor)

    def _in_field(self, item: Any, outer: FieldSpec | None) -> Node | None:
        inner = item.children[0]
        if outer is not None:
            reason = f"{outer.name} already names the field; a value with ':' must be quoted: {outer.name}:\"...\""
            raise self._source.error(reason, item.pos)
        value = getattr(inner, "value", "")
        if item.name == "*" and value == "*":
            return Everything()
        if item.name == "_exists_":
            return Exists(field_spec(value.strip('"'), self._source, inner.pos).name)
        return self.node(inner, field_spec(item.name.replace("\\", ""), self._source, item.pos))


def _negative(item: Any) -> bool:
    return type(item).__name__ in ("Not", "Prohibit")


def _complement(node: Node | None) -> Node | None:
    return None if node is None else Bool(must=(Everything(),), must_not=(node,))


def _bool(must: tuple[Node, ...] = (), should: tuple[Node, ...] = (), must_not: tuple[Node, ...] = ()) -> Node | None:
    """The simplest node that says the same."""
    if not must and not should:
        return Bool(must=(Everything(),), must_not=must_not) if must_not else None
    if not must_not and len(must) + len(should) == 1:
        return (must + should)[0]
    return Bool(must=must, should=should, must_not=must_not)


def _join_designations(items: Sequence[Any], spec: FieldSpec | None) -> list[Any]:
    """``S 400`` is typed as two words and means one."""
    if spec is not None and spec.kind is not Kind.TEXT:
        return list(items)
    joined = list[Any]()
    for item in items:
        if joined and (joint := designation(joined[-1], item)) is not None:
            joined[-1] = joint
        else:
            joined.append(item)
    return joined
