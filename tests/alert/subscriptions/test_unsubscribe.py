"""One click stops one channel of one subscription; nobody can make such an address but us."""

import pytest

from pipeline.alert.channels.mail import compose
from pipeline.alert.subscriptions.unsubscribe import channel_of_digest, read_token, token, unsubscribe_address
from pipeline.errors import UsageError
from tests.alert.samples import delivery, message, subscription

SECRET = "s3cret"
A, B = "mailto:a@example.org", "mailto:b@example.org"


def test_a_token_names_one_channel_without_telling_it() -> None:
    signed = token(7, A, SECRET)
    number, mark = read_token(signed, SECRET)
    assert number == 7
    assert channel_of_digest(subscription(7, channels=(B, A)), mark) == A
    assert channel_of_digest(subscription(7, channels=(B,), stopped=(A,)), mark) == A
    assert channel_of_digest(subscription(7, channels=(B,)), mark) is None
    assert "example" not in signed
    assert signed != token(7, B, SECRET) != token(8, B, SECRET)


@pytest.mark.parametrize(
    "wrong", ["", "7", token(7, A, "other"), token(7, A, SECRET)[:-1], "8" + token(7, A, SECRET)[1:]]
)
def test_other_tokens_are_refused(wrong: str) -> None:
    with pytest.raises(UsageError, match="unsubscribe"):
        read_token(wrong, SECRET)


def test_the_address_is_ours_or_a_mail_to_us() -> None:
    line = delivery(subscription_id=7, channel=A)
    signed = token(7, A, SECRET)
    assert unsubscribe_address(line, "https://w.example/", SECRET, None) == f"https://w.example/unsubscribe/{signed}"
    by_mail = unsubscribe_address(line, None, SECRET, "Wirewatch <alerts@w.example>")
    assert by_mail == f"mailto:alerts@w.example?subject=unsubscribe%20{signed}"
    assert unsubscribe_address(line, None, SECRET, None) is None
    assert unsubscribe_address(delivery(channel="file:a.jsonl"), "https://w.example", SECRET, None) is None
    assert unsubscribe_address(delivery(channel="ntfy://topic"), None, SECRET, "alerts@w.example") is None


@pytest.mark.parametrize(
    ("url", "one_click"),
    [("https://w.example/unsubscribe/7-a", True), ("http://w.example/u", False), ("mailto:alerts@w.example", False)],
)
def test_mail_programs_are_told_how(url: str, one_click: bool) -> None:
    mail = compose(message(unsubscribe_url=url), "a@example.org", "Wirewatch <alerts@w.example>")
    assert mail["List-Unsubscribe"] == f"<{url}>"
    assert mail["List-Unsubscribe-Post"] == ("List-Unsubscribe=One-Click" if one_click else None)
