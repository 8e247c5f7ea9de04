"""``story``: a story as it stands and, with --history, what each version of it changed."""

import click

from pipeline.cli import output
from pipeline.cli.stories.story_json import story_as_json
from pipeline.cli.stories.story_text import body_lines, history_lines, print_lines, story_lines


@click.command("story", epilog="Example: wirewatch story 1 --history")
@click.argument("story")
@click.option("--history", is_flag=True, help="Every version, with what it changed.")
@output.json_option
def story(story: str, history: bool, as_json: bool) -> None:
    """A story as it stands: text, times, names, copies. STORY is an id or any uri of it.

    With --history, every version and how it differs from the one before: [-words removed-] {+words added+},
    whole paragraphs marked - and +. A withdrawn story is shown without its text.
    """
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        answer = wirewatch.stories.history(story)
        zone = wirewatch.settings.timezone
    if as_json:
        output.write_json(story_as_json(answer, history))
        return
    lines = [*story_lines(answer, zone), *(history_lines(answer.versions, zone) if history else body_lines(answer))]
    print_lines(lines)


COMMANDS = {"story": story}
