"""Compressed bodies: what is read of them, and what a hostile one costs."""

import gzip
import io
import json
import random
import time
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import zstandard

from phasegate.errors import Malformed, TooLarge
from phasegate.http.encodings import _DECODERS
from tests.support.policies import document, junit
from tests.support.problems import problem
from tests.support.world import World

MIB = 1024 * 1024
LARGEST = 10 * MIB
XML = {"Content-Type": "application/xml"}
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "zstd": zstandard.compress,
}
ENCODINGS = pytest.mark.parametrize("encoding", COMPRESS)


@pytest.fixture
def path(world: World) -> str:
    return world.release()


def send(world: World, path: str, content: bytes, encoding: str | list[str], **more: str) -> Any:
    stated = [encoding] if isinstance(encoding, str) else encoding
    headers = [*XML.items(), ("Authorization", f"Bearer {world.admin}"), *(("Content-Encoding", e) for e in stated)]
    answer = world.http.post(f"{path}/evidence?type=unit-tests", content=content, headers=headers)
    assert answer.status_code < 500
    return answer


class TestWhatIsRead:
    @ENCODINGS
    def test_the_file_inside(self, world: World, path: str, encoding: str) -> None:
        """It is the same record as the file sent plainly, and the bytes kept are those of the file."""
        first = send(world, path, COMPRESS[encoding](junit(3)), encoding)
        assert first.status_code == 201, first.text
        again = world.post(f"{path}/evidence?type=unit-tests", junit(3), headers=XML)
        assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
        assert world.get(f"/v1/evidence/{first.json()['id']}/raw").content == junit(3)

    @pytest.mark.parametrize("encoding", ["identity", "Identity", " GZIP ", "ZStd"])
    def test_names_in_any_case(self, world: World, path: str, encoding: str) -> None:
        compress = COMPRESS.get(encoding.strip().lower(), bytes)
        assert send(world, path, compress(junit(3)), encoding).status_code == 201

    def test_a_policy(self, world: World) -> None:
        headers = {"Content-Encoding": "gzip"}
        raw = gzip.compress(b"policy: [")
        problem(world.post("/v1/policies", raw, headers=headers | {"Content-Type": "application/yaml"}), 400)

        sent = gzip.compress(json.dumps(document("squeezed")).encode())
        assert world.post("/v1/policies", sent, headers=headers).status_code == 201

    def test_of_streams_in_pieces(self, world: World, path: str) -> None:
        """As `zstd` writes to a pipe: no size in the header, several blocks."""
        stream = zstandard.ZstdCompressor().compressobj()
        raw = junit(2_000)
        content = stream.compress(raw[:9_000]) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        content += stream.compress(raw[9_000:]) + stream.flush()
        assert send(world, path, content, "zstd").status_code == 201


