"""Alert: each story once, to whom it matters, with the reason; corrections to everyone who had it."""

from pipeline.alert.channels import check_channel, open_channel
from pipeline.alert.deliver import Delivered, deliver_due
from pipeline.alert.stage import Matched, match_batch
from pipeline.alert.unsubscribe import marked_channel, read_token, unsubscribe_address

__all__ = [
    "Delivered",
    "Matched",
    "check_channel",
    "deliver_due",
    "marked_channel",
    "match_batch",
    "open_channel",
    "read_token",
    "unsubscribe_address",
]
