"""Chat services and the rest, through apprise."""

import re
from typing import TYPE_CHECKING

from pipeline.errors import DeliveryError, UsageError
from pipeline.models import Message
from pipeline.text.truncate import truncate_paragraphs

if TYPE_CHECKING:
    from apprise import NotifyBase

# apprise's own generic requests would go round the guard that webhooks are under; its local ones are no channels.
_NOT_BY_APPRISE = re.compile(r"(json|xml|form|apprise|dbus|glib|gnome|kde|macosx|qt|syslog|windows)s?", re.IGNORECASE)


class AppriseChannel:
    """Chat services and the rest, through apprise, which is loaded when the first message goes out."""

    def __init__(self, url: str) -> None:
        self._scheme = url.partition(":")[0]
        if _NOT_BY_APPRISE.fullmatch(self._scheme):
            raise UsageError(f"{self._scheme}:// is not a channel; use https:// for webhooks")
        self._url = url

    def send(self, message: Message) -> None:
        """Hand over to the service. Raises DeliveryError; permanent where apprise knows no such service."""
        import apprise

        service = self._service()
        text = truncate_paragraphs(message.text, service.body_maxlen)
        if not service.notify(title=message.subject, body=text, body_format=apprise.NotifyFormat.TEXT):
            raise DeliveryError(f"the {self._scheme}:// service did not take the message")

    def check(self) -> None:
        """Raises UsageError: apprise knows no such service, or its address lacks something."""
        try:
            self._service()
        except DeliveryError as error:
            raise UsageError(str(error)) from error

    def _service(self) -> "NotifyBase":
        import apprise

        service = apprise.Apprise.instantiate(self._url)  # one; add() would take a list of them
        if not isinstance(service, apprise.NotifyBase):
            raise DeliveryError(f"the {self._scheme}:// address is not one that apprise understands", permanent=True)
        return service
