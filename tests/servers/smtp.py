"""A real SMTP server that keeps what it is sent and fails when told to.

with smtp_server() as smtp:
    smtp.fail(Stage.RECIPIENT, Refuse(451, "try again later"), times=2)
    ...                                            # the code under test delivers to smtp.host, smtp.port
    [mail] = smtp.wait_for(1)
    assert mail.message["Subject"] == "..."
"""

# aiosmtpd calls methods with the names of SMTP's commands.
# ruff: noqa: N802

import asyncio
import email
import email.message
import email.policy
import enum
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.daemon import ServerError
from tests.servers.gate import Gate
from tests.servers.loopback import HOST, free_port


class Stage(enum.Enum):
    """Where in a delivery something goes wrong."""

    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    BODY = "inside DATA, after its first line"
    REPLY = "after DATA; with Drop or Hang the message is kept and only its confirmation fails"


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with this status: 4xx for now, 5xx for good."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Cut the connection without a word."""


@dataclass(frozen=True, slots=True)
class Hang:
    """Answer nothing until the gate is released."""

    gate: Gate = field(default_factory=Gate)


Failure = Refuse | Drop | Hang


@dataclass(frozen=True, slots=True)
class Mail:
    """One message that the server took."""

    sender: str
    recipients: tuple[str, ...]
    message: email.message.EmailMessage
    raw: bytes


@dataclass(slots=True)
class _Plan:
    stage: Stage
    failure: Failure
    remaining: int | None
    recipient: str | None


class SmtpServer:
    """See the module. Safe to use from several threads.

    Args:
        tls: context for STARTTLS, or None to offer none.
        login: the one user name and password accepted, or None where anyone may send.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None) -> None:
        self.host = HOST
        self.port = free_port()
        self._tls = tls
        self._login = login
        self._changed = threading.Condition()
        self._mails: list[Mail] = []
        self._plans: list[_Plan] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._sessions: set[_Session] = set()

    @property
    def mails(self) -> Sequence[Mail]:
        """Everything taken so far, oldest first."""
        with self._changed:
            return tuple(self._mails)

    def wait_for(self, count: int, *, seconds: float = 30.0) -> Sequence[Mail]:
        """All mails, as soon as there are ``count``.

        Raises:
            ServerError: there were fewer after ``seconds``.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._mails) >= count, timeout=seconds):
                raise ServerError(f"{len(self._mails)} of {count} mails arrived within {seconds:g} s")
            return tuple(self._mails)

    def fail(self, stage: Stage, failure: Failure, *, times: int | None = None, recipient: str | None = None) -> None:
        """From now on fail at ``stage``.

        Args:
            stage: where.
            failure: how.
            times: how often, or None for ever.
            recipient: only for this address (stage RECIPIENT).
        """
        if recipient is not None and stage is not Stage.RECIPIENT:
            raise ValueError(f"a recipient is known at RECIPIENT only, not at {stage.name}")
        if stage is Stage.BODY and not isinstance(failure, Drop):
            raise ValueError("inside DATA a server can only drop the connection: refuse or hang at REPLY")
        with self._changed:
            self._plans.append(_Plan(stage, failure, times, recipient))

    def recover(self) -> None:
        """Forget every failure planned, and let go what hangs."""
        with self._changed:
            plans, self._plans = self._plans, []
        for plan in plans:
            if isinstance(plan.failure, Hang):
                plan.failure.gate.release()

    def start(self) -> None:
        """Listen; the port stays the same from one start to the next."""
        loop = asyncio.new_event_loop()
        try:
            server = loop.run_until_complete(loop.create_server(lambda: _Session(self, loop), self.host, self.port))
        except OSError as error:
            loop.close()
            raise ServerError(f"SMTP cannot listen on {self.host}:{self.port}: {error}") from error
        self._loop = loop
        self._thread = threading.Thread(target=self._serve, args=(loop, server), name="smtp-server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and cut every connection; mails and planned failures stay."""
        if self._loop is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop = self._thread = None

    def _serve(self, loop: asyncio.AbstractEventLoop, server: asyncio.Server) -> None:
        asyncio.set_event_loop(loop)
        loop.run_forever()
        server.close()
        for session in tuple(self._sessions):
            session.cut()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(server.wait_closed())
        loop.close()

    def _next_failure(self, stage: Stage, recipient: str | None = None) -> Failure | None:
        with self._changed:
            for plan in self._plans:
                if plan.stage is not stage or plan.remaining == 0 or plan.recipient not in (None, recipient):
                    continue
                if plan.remaining is not None:
                    plan.remaining -= 1
                return plan.failure
        return None

    def _keep(self, envelope: Envelope) -> None:
        raw = envelope.original_content or b""
        message = email.message_from_bytes(raw, policy=email.policy.default)
        with self._changed:
            self._mails.append(Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), message, raw))
            self._changed.notify_all()

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self._login, handled=False)


class _Session(SMTP):
    """One connection; registers itself so that it can be cut."""

    def __init__(self, server: SmtpServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        super().__init__(
            _Handler(server),
            hostname="mail.example",
            enable_SMTPUTF8=True,
            tls_context=server._tls,
            require_starttls=server._tls is not None,
            auth_required=server._login is not None,
            auth_require_tls=server._tls is not None,
            authenticator=server._authenticate if server._login else None,
            loop=loop,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._server._sessions.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._server._sessions.discard(self)
        super().connection_lost(error)

    def cut(self) -> None:
        """Close the connection at once, without flushing what was written."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def smtp_DATA(self, arg: str) -> None:
        if self._server._next_failure(Stage.BODY) is None:
            await super().smtp_DATA(arg)
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        await self._reader.readline()
        await _drop(self)


class _Handler:
    """What aiosmtpd asks at every step of a delivery."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def handle_MAIL(
        self, session: _Session, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await _carry_out(self._server._next_failure(Stage.SENDER), session)
        if refusal is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refusal or "250 OK"

    async def handle_RCPT(
        self, session: _Session, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await _carry_out(self._server._next_failure(Stage.RECIPIENT, address), session)
        if refusal is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return refusal or "250 OK"

    async def handle_DATA(self, session: _Session, _: Session, envelope: Envelope) -> str:
        failure = self._server._next_failure(Stage.REPLY)
        if not isinstance(failure, Refuse):
            self._server._keep(envelope)
        return await _carry_out(failure, session) or "250 OK"


async def _carry_out(failure: Failure | None, session: _Session) -> str | None:
    """The status line to refuse with, or None to go on."""
    match failure:
        case Refuse(status, text):
            return f"{status} {text}"
        case Drop():
            await _drop(session)
        case Hang(gate):
            await gate.hold_async()
    return None


async def _drop(session: _Session) -> None:
    session.cut()
    # Nothing more may be written; the session ends when the loop notices that its connection has gone.
    await asyncio.get_running_loop().create_future()


@contextmanager
def smtp_server(*, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None) -> Iterator[SmtpServer]:
    """A listening server; see ``SmtpServer`` for the arguments."""
    server = SmtpServer(tls=tls, login=login)
    server.start()
    try:
        yield server
    finally:
        server.stop()
