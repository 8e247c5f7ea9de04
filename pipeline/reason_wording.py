"""The reasons of a follow-up as a line for readers."""

from collections.abc import Sequence

from pipeline.models import Reason
from pipeline.text.designations import join_designation


def describe_reasons(reasons: Sequence[Reason], most: int = 8) -> str:
    """Say in one line what two stories share (names before words), the time between them and the kind of step.

    A name that is also counted among the words is said once. Only what speaks for the follow-up is said.

    Args:
        reasons: Why the follow-up was ranked where it is.
        most: How many names and words are said.
    """
    names = [reason.value for reason in reasons if reason.kind == "entity" and _speaks_for(reason)]
    in_names = {word for name in names for word in (*name.casefold().split(), join_designation(name))}
    words = [reason.value for reason in reasons if reason.kind == "term" and _speaks_for(reason)]
    shared = [*names, *(word for word in words if word.casefold() not in in_names)][:most]
    rest = [reason.value for kind in ("mark", "time", "step") for reason in reasons if reason.kind == kind]
    return "; ".join([f"shares {', '.join(shared)}", *rest] if shared else rest)


def _speaks_for(reason: Reason) -> bool:
    return reason.weight > 0 and not reason.value.endswith(" more")
