"""Webhooks posted under the same guard as fetches: limits, and no way into the private network unless allowed."""

from collections.abc import Mapping
from pathlib import Path

import httpx

from pipeline.errors import DeliveryError, FetchError
from pipeline.fetch.addresses import Resolver, resolve
from pipeline.fetch.http import checked_url
from pipeline.fetch.transport import Deadline, NetworkFault, Rules, exchange


class Poster:
    """Posts to webhooks; redirects are not followed. Safe for several threads; holds no connections.

    allow_private: whether addresses of private networks may be posted to. seconds: what one post may take in all.
    """

    def __init__(
        self,
        user_agent: str = "Wirewatch/0.1",
        allow_private: bool = False,
        seconds: float = 30.0,
        ca: Path | None = None,
        resolve: Resolver = resolve,
    ) -> None:
        self._user_agent = user_agent
        self._allow_private = allow_private
        self._seconds = seconds
        self._resolve = resolve
        self._tls = httpx.create_ssl_context()
        if ca is not None:
            self._tls.load_verify_locations(ca)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post and return the status. Raises DeliveryError: no answer, or (permanent) an address that may not be asked.

        Its text does not name the address: webhook addresses are secrets.
        """
        try:
            target = checked_url(url)
        except FetchError as error:
            raise DeliveryError("the webhook's address is not valid; correct it", permanent=True) from error
        rules = Rules(
            deadline=Deadline(self._seconds),
            private=self._allow_private,
            patience=self._seconds,
            resolve=self._resolve,
            tls=self._tls,
        )
        try:
            with exchange("POST", target, {"User-Agent": self._user_agent, **headers}, rules, body) as answer:
                return answer.status
        except NetworkFault as fault:
            raise DeliveryError(f"the webhook at {target.host}: {fault}", permanent=fault.refused) from fault
