"""Alert: each story once, to whom it matters, with the reason; corrections to everyone who had it.

matching         takes that became searchable meet subscriptions -> matches and lines of the outbox
delivery         the outbox -> messages -> channels; retries
render           what a message, a digest, a preview say: text, HTML from templates, JSON
channels         file, Atom, mail, webhook, chat services; ``registry`` says which URL means which
subscriptions    checked, declared in subscriptions.yaml, ended by a link
schedule         when a line is due: rhythms, quiet hours, retries
problems         informing the owner of a subscription that does not work
"""

from pipeline.alert.channels.registry import check_channel, open_channel
from pipeline.alert.delivery.deliver import Delivered, deliver_due
from pipeline.alert.matching.match import Matched, match_batch
from pipeline.alert.render.preview import sample_message
from pipeline.alert.schedule import news_due
from pipeline.alert.subscriptions.unsubscribe import channel_of_digest, read_token, unsubscribe_address
from pipeline.alert.subscriptions.validate import check_subscription, quiet_hours
from pipeline.alert.subscriptions.yaml_file import read_declared

__all__ = [
    "Delivered",
    "Matched",
    "channel_of_digest",
    "check_channel",
    "check_subscription",
    "deliver_due",
    "match_batch",
    "news_due",
    "open_channel",
    "quiet_hours",
    "read_declared",
    "read_token",
    "sample_message",
    "unsubscribe_address",
]
