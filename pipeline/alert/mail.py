"""Email: text and HTML in one message, with one-click unsubscription (RFC 8058) and a Message-ID that retries keep."""

import re
import smtplib
import ssl
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr

from pipeline.errors import DeliveryError, UsageError
from pipeline.models import Message
from pipeline.settings import SmtpSettings

_ADDRESS = re.compile(r"[^\s@<>(),:;\\\"\[\]]{1,64}@[^\s@<>(),:;\\\"\[\]?&/]{1,253}")
_ONE_URL = re.compile(r"https?://[^\s<>,]+")
_SECONDS = 30.0


def checked_address(address: str) -> str:
    """One plain address, ``name@host``. Raises UsageError: anything that could be more than that in a header."""
    if not _ADDRESS.fullmatch(address) or not address.isprintable():
        raise UsageError("a mail channel must be one address like mailto:desk@example.org, without anything else")
    return address


class MailChannel:
    """Sends to one address over SMTP. seconds: how long one step may take. tls: whom to trust."""

    def __init__(
        self, address: str, smtp: SmtpSettings, seconds: float = _SECONDS, tls: ssl.SSLContext | None = None
    ) -> None:
        self._address = checked_address(address)
        self._smtp = smtp
        self._seconds = seconds
        self._tls = tls

    def send(self, message: Message) -> None:
        """Send; returns when the server has taken it. Raises DeliveryError; permanent where it refuses for good."""
        mail = compose(message, self._address, self._smtp.sender)
        server = f"the mail server {self._smtp.host}:{self._smtp.port}"
        try:
            with self._connect() as session:
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

    def _connect(self) -> smtplib.SMTP:
        name = self._smtp.sender.rpartition("@")[2].rstrip(">") or None
        if self._smtp.security == "tls":
            return smtplib.SMTP_SSL(
                self._smtp.host, self._smtp.port, name, timeout=self._seconds, context=self._context()
            )
        return smtplib.SMTP(self._smtp.host, self._smtp.port, name, timeout=self._seconds)

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
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return DeliveryError(f"{what}: {status} {said}", permanent=may_be_permanent and status >= 500)


def _plain(error: OSError) -> str:
    return str(error).strip() or type(error).__name__
