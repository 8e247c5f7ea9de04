"""A preview: what a subscription would have sent. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pipeline.alert.render.digest import render_digest
from pipeline.alert.render.message import MessageContent, render
from pipeline.models import Delivery, DeliveryKind, LineageRecord, Match, Message, Reason, Subscription


def sample_message(
    records: Sequence[LineageRecord], why: Mapping[int, Sequence[Reason]], subscription: Subscription, now: datetime
) -> Message:
    """Render the message that a subscription would have sent.

    Args:
        records: the stories, at least one.
        why: lineage -> the reasons.
        subscription: for which it is.
        now: the present instant.
    """
    contents = [
        MessageContent(
            delivery=Delivery(
                id=0,
                subscription_id=subscription.id,
                lineage=record.lineage,
                kind=DeliveryKind.NEW,
                version_id=record.current.version_id,
                channel=subscription.channels[0],
                key="sample",
                due_at=now,
            ),
            take=record.current,
            subscription=subscription,
            match=Match(
                subscription_id=subscription.id,
                lineage=record.lineage,
                matched_at=now,
                why=tuple(why.get(record.lineage, ())),
            ),
            thread=record.thread,
            copy_group=record.copy_group,
            follows=record.follows,
        )
        for record in records
    ]
    return render(contents[0]) if len(contents) == 1 else render_digest(contents, subscription)
