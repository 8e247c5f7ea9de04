"""Email: text and HTML in one message, with one-click unsubscription (RFC 8058) and a Message-ID that retries keep."""

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, getaddresses, parseaddr

from pipeline.errors import DeliveryError, SettingsError, UsageError
from pipeline.models import Message
from pipeline.settings import SmtpSettings

_ADDRESS = re.compile(r"[^\s@<>(),:;\\\"\[\]]{1,64}@[^\s@<>(),:;\\\"\[\]?&/]{1,253}")
_ONE_URL = re.compile(r"(?:https?://|mailto:)[^\s<>,]+")
_SECONDS = 30.0
_IN_ALL = 120.0


def checked_address(address: str) -> str:
    """One plain address, ``name@host``. Raises UsageError: anything that could be more than that in a header."""
    if not _ADDRESS.fullmatch(address) or not address.isprintable():
        raise UsageError("a mail channel must be one address like mailto:desk@example.org, without anything else")
    return address


def checked_sender(sender: str) -> None:
    """Raises SettingsError: a sender that could be more than one address in a header."""
    addresses = [address for _, address in getaddresses([sender])]
    if not sender.isprintable() or len(addresses) != 1 or not _ADDRESS.fullmatch(addresses[0]):
        raise SettingsError("WIREWATCH_MAIL_FROM must be one address, like Wirewatch <alerts@example.org>")


class MailChannel:
    """Sends to one address over SMTP.

    Args:
        address: the reader's.
        smtp: the mail server.
        seconds: how long one step may take.
        tls: whom to trust; None for the public authorities.
        in_all: how many seconds a message may take, also with a server that answers one byte at a time.
    """

    def __init__(
        self,
        address: str,
        smtp: SmtpSettings,
        seconds: float = _SECONDS,
        tls: ssl.SSLContext | None = None,
        in_all: float = _IN_ALL,
    ) -> None:
        self._address = checked_address(address)
        self._smtp = smtp
        self._seconds = seconds
        self._tls = tls
        self._in_all = in_all

    def send(self, message: Message) -> None:
        """Send; returns when the server has taken it. Raises DeliveryError; permanent where it refuses for good."""
        mail = compose(message, self._address, self._smtp.sender)
        server = f"the mail server {self._smtp.host}:{self._smtp.port}"
        try:
            with self._connection() as connection, _Session(connection, self._smtp, self._seconds) as session:
                self._secure(session)
                session.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            status, text = error.recipients[self._address]
            raise _refused(f"{server} refuses {self._address}", status, text) from error
        except smtplib.SMTPDataError as error:
            raise _refused(f"{server} refuses the message", error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPAuthenticationError as error:
            raise DeliveryError(f"{server} refuses our user name or password; correct the settings") from error
        except smtplib.SMTPSenderRefused as error:
            raise _refused(
                f"{server} refuses the sender {self._smtp.sender}", error.smtp_code, error.smtp_error, False
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryError(f"{server} cannot do what is asked of it: {error}; correct the settings") from error
        except smtplib.SMTPException as error:
            raise DeliveryError(f"{server} broke off: {_plain(error)}") from error
        except OSError as error:
            raise DeliveryError(f"{server} cannot be reached: {_plain(error)}") from error

    @contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        """A connection that is cut when the time for it is over, whatever it is used for by then."""
        plain = socket.create_connection((self._smtp.host, self._smtp.port), self._seconds)
        cutter = plain.dup()  # stays the same connection when TLS takes the first one over
        timer = threading.Timer(self._in_all, _cut, [cutter])
        timer.daemon = True
        timer.start()
        try:
            if self._smtp.security == "tls":
                yield self._context().wrap_socket(plain, server_hostname=self._smtp.host)
            else:
                yield plain
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            if timer.is_alive():
                raise
            raise TimeoutError(f"not done in {self._in_all:.0f} s") from error
        finally:
            timer.cancel()
            cutter.close()
            plain.close()

    def _secure(self, session: smtplib.SMTP) -> None:
        """Never a password in the clear where the server offers better, whether the settings ask for it or not."""
        session.ehlo_or_helo_if_needed()
        offered = self._smtp.user is not None and self._smtp.security == "none" and session.has_extn("starttls")
        if self._smtp.security == "starttls" or offered:
            session.starttls(context=self._context())
        if self._smtp.user is not None:
            session.login(self._smtp.user, self._smtp.password or "")

    def _context(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()


class _Session(smtplib.SMTP):
    """A session over a connection that is there already."""

    def __init__(self, connection: socket.socket, smtp: SmtpSettings, seconds: float) -> None:
        self._connection = connection
        name = parseaddr(smtp.sender)[1].rpartition("@")[2] or None
        super().__init__(smtp.host, smtp.port, name, timeout=seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._connection


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        connection.shutdown(socket.SHUT_RDWR)


def compose(message: Message, address: str, sender: str) -> EmailMessage:
    """The mail for a message. Raises DeliveryError (permanent): a header that would be more than one line."""
    mail = EmailMessage(policy=SMTP)
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    try:
        mail["Subject"] = message.subject
        mail["From"] = sender
        mail["To"] = address
        mail["Message-ID"] = f"<{message.key}@{domain}>"
        mail["Date"] = formatdate()
        mail["Auto-Submitted"] = "auto-generated"
        if message.unsubscribe_url is not None:
            if not _ONE_URL.fullmatch(message.unsubscribe_url):
                raise ValueError("the address to unsubscribe at is not one")
            mail["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
            if message.unsubscribe_url.startswith("https://"):
                mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(message.text, cte="quoted-printable")
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
        mail.as_bytes()
    except (ValueError, MessageError) as error:
        raise DeliveryError(f"the mail to {address} cannot be composed: {error}", permanent=True) from error
    return mail


def _refused(what: str, status: int, text: bytes | str, may_be_permanent: bool = True) -> DeliveryError:
    answer = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return DeliveryError(f"{what}: {status} {answer}", permanent=may_be_permanent and status >= 500)


def _plain(error: OSError) -> str:
    return str(error).strip() or type(error).__name__
