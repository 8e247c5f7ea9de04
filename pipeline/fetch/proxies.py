"""By which proxy an address is reached, as HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.request import getproxies_environment

import httpx

from pipeline.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Proxies:
    """Proxies by the scheme of the address that is asked.

    Attributes:
        by_scheme: "http", "https" or "all" -> the proxy's URL.
        direct: hosts that are reached without a proxy, with all their subdomains; "*" for every host.
    """

    by_scheme: Mapping[str, str] = field(default_factory=dict)
    direct: tuple[str, ...] = ()

    def proxy_for(self, url: httpx.URL) -> str | None:
        """The URL of the proxy for an address; None to reach it directly."""
        proxy = self.by_scheme.get(url.scheme) or self.by_scheme.get("all")
        return None if proxy is None or any(_covers(name, url) for name in self.direct) else proxy


def environment_proxies() -> Proxies:
    """The proxies that the environment names.

    Raises:
        SettingsError: a proxy is of another kind than http or https, or its address is no URL.
    """
    named = getproxies_environment()
    schemes = named.keys() & {"http", "https", "all"}
    proxies = {scheme: _checked_proxy(scheme, named[scheme]) for scheme in schemes}
    direct = [name.strip().lower().lstrip(".") for name in named.get("no", "").split(",")]
    return Proxies(proxies, tuple(filter(None, direct)))


def _covers(name: str, url: httpx.URL) -> bool:
    """Whether an entry of NO_PROXY, a host with or without a port, covers an address."""
    host = url.host.lower()
    return name == "*" or any(known == name or known.endswith(f".{name}") for known in (host, f"{host}:{url.port}"))


def _checked_proxy(scheme: str, proxy: str) -> str:
    variable = f"{scheme.upper()}_PROXY"
    address = proxy if "://" in proxy else f"http://{proxy}"
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise SettingsError(f"{variable} names no proxy ({error}); write http://host:port") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError(f"{variable} must name an http or https proxy, not {url.scheme}; write http://host:port")
    return address
