"""What a search request must be, whichever engine runs it."""

from pipeline.errors import QueryError, UsageError
from pipeline.models import SearchRequest
from pipeline.query.fields import FIELDS, SORTS


def check_request(request: SearchRequest) -> None:
    """Check the sort, the limit and the facets of a request; its query is checked when it is parsed.

    Raises:
        UsageError: there is no such sort, or the limit is negative.
        QueryError: a field cannot be counted as a facet.
    """
    if request.sort not in SORTS:
        raise UsageError(f"there is no sort {request.sort!r}; choose one of {', '.join(SORTS)}")
    if request.limit < 0:
        raise UsageError(f"a search cannot return {request.limit} stories; give a limit of 0 or more")
    for name in request.facets:
        if name not in FIELDS or not FIELDS[name].facet:
            countable = ", ".join(spec.name for spec in FIELDS.values() if spec.facet)
            raise QueryError(f"{name!r} cannot be counted as a facet; these can: {countable}", request.query)
