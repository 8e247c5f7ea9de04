"""A file of JSON lines that several processes append to, each line once, whatever is killed when."""

import fcntl
import json
import mmap
import os
from pathlib import Path

from pipeline.errors import DeliveryError
from pipeline.models import Message

_LONGEST_LINE = 1_000_000  # bytes read to see whether a file is of ours


class FileChannel:
    """Appends each message once, as one JSON line, whoever else appends."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: Message) -> None:
        """Append and sync to disk. Raises DeliveryError."""
        line = json.dumps(dict(message.data) | {"key": message.key, "subject": message.subject}, ensure_ascii=False)
        try:
            append_once(self._path, message.key, line.encode("utf-8", "replace"))
        except OSError as error:
            raise DeliveryError(f"{self._path} cannot be written: {error.strerror}; make room or allow it") from error


def append_once(path: Path, key: str, line: bytes) -> bool:
    """Append a JSON object that has this ``key``, and sync; False if the file has a line with that key already.

    A torn line that a crash left at the end is cut off first, and so is our own if the disk fills up.

    Raises:
        DeliveryError: the file holds something else, such as the store: nothing is written over.
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _check_holds_messages(handle, path)
        end = _whole_lines(handle)
        if end and _has(handle, end, key):
            return False
        os.ftruncate(handle, end)
        try:
            _write(handle, line + b"\n", end)
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, end)
            raise
        return True
    finally:
        os.close(handle)


def _check_holds_messages(handle: int, path: Path) -> None:
    """Look at the first line: an alert is a JSON object with a key; a torn one begins as an object does."""
    first = os.pread(handle, _LONGEST_LINE, 0)
    beginning, newline, _ = first.partition(b"\n")
    try:
        line = json.loads(beginning)
        ours = isinstance(line, dict) and "key" in line
    except ValueError:  # torn, or longer than what was read
        ours = beginning.startswith(b"{") and not newline
    if first and not ours:
        raise DeliveryError(f"{path} holds something other than alerts; choose another file")


def _whole_lines(handle: int) -> int:
    """Where the last whole line ends."""
    size = os.fstat(handle).st_size
    if size == 0:
        return 0
    with mmap.mmap(handle, size, access=mmap.ACCESS_READ) as content:
        return content.rfind(b"\n") + 1


def _has(handle: int, end: int, key: str) -> bool:
    """Inside a JSON string every quote is escaped, so that this can only be the member itself."""
    member = f'"key": {json.dumps(key)}'.encode()
    with mmap.mmap(handle, end, access=mmap.ACCESS_READ) as content:
        return content.find(member) >= 0


def _write(handle: int, content: bytes, offset: int) -> None:
    while content:
        written = os.pwrite(handle, content, offset)
        content, offset = content[written:], offset + written
