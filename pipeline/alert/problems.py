"""Informing the owner of a subscription that does not work, once. Decisions and wording.

The subscription is kept, and the others go on.
"""

import hashlib
import re
from datetime import datetime

from pipeline.alert.render.html import render_html
from pipeline.alert.render.wording import one_line
from pipeline.models import Delivery, DeliveryKind, Message, Problem, Subscription
from pipeline.text.truncate import truncate_characters

OPERATOR = "file:notices.jsonl"  # who is informed where the owner has no address, unless a setting says otherwise
_ADDRESS = re.compile(r"[^\s@:/]+@[^\s@:/]+")
_CHANNEL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_SHOWN = 500


def owner_deliveries(problem: Problem, owner: str, operator: str, now: datetime) -> list[Delivery]:
    """The lines of the outbox that inform an owner of a problem whose id is still unknown.

    Where it is the owner's own channel that fails, the operator is informed instead.
    """
    channel = owner_channel(owner, operator)
    if channel == problem.channel:
        channel = operator
    about = f"{problem.subscription_id}/{problem.channel}/{channel}"
    return [
        Delivery(
            id=0,
            subscription_id=problem.subscription_id,
            lineage=0,
            kind=DeliveryKind.NOTICE,
            version_id=0,
            channel=channel,
            key=f"notice-{hashlib.sha256(about.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}-",
            due_at=now,
        )
    ]


def owner_channel(owner: str, operator: str) -> str:
    """The channel for messages to an owner. A mail address or a channel's URL is taken as it is."""
    if _ADDRESS.fullmatch(owner):
        return f"mailto:{owner}"
    return owner if _CHANNEL.fullmatch(owner) else operator


def render_problem(problem: Problem, delivery: Delivery, subscription: Subscription | None) -> Message:
    """The message to the owner. A channel's address may hold a token: only its kind is named."""
    name = one_line((subscription.name if subscription else None) or f"number {problem.subscription_id}")
    reason = truncate_characters(one_line(problem.reason), _SHOWN)
    if problem.channel is None:
        what = "its query cannot be run"
        advice = (
            "It is kept, and tried again with every batch of stories; what arrives meanwhile is not matched. "
            "Correct its query, or end it with `wirewatch unsubscribe`."
        )
    else:
        what = f"its {problem.channel.partition(':')[0]} channel does not take messages"
        advice = (
            "A message is given up after about two days; the subscription goes on, and new messages are tried. "
            "Correct the channel, or end the subscription with `wirewatch unsubscribe`."
        )
    subject = f"Subscription {truncate_characters(name, 80)}: {what}"
    lines = [subject, reason, advice, f"wirewatch alerts --subscription {problem.subscription_id} shows the rest."]
    return Message(
        key=delivery.key,
        to=delivery.channel,
        subject=subject,
        text="\n\n".join(lines) + "\n",
        html=render_html("problem", subject=subject, lines=lines),
        data={
            "key": delivery.key,
            "kind": delivery.kind.value,
            "subscription": {"id": problem.subscription_id, "name": subscription.name if subscription else None},
            "problem": {"what": what, "reason": problem.reason, "since": problem.since.isoformat()},
        },
    )
