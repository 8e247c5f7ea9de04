"""``export``: every story's identity as JSON lines."""

import json
import sys

import click


@click.command("export", epilog="Example: wirewatch export --canonical | sha256sum")
@click.option("--canonical", is_flag=True, help="Equal for equal stores: no ids that depend on the order of arrival.")
def export(canonical: bool) -> None:
    """Write every story as one JSON line: uri, lineage, version, status, copy_group, happening, thread, entities."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        for row in wirewatch.stories.export(canonical):
            sys.stdout.write(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")


COMMANDS = {"export": export}