class TestRefused:
    @pytest.mark.parametrize(
        "encoding",
        ["br", "deflate", "compress", "gzip, gzip", "identity, gzip", "gzip,", "", "*", "gzip;q=1", "x" * 500,
         ["gzip", "gzip"], ["identity", "gzip"], ["identity", "identity"]],
    )  # fmt: skip
    def test_another_encoding_or_several(self, world: World, path: str, encoding: str | list[str]) -> None:
        answer = send(world, path, gzip.compress(junit(3)), encoding)
        problem(answer, 415, "unsupported_media_type")
        assert answer.headers["accept-encoding"] == "gzip, zstd"

    def test_another_content_type_names_no_encodings(self, world: World) -> None:
        answer = world.post("/v1/policies", b"x", headers={"Content-Type": "text/plain"})
        problem(answer, 415)
        assert "accept-encoding" not in answer.headers

    @ENCODINGS
    def test_what_is_no_whole_stream(self, world: World, path: str, encoding: str) -> None:
        whole = COMPRESS[encoding](junit(3))
        changed = bytearray(whole)
        changed[len(whole) // 2] ^= 0xFF
        changed[-1] ^= 0xFF
        broken = [b"", b"x", junit(3), whole[:-1], whole[:-8], whole[: len(whole) // 2], whole[:3]]
        if encoding != "zstd":
            broken += [bytes(changed), whole[:-1] + b"\1", zlib.compress(junit(3))]  # zstd.compress writes no checksum
        for raw in broken:
            body = problem(send(world, path, raw, encoding), 400, "malformed")
            assert "compress it again" in body["detail"]
        assert world.count("evidence") == 0

    @ENCODINGS
    def test_what_stands_behind_the_stream(self, world: World, path: str, encoding: str) -> None:
        """A second stream too: one reader would take both, another the first alone."""
        compress = COMPRESS[encoding]
        for tail in (b"x", b"\0", compress(b""), compress(junit(3)), b"\0" * 5_000):
            problem(send(world, path, compress(junit(3)) + tail, encoding), 400, "malformed")
        assert world.count("evidence") == 0

    def test_frames_that_hold_nothing(self, world: World, path: str) -> None:
        skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
        problem(send(world, path, skippable, "zstd"), 422, "invalid")  # an empty file
        problem(send(world, path, skippable + zstandard.compress(junit(3)), "zstd"), 400, "malformed")

    def test_a_window_that_is_too_wide(self, world: World, path: str) -> None:
        wide = zstandard.ZstdCompressionParameters(window_log=27)
        stream = zstandard.ZstdCompressor(compression_params=wide).compressobj()
        content = stream.compress(junit(3)) + stream.flush()
        problem(send(world, path, content, "zstd"), 400, "malformed")

    @ENCODINGS
    def test_too_large_inside(self, world: World, path: str, encoding: str) -> None:
        body = problem(send(world, path, COMPRESS[encoding](b" " * (LARGEST + 1)), encoding), 413, "too_large")
        assert "10,485,760 bytes once it is decompressed" in body["detail"]

    def test_too_large_outside(self, world: World, path: str) -> None:
        problem(send(world, path, b"\x1f\x8b" + b"x" * LARGEST, "gzip"), 413, "too_large")

    @ENCODINGS
    def test_the_limit_itself_is_read(self, encoding: str) -> None:
        raw = b"x" * LARGEST
        assert _DECODERS[encoding](COMPRESS[encoding](raw), LARGEST) == raw
        with pytest.raises(TooLarge):
            _DECODERS[encoding](COMPRESS[encoding](raw + b"x"), LARGEST)


def _deflated_zeros(gib: int) -> bytes:
    """A gzip stream of that many GiB of zeros: the blocks of the first 64 MiB again and again."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeeze.compress(b"\0" * (64 * MIB)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08" + b"\0" * 6 + b"\xff" + block * (gib * 16)


def _zstd_zeros(gib: int) -> bytes:
    """A frame of RLE blocks, each 4 bytes for 128 KiB."""
    header = b"\x28\xb5\x2f\xfd\x00\x58"  # no size, no checksum, a window of 2 MiB
    length = 128 * 1024
    block = ((length << 3) | (1 << 1)).to_bytes(3, "little") + b"\0"
    return header + block * (gib * 8 * 1024)


@pytest.mark.parametrize(
    ("encoding", "bomb"), [("gzip", lambda: _deflated_zeros(10)), ("zstd", lambda: _zstd_zeros(320))]
)
def test_a_bomb_costs_next_to_nothing(encoding: str, bomb: Any) -> None:
    raw = bomb()
    assert 9 * MIB < len(raw) < 11 * MIB
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        began = time.process_time()
        with pytest.raises(TooLarge):
            _DECODERS[encoding](raw, LARGEST)
        seconds = time.process_time() - began
        grown = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert grown < 100 * MIB
    assert seconds < 2


def test_a_bomb_is_refused_over_http(world: World, path: str) -> None:
    raw = _deflated_zeros(1)
    began = time.process_time()
    problem(send(world, path, raw, "gzip"), 413, "too_large")
    assert time.process_time() - began < 2


def test_the_bombs_are_what_they_seem() -> None:
    with pytest.raises(EOFError):  # their ends are missing; up to there they are streams
        gzip.GzipFile(fileobj=io.BytesIO(_deflated_zeros(1))).read()
    piece = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(_zstd_zeros(1)))
    assert sum(len(chunk) for chunk in iter(lambda: piece.read(64 * MIB), b"")) == 1 << 30


def test_many_pieces_are_quick() -> None:
    """Ten megabytes that hardly shrink are 20,000 pieces."""

    raw = random.Random(1).randbytes(9 * MIB)
    began = time.process_time()
    assert _DECODERS["zstd"](zstandard.compress(raw), LARGEST) == raw
    assert time.process_time() - began < 2


def test_a_broken_frame_at_the_end_of_a_piece() -> None:
    whole = zstandard.compress(junit(50))
    padded = whole + b"\0" * (512 - len(whole) % 512)
    with pytest.raises(Malformed):
        _DECODERS["zstd"](padded + b"\0", LARGEST)
