"""Bodies read within limits, decompressed as they come, so that a small bomb never unfolds."""

import zlib
from collections.abc import Iterable

from pipeline.fetch.transport import NetworkFault

_GZIP = zlib.MAX_WBITS | 16
_GZIP_MAGIC = b"\x1f\x8b"


def read_body(chunks: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """The whole body, decoded. limit: bytes, of what is sent and of what it decodes to.

    encoding: the Content-Encoding header; we ask for gzip and understand nothing else.
    Raises NetworkFault: too large, cut short, not what its encoding says, or in one that was not asked for.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return _plain(chunks, limit)
        case "gzip" | "x-gzip":
            return _gunzip(chunks, limit)
        case other:
            raise NetworkFault(f"it is compressed as {other!r}, although only gzip was asked for")


def _plain(chunks: Iterable[bytes], limit: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        _check(len(body), limit)
    return bytes(body)


def _gunzip(chunks: Iterable[bytes], limit: int) -> bytes:
    inflater, body, sent = zlib.decompressobj(_GZIP), bytearray(), 0
    for chunk in chunks:
        sent += len(chunk)
        _check(sent, limit)
        pending = chunk
        while pending:
            if inflater.eof:  # what follows is a further member, or padding, which servers do send
                if not pending.startswith(_GZIP_MAGIC):
                    break
                inflater = zlib.decompressobj(_GZIP)
            try:
                body += inflater.decompress(pending, limit + 1 - len(body))
            except zlib.error as error:
                raise NetworkFault(f"its gzip compression is broken ({error})") from error
            _check(len(body), limit)
            pending = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    if not inflater.eof:
        raise NetworkFault("its gzip compression ends too early: the answer was cut short")
    return bytes(body)


def _check(size: int, limit: int) -> None:
    if size > limit:
        raise NetworkFault(f"it is larger than the {limit / 2**20:g} MB that it may have")
