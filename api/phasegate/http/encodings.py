"""The body of a request, decompressed where it came compressed, and never a byte more than is read uncompressed.

One encoding, one stream: what follows the first gzip member or zstd frame some readers read and some don't, so it is
refused, and so is what ends early.
"""

import zlib
from collections.abc import Callable
from typing import Any

from phasegate.errors import Malformed, TooLarge, UnknownEncoding
from phasegate.http.services import Call, services

_WINDOW = 8 * 1024 * 1024
"""Of zstd, in bytes: what RFC 9659 allows over HTTP."""
_STEP = 512
"""Compressed bytes that are given to zstd at once. It can't be told to stop, and makes at most 16 MiB of these."""


async def body_of(request: Call) -> bytes:
    """The body, decoded. Raises `UnknownEncoding`, `Malformed` or `TooLarge`."""
    stated = ",".join(request.headers.getall("content-encoding", ["identity"]))
    decode = _DECODERS.get(stated.strip().lower())
    if decode is None:
        raise UnknownEncoding("send the body as it is, or under one Content-Encoding: gzip or zstd")
    return decode(await request.body(), services(request).settings.largest_body)


def _as_it_is(raw: bytes, most: int) -> bytes:
    return raw


def _gunzipped(raw: bytes, most: int) -> bytes:
    stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        found = stream.decompress(raw, most + 1)
    except zlib.error:
        raise _broken("gzip") from None
    return _whole(found, most, "gzip", stream)


def _unzstd(raw: bytes, most: int) -> bytes:
    import zstandard

    stream = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
    found = bytearray()
    try:
        for piece in (raw[at : at + _STEP] for at in range(0, len(raw), _STEP)):
            if stream.eof:
                raise _trailing("zstd")
            found += stream.decompress(piece)
            if len(found) > most:
                raise _too_large(most)
    except zstandard.ZstdError:
        raise _broken("zstd") from None
    return _whole(bytes(found), most, "zstd", stream)


def _whole(found: bytes, most: int, encoding: str, stream: Any) -> bytes:
    """What was found, where it is all of it and nothing stands behind it."""
    if len(found) > most:
        raise _too_large(most)
    if not stream.eof:
        raise _broken(encoding)
    if stream.unused_data:
        raise _trailing(encoding)
    return found


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"the body is larger than {most:,} bytes once it is decompressed")


def _broken(encoding: str) -> Malformed:
    told = f"names {encoding}, and the body is no whole {encoding} stream; compress it again, or send it as it is"
    return Malformed.at("Content-Encoding", told)


def _trailing(encoding: str) -> Malformed:
    return Malformed.at(
        "Content-Encoding", f"names {encoding}, and the body goes on behind its stream; send one stream alone"
    )


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "identity": _as_it_is,
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "zstd": _unzstd,
}
