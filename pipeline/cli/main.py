"""The entry point: finds a command without importing the others, and turns errors into exit statuses.

0    everything was done
1    something failed, or went into quarantine
2    the command was used wrongly, or nothing at all was recorded
"""

import gc
import importlib
import sys

import click

from pipeline.cli.failures import Failures
from pipeline.errors import UsageError, WirewatchError

# Batches hold many objects that stay. To collect garbage as often as Python does by default takes 7 % of an import.
_RARE_COLLECTIONS = (100_000, 50, 50)

# Name -> (module in this package that has it in COMMANDS, summary for the list of commands).
_COMMANDS = {
    "run": ("stories.run", "One whole walk over config/feeds.yaml."),
    "import": ("stories.import_", "Import files or folders of stories."),
    "parse": ("stories.parse", "Show what import would store, without storing it."),
    "tag": ("stories.tag", "Tag the entities of files, without storing anything."),
    "search": ("stories.search", "Search the stories."),
    "followups": ("stories.followups", "A story's versions, copies, follow-ups and background."),
    "story": ("stories.story", "A story as it stands, and what each version changed."),
    "mark": ("judging.mark", "Say whether a follow-up is right or wrong."),
    "unmark": ("judging.unmark", "Take a mark back."),
    "thread": ("judging.thread", "A thread's happenings in order of time."),
    "merge": ("judging.merge", "Say that two happenings, or two threads, are one."),
    "split": ("judging.split", "Say that stories, or what follows, are something of their own."),
    "rulings": ("judging.rulings", "What was ruled on happenings and threads; rule it again."),
    "marks": ("judging.marks", "List the marks; apply another desk's; export them as a labelled set."),
    "dossier": ("stories.dossier", "A story's whole affair on one page."),
    "evaluate": ("operating.evaluate", "Measure follow-ups, happenings or copies on a labelled set."),
    "train": ("operating.train", "Fit the ranking's weights to labelled sets."),
    "entity": ("judging.entity", "What is known of an entity; merge two, split one."),
    "retag": ("operating.retag", "Tag stored stories again, without alerts."),
    "export": ("stories.export", "Write every story's identity as JSON lines."),
    "subscribe": ("alerts.subscribe", "Subscribe to a query or to a story."),
    "subscriptions": ("alerts.subscriptions", "List, pause, mute the subscriptions; apply subscriptions.yaml."),
    "unsubscribe": ("alerts.unsubscribe", "End a subscription."),
    "alerts": ("alerts.alerts", "Show what was matched and sent."),
    "feeds": ("operating.feeds", "How the feeds are doing; ask one again."),
    "quarantine": ("operating.quarantine", "List what could not be processed, and why."),
    "replay": ("operating.replay", "Try again what is in quarantine."),
    "reindex": ("operating.reindex", "Rebuild the search index from the store."),
    "retention": ("operating.retention", "Drop old months from the search index."),
    "kibana": ("operating.kibana", "Import the Kibana dashboards and searches."),
}


class _LazyGroup(click.Group):
    """Imports a command's module when it is called or its own help is asked for; the list needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"pipeline.cli.{_COMMANDS[cmd_name][0]}")
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
    """Run a command, and exit with its status.

    Args:
        arguments: Those of the command line unless given.
    """
    gc.set_threshold(*_RARE_COLLECTIONS)
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
        sys.stderr.close()  # whoever read our output has gone: there is nobody to tell more
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str, status: int) -> None:
    print(f"wirewatch: {message}", file=sys.stderr)
    sys.exit(status)
