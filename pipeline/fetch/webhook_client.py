"""Webhooks posted under the same guard as fetches: limits, and no way into the private network unless allowed."""

from collections.abc import Collection, Mapping
from pathlib import Path

import httpx

from pipeline.errors import DeliveryError, FetchError
from pipeline.fetch.addresses import Resolver, is_reachable, resolve
from pipeline.fetch.guarded_network import Deadline, NetworkFault, RequestPolicy
from pipeline.fetch.http_client import checked_url
from pipeline.fetch.proxies import Proxies
from pipeline.fetch.transport import USER_AGENT, Transport, port_of, tls_context


class WebhookClient:
    """Posts to webhooks; redirects are not followed. Safe for several threads.

    It keeps no connections. On a kept one that breaks, nobody knows whether the post was received.

    Args:
        user_agent: how we present ourselves.
        allow_private: whether addresses of private networks may be posted to.
        seconds: what one post may take in all.
        ca: a PEM file with authorities to trust beside the public ones.
        resolve: the name resolver.
        hosts: the names of hosts that may be private in any case.
        proxies: by which proxy an address is reached.
    """

    def __init__(
        self,
        user_agent: str = USER_AGENT,
        allow_private: bool = False,
        seconds: float = 30.0,
        ca: Path | None = None,
        resolve: Resolver = resolve,
        hosts: Collection[str] = (),
        proxies: Proxies | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._allow_private = allow_private
        self._hosts = frozenset(hosts)
        self._seconds = seconds
        self._resolve = resolve
        self._transport = Transport(tls_context(ca), proxies or Proxies(), keep_connections=False)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post a message.

        Returns:
            The HTTP status.

        Raises:
            DeliveryError: there is no answer, or (permanent) the address may not be asked. Its text does not name the
                address: webhook addresses are secrets.
        """
        target = _checked(url)
        policy = RequestPolicy(
            deadline=Deadline(self._seconds),
            private=self._may_be_private(target.host),
            read_timeout=self._seconds,
            resolve=self._resolve,
        )
        try:
            sent = {"User-Agent": self._user_agent, **headers}
            with self._transport.send("POST", target, sent, policy, body) as answer:
                return answer.status
        except NetworkFault as fault:
            raise DeliveryError(f"the webhook at {target.host}: {fault}", permanent=fault.refused) from fault

    def check(self, url: str) -> None:
        """Look up where the address leads, without posting. Raises DeliveryError as ``post`` does."""
        target = _checked(url)
        try:
            addresses = self._resolve(target.host, port_of(target), self._seconds)
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
