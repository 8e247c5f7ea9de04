"""How a tagging process and its parent talk: length-prefixed pickles over pipes, which are never stored.

Both ends are the same program on the same machine; the parent starts the child itself.
"""

import pickle
import struct
from typing import IO, Any

_HEADER = struct.Struct("<Q")


def pack(value: object) -> bytes:
    """One value as the bytes of a frame."""
    return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)


def unpack(frame: bytes) -> Any:
    """The value that ``pack`` was given."""
    return pickle.loads(frame)


def write_frame(stream: IO[bytes], frame: bytes) -> None:
    """Send one frame.

    Raises:
        BrokenPipeError: The other side is gone.
    """
    stream.write(_HEADER.pack(len(frame)))
    stream.write(frame)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes:
    """Receive one frame.

    Raises:
        EOFError: The other side is gone.
    """
    (size,) = _HEADER.unpack(_exactly(stream, _HEADER.size))
    return _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError("the other side closed the pipe")
    return data
