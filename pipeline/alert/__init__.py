"""Alert: each story once, to whom it matters, with the reason; corrections to everyone who had it."""

from pipeline.alert.channels import open_channel
from pipeline.alert.stage import Delivered, Matched, deliver_due, match_batch

__all__ = ["Delivered", "Matched", "deliver_due", "match_batch", "open_channel"]
