"""Bodies read within limits and decompressed as they come, so that a small bomb never unfolds."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import brotli
import zstandard

from pipeline.fetch.guarded_network import NetworkFault

ACCEPTED_ENCODINGS = "gzip, deflate, br, zstd"

_GZIP = zlib.MAX_WBITS | 16
_GZIP_MAGIC = b"\x1f\x8b"
_RAW_DEFLATE = -zlib.MAX_WBITS
_ZSTD_SLICE = 512  # bytes: decompressed at once, they grow to 17 MB at most (128 KiB per block of 4 bytes)
_ZSTD_WINDOW = 2**23  # bytes: the most that RFC 9659 allows for HTTP


class _Decoder(Protocol):
    def decode(self, chunk: bytes, room: int) -> Iterator[bytes]:
        """Decode a chunk in pieces; a piece is hardly longer than ``room`` bytes.

        Raises:
            ValueError: the compression is broken.
        """

    def is_complete(self) -> bool:
        """Whether what was decoded so far is whole."""


def read_body(chunks: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """Read a whole body and decode it.

    Args:
        chunks: the body as sent.
        encoding: the Content-Encoding header; several encodings are undone from the last to the first.
        limit: bytes, of what is sent and of what it decodes to.

    Raises:
        NetworkFault: it is too large, cut short, not what its encoding says, or in an unknown encoding.
    """
    body = bytearray()
    for chunk in _within(_decoded(_within(chunks, limit), encoding, limit), limit):
        body += chunk
    return bytes(body)


def _within(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise NetworkFault(f"it is larger than the {limit / 2**20:g} MB that it may have")
        yield chunk


def _decoded(chunks: Iterable[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    names = [name for part in encoding.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if len(names) > 2:
        raise NetworkFault(f"it is compressed {len(names)} times over")
    for name in reversed(names):
        chunks = _decompressed(chunks, name, limit)
    yield from chunks


def _decompressed(chunks: Iterable[bytes], name: str, limit: int) -> Iterator[bytes]:
    decoder, is_empty = _decoder(name), True
    try:
        for chunk in chunks:
            is_empty = is_empty and not chunk
            yield from decoder.decode(chunk, limit + 1)
    except ValueError as error:
        raise NetworkFault(f"its {name} compression is broken ({error})") from error
    if not is_empty and not decoder.is_complete():
        raise NetworkFault(f"its {name} compression ends too early: the answer was cut short")


def _decoder(name: str) -> _Decoder:
    match name:
        case "gzip" | "x-gzip":
            return _Gzip()
        case "deflate":
            return _Deflate()
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstandard()
        case _:
            raise NetworkFault(f"it is compressed as {name!r}, which was not asked for")


class _Gzip:
    """Gzip in one or several members; padding behind the last one, which servers do send, is dropped."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(_GZIP)

    def decode(self, chunk: bytes, room: int) -> Iterator[bytes]:
        pending = chunk
        while pending:
            if self._inflater.eof:
                if not pending.startswith(_GZIP_MAGIC):
                    return
                self._inflater = zlib.decompressobj(_GZIP)
            try:
                yield self._inflater.decompress(pending, room)
            except zlib.error as error:
                raise ValueError(str(error)) from error
            pending = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail

    def is_complete(self) -> bool:
        return self._inflater.eof


class _Deflate:
    """Deflate in zlib's wrapping, or bare, as some servers send it against RFC 9110."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj()
        self._is_first = True

    def decode(self, chunk: bytes, room: int) -> Iterator[bytes]:
        pending = chunk
        while pending and not self._inflater.eof:
            try:
                piece = self._inflater.decompress(pending, room)
            except zlib.error as error:
                if not self._is_first:
                    raise ValueError(str(error)) from error
                self._inflater = zlib.decompressobj(_RAW_DEFLATE)
                self._is_first = False
                continue
            self._is_first = False
            yield piece
            pending = self._inflater.unconsumed_tail

    def is_complete(self) -> bool:
        return self._inflater.eof


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def decode(self, chunk: bytes, room: int) -> Iterator[bytes]:
        pending = chunk
        try:
            yield self._decompressor.process(pending, output_buffer_limit=room)
            while not self._decompressor.can_accept_more_data():
                yield self._decompressor.process(b"", output_buffer_limit=room)
        except brotli.error as error:
            raise ValueError(str(error)) from error

    def is_complete(self) -> bool:
        return bool(self._decompressor.is_finished())


class _Zstandard:
    """Zstandard in one or several frames, decompressed by small slices, since its library takes no limit."""

    def __init__(self) -> None:
        self._frames = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._frame = self._frames.decompressobj()

    def decode(self, chunk: bytes, room: int) -> Iterator[bytes]:
        for start in range(0, len(chunk), _ZSTD_SLICE):
            pending = chunk[start : start + _ZSTD_SLICE]
            while pending:
                if self._frame.eof:
                    self._frame = self._frames.decompressobj()
                try:
                    yield self._frame.decompress(pending)
                except zstandard.ZstdError as error:
                    raise ValueError(str(error)) from error
                pending = self._frame.unused_data if self._frame.eof else b""

    def is_complete(self) -> bool:
        return bool(self._frame.eof)
