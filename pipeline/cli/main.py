"""Entry point: finds the command without importing the others, and turns errors into exit statuses.

0 done; 2 bad usage, or nothing recorded at all; 1 any other failure or quarantined item.
"""

import gc
import importlib
import sys

import click

from pipeline.cli.failures import Failures
from pipeline.errors import UsageError, WirewatchError

# Batches are of many objects that stay: to look through them as often as Python does takes 7 % of an import's time.
_SELDOM = (100_000, 50, 50)

_COMMANDS = {
    "run": ("pipeline.cli.stories.ingest", "One whole walk over config/feeds.yaml."),
    "import": ("pipeline.cli.stories.ingest", "Import files or folders of stories."),
    "parse": ("pipeline.cli.stories.inspect", "Show what import would store, without storing it."),
    "tag": ("pipeline.cli.stories.inspect", "Tag the entities of files, without storing anything."),
    "search": ("pipeline.cli.stories.read", "Search the stories."),
    "followups": ("pipeline.cli.stories.read", "A story's versions, copies, follow-ups and background."),
    "story": ("pipeline.cli.stories.story", "A story as it stands, and what each version changed."),
    "mark": ("pipeline.cli.judging.marks", "Say whether a follow-up is right or wrong."),
    "unmark": ("pipeline.cli.judging.marks", "Take a mark back."),
    "thread": ("pipeline.cli.judging.threads", "A thread's happenings in order of time."),
    "merge": ("pipeline.cli.judging.threads", "Say that two happenings, or two threads, are one."),
    "split": ("pipeline.cli.judging.threads", "Say that stories, or what follows, are something of their own."),
    "rulings": ("pipeline.cli.judging.threads", "What was ruled on happenings and threads; rule it again."),
    "marks": ("pipeline.cli.judging.marks", "List the marks; apply another desk's; export them as a labelled set."),
    "dossier": ("pipeline.cli.stories.dossier", "A story's whole affair on one page."),
    "evaluate": ("pipeline.cli.operating.evaluate", "Measure follow-ups, happenings or copies on a labelled set."),
    "train": ("pipeline.cli.operating.evaluate", "Fit the ranking's weights to labelled sets."),
    "entity": ("pipeline.cli.judging.entity", "What is known of an entity; merge two, split one."),
    "retag": ("pipeline.cli.operating.retag", "Tag stored stories again, without alerts."),
    "export": ("pipeline.cli.stories.read", "Write every story's identity as JSON lines."),
    "subscribe": ("pipeline.cli.alerts.alerts", "Subscribe to a query or to a story."),
    "subscriptions": (
        "pipeline.cli.alerts.subscriptions",
        "List, pause, mute subscriptions; apply subscriptions.yaml.",
    ),
    "unsubscribe": ("pipeline.cli.alerts.alerts", "End a subscription."),
    "alerts": ("pipeline.cli.alerts.alerts", "Show what was matched and sent."),
    "feeds": ("pipeline.cli.operating.feeds", "How the feeds are doing; ask one again."),
    "quarantine": ("pipeline.cli.operating.quarantine", "List what could not be processed, and why."),
    "replay": ("pipeline.cli.operating.quarantine", "Try again what is in quarantine."),
    "reindex": ("pipeline.cli.operating.maintain", "Rebuild the search index from the store."),
    "retention": ("pipeline.cli.operating.maintain", "Drop old months from the search index."),
    "kibana": ("pipeline.cli.operating.maintain", "Import the Kibana dashboards and searches."),
}


class _LazyGroup(click.Group):
    """Imports a command's module when it is called or its own help is asked for; the list needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        command: click.Command = module.COMMANDS[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: wirewatch import deal.txt && wirewatch followups 1",
)
@click.version_option(package_name="wirewatch")
def wirewatch() -> None:
    """News-wire monitoring: every version, copy and follow-up of a story, and a message when the next one arrives.

    Settings come from the environment: WIREWATCH_HOME (default ./var), WIREWATCH_CONFIG, WIREWATCH_DATABASE_URL,
    WIREWATCH_ELASTICSEARCH_URL. Times are shown in WIREWATCH_TIMEZONE.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its status."""
    gc.set_threshold(*_SELDOM)
    try:
        status = wirewatch.main(args=arguments, prog_name="wirewatch", standalone_mode=False)
    except click.exceptions.Abort:
        _fail("stopped; what was recorded is kept, run the command again to go on", 1)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except UsageError as error:
        _fail(str(error), 2)
    except Failures as failures:
        _fail(str(failures), failures.status)
    except WirewatchError as error:
        _fail(str(error), 1)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone: nothing more to say to it
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str, status: int) -> None:
    print(f"wirewatch: {message}", file=sys.stderr)
    sys.exit(status)
