"""What counts as private."""

import pytest

from pipeline.fetch.addresses import is_private, is_reachable, resolve


@pytest.mark.parametrize(
    ("address", "private", "reachable"),
    [
        ("8.8.8.8", False, True),
        ("2606:4700::1111", False, True),
        ("127.0.0.1", True, True),
        ("10.1.2.3", True, True),
        ("172.16.0.1", True, True),
        ("192.168.1.1", True, True),
        ("100.64.0.1", True, True),
        ("::1", True, True),
        ("fd00::1", True, True),
        ("::ffff:10.0.0.1", True, True),
        ("64:ff9b::a00:1", True, True),
        ("2002:a00:1::", True, True),
        ("::ffff:8.8.8.8", False, True),
        ("169.254.169.254", True, False),
        ("fe80::1%eth0", True, False),
        ("0.0.0.0", True, False),
        ("::", True, False),
        ("224.0.0.1", True, False),
        ("255.255.255.255", True, True),
    ],
)
def test_addresses(address: str, private: bool, reachable: bool) -> None:
    assert is_private(address) is private
    assert is_reachable(address, private=True) is reachable
    assert is_reachable(address, private=False) is (not private)


def test_the_system_resolver_knows_this_machine() -> None:
    assert resolve("127.0.0.1", 80, 10) == ["127.0.0.1"]
    assert all(is_private(address) for address in resolve("localhost", 80, 10))


@pytest.mark.parametrize("number", ["0x7f.1", "2130706433", "127.1"])
def test_odd_spellings_of_addresses_are_seen_through(number: str) -> None:
    assert resolve(number, 80, 10) == ["127.0.0.1"]
