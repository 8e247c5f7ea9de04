"""``alerts``: what was matched, and what was sent of it."""

import click

from pipeline.cli import output
from pipeline.models import Delivery, DeliveryKind, Match
from pipeline.reason_wording import describe_reasons


@click.command("alerts", epilog="Example: wirewatch alerts --subscription 3")
@click.option("--subscription", type=int, help="Only this subscription's.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@output.json_option
def alerts(subscription: int | None, limit: int, as_json: bool) -> None:
    """What was matched and what was sent, newest first; a delivery not sent says why."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        matches = wirewatch.alerts.matches(subscription, limit)
        deliveries = wirewatch.alerts.deliveries(subscription, limit)
        records = wirewatch.stories.records(
            {match.lineage for match in matches} | {delivery.lineage for delivery in deliveries}
        )
        headlines = {record.lineage: record.current.story.title for record in records}
        zone = wirewatch.settings.timezone
    if as_json:
        output.write_json({"matches": matches, "deliveries": deliveries})
        return
    output.table(
        "Matches",
        ("subscription", "matched", "story", "headline"),
        [_match_row(match, output.when(match.matched_at, zone), headlines) for match in matches],
    )
    rows = [_delivery_row(delivery, headlines) for delivery in deliveries]
    output.table("Deliveries", ("id", "kind", "state", "to", "headline"), rows)


def _match_row(match: Match, matched: str, headlines: dict[int, str]) -> tuple[str, ...]:
    why = describe_reasons(match.why) or ", ".join(reason.value for reason in match.why)
    return str(match.subscription_id), matched, str(match.lineage), f"{headlines.get(match.lineage, '')}\n  {why}"


def _delivery_row(delivery: Delivery, headlines: dict[int, str]) -> tuple[str, ...]:
    state = "sent" if delivery.sent_at else "parked" if delivery.parked else f"due, {delivery.attempts} tries"
    reason = f"\n  {delivery.last_error}" if delivery.last_error else ""
    notice = "a problem, to its owner" if delivery.kind is DeliveryKind.NOTICE else ""
    headline = f"{headlines.get(delivery.lineage, notice)}{reason}"
    return str(delivery.id), delivery.kind.value, state, delivery.channel, headline


COMMANDS = {"alerts": alerts}
