"""Alert: each story once, to whom it matters, with the reason; corrections to everyone who had it."""

from pipeline.alert.channels import check_channel, open_channel
from pipeline.alert.checks import check_subscription, quiet_hours
from pipeline.alert.declared import read_declared
from pipeline.alert.deliver import Delivered, deliver_due
from pipeline.alert.due import news_due
from pipeline.alert.sample import sample_message
from pipeline.alert.stage import Matched, match_batch
from pipeline.alert.unsubscribe import marked_channel, read_token, unsubscribe_address

__all__ = [
    "Delivered",
    "Matched",
    "check_channel",
    "check_subscription",
    "deliver_due",
    "marked_channel",
    "match_batch",
    "news_due",
    "open_channel",
    "quiet_hours",
    "read_declared",
    "read_token",
    "sample_message",
    "unsubscribe_address",
]
