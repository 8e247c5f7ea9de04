"""Which network addresses may be reached: a feed must not make us ask our own network on its behalf (SSRF)."""

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable

# A name and a port -> the addresses to try in turn. Raises OSError where the name is unknown.
Resolver = Callable[[str, int, float], list[str]]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_private(address: str) -> bool:
    """Whether an IP address is anything but a public host's: private, loopback, link-local, multicast, reserved.

    An IPv4 address wrapped in IPv6 (mapped, 6to4, NAT64) counts as what it wraps. Raises ValueError for a name.
    """
    ip = _unwrap(address)
    return not ip.is_global or ip.is_multicast


def is_reachable(address: str, private: bool) -> bool:
    """Whether an address may be asked. Link-local ones, where clouds keep their metadata and its keys, never may."""
    ip = _unwrap(address)
    never = ip.is_link_local or ip.is_multicast or ip.is_unspecified
    return not never and (private or not is_private(address))


def _unwrap(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """The system resolver's answer within a time limit, which ``getaddrinfo`` itself does not have.

    Raises OSError: the name is unknown, or the answer did not come in time (TimeoutError).
    """
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers_of_system = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            answers.put(error)
        except UnicodeError:
            answers.put(OSError("the host name is not a valid one"))
        else:
            answers.put(list(dict.fromkeys(str(address[0]) for _, _, _, _, address in answers_of_system)))

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"the name {host} was not resolved in {seconds:.0f} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer
