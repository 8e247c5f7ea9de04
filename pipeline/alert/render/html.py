"""The HTML of messages, from the templates beside this module. Everything that is put into one is escaped."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def render_html(template: str, **values: object) -> str:
    """Fill a template.

    Args:
        template: its file name, without ``.html.jinja``.
        values: what it calls for; text is escaped.
    """
    return _environment().get_template(f"{template}.html.jinja").render(values)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("pipeline.alert.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
