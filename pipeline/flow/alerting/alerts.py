"""What subscriptions matched and what was sent of it, as people look it up."""

from pipeline.models import Delivery, Match
from pipeline.wiring import Adapters


class Alerts:
    """What was matched, and what was sent."""

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters

    def matches(self, subscription_id: int | None = None, limit: int = 50) -> list[Match]:
        """What was matched, newest first.

        Args:
            subscription_id: Only by this subscription; None for all of them.
            limit: At most so many.
        """
        return self._adapters.store.alerts.matches(subscription_id, limit)

    def deliveries(self, subscription_id: int | None = None, limit: int = 50) -> list[Delivery]:
        """The outbox, newest first: what was sent, what waits, and what was given up with the reason.

        Args:
            subscription_id: Only for this subscription; None for all of them.
            limit: At most so many.
        """
        return self._adapters.store.alerts.deliveries(subscription_id, limit)
