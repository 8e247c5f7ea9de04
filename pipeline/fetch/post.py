"""Webhooks posted under the same guard as fetches: limits, and no way into the private network unless allowed."""

from collections.abc import Collection, Mapping
from pathlib import Path

import httpx

from pipeline.errors import DeliveryError, FetchError
from pipeline.fetch.addresses import Resolver, is_reachable, resolve
from pipeline.fetch.http import checked_url
from pipeline.fetch.transport import USER_AGENT, Deadline, NetworkFault, Rules, exchange


class Poster:
    """Posts to webhooks; redirects are not followed. Safe for several threads; holds no connections.

    allow_private: whether addresses of private networks may be posted to; hosts: names for which they may in any case.
    seconds: what one post may take in all.
    """

    def __init__(
        self,
        user_agent: str = USER_AGENT,
        allow_private: bool = False,
        seconds: float = 30.0,
        ca: Path | None = None,
        resolve: Resolver = resolve,
        hosts: Collection[str] = (),
    ) -> None:
        self._user_agent = user_agent
        self._allow_private = allow_private
        self._hosts = frozenset(hosts)
        self._seconds = seconds
        self._resolve = resolve
        self._tls = httpx.create_ssl_context()
        if ca is not None:
            self._tls.load_verify_locations(ca)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post and return the status. Raises DeliveryError: no answer, or (permanent) an address that may not be asked.

        Its text does not name the address: webhook addresses are secrets.
        """
        target = _checked(url)
        rules = Rules(
            deadline=Deadline(self._seconds),
            private=self._may_be_private(target.host),
            patience=self._seconds,
            resolve=self._resolve,
            tls=self._tls,
        )
        try:
            with exchange("POST", target, {"User-Agent": self._user_agent, **headers}, rules, body) as answer:
                return answer.status
        except NetworkFault as fault:
            raise DeliveryError(f"the webhook at {target.host}: {fault}", permanent=fault.refused) from fault

    def check(self, url: str) -> None:
        """Look up where the address leads, without posting. Raises DeliveryError as ``post`` does."""
        target = _checked(url)
        port = target.port or (443 if target.scheme == "https" else 80)
        try:
            addresses = self._resolve(target.host, port, self._seconds)
        except OSError as error:
            raise DeliveryError(f"the webhook's host {target.host} is not known: {error}") from error
        if not any(is_reachable(address, self._may_be_private(target.host)) for address in addresses):
            raise DeliveryError(
                f"the webhook's host {target.host} is on a private network, which webhooks may not reach; "
                "WIREWATCH_WEBHOOK_HOSTS names those that they may",
                permanent=True,
            )

    def _may_be_private(self, host: str) -> bool:
        return self._allow_private or host.lower() in self._hosts


def _checked(url: str) -> httpx.URL:
    try:
        return checked_url(url)
    except FetchError as error:
        raise DeliveryError("the webhook's address is not valid; correct it", permanent=True) from error
