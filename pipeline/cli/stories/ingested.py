"""What ``run`` and ``import`` report of what they took in."""

import sys
from typing import TYPE_CHECKING

from pipeline.cli import output
from pipeline.cli.failures import Failures

if TYPE_CHECKING:
    from pipeline import Ingested


def report_ingested(result: "Ingested", as_json: bool) -> None:
    """Write what was stored.

    Raises:
        Failures: Something could not be fetched, read or parsed.
    """
    counts = {outcome.value: count for outcome, count in sorted(result.outcomes.items())}
    if as_json:
        output.write_json({**counts, "quarantined": result.quarantined, "failures": result.failures})
    else:
        summary = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()) or "no stories"
        print(f"stored: {summary}", file=sys.stderr)
    if result.failures:
        raise Failures(result.failures, nothing_recorded=not result.stories and not result.quarantined)
