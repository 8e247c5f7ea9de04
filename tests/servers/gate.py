"""A held answer: a server waits at it until the test lets it go on."""

import asyncio
import contextlib
from concurrent.futures import Future


class Gate:
    """Closed when made. Everyone who came to it, and everyone who comes later, goes on once it is released."""

    def __init__(self) -> None:
        self._reached: Future[None] = Future()
        self._released: Future[None] = Future()

    def release(self) -> None:
        """Let everyone through; again does no harm."""
        if not self._released.done():
            self._released.set_result(None)

    def wait_reached(self, seconds: float = 30.0) -> None:
        """Return once a request is held here.

        Raises:
            TimeoutError: none came within ``seconds``.
        """
        self._reached.result(timeout=seconds)

    def hold(self) -> None:
        """Wait, in a thread of the server."""
        self._note_arrival()
        self._released.result()

    async def hold_async(self) -> None:
        """Wait, in the server's event loop."""
        self._note_arrival()
        loop = asyncio.get_running_loop()
        go_on = asyncio.Event()

        def let_go(_: Future[None]) -> None:
            # The loop may have closed in the meantime, and then nobody waits.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(go_on.set)

        self._released.add_done_callback(let_go)
        await go_on.wait()

    def _note_arrival(self) -> None:
        if not self._reached.done():
            self._reached.set_result(None)
