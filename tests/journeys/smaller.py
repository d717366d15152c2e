"""How does a picture of a page get small? By at most 256 colours: a page has few, and the edges of letters many."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

SIGNATURE = b"\x89PNG\r\n\x1a\n"
Pixels = npt.NDArray[np.uint8]


def smaller(png: bytes) -> bytes:
    """Write a picture anew with a palette of its most frequent colours; the others take the nearest of them."""
    pixels = read(png)
    height, width, _depth = pixels.shape
    flat = pixels.reshape(-1, 3).astype(np.uint32)
    packed = (flat[:, 0] << 16) | (flat[:, 1] << 8) | flat[:, 2]
    colours, inverse, counts = np.unique(packed, return_inverse=True, return_counts=True)
    kept = np.sort(np.argsort(-counts, kind="stable")[:256])
    rgb = np.stack([colours >> 16 & 255, colours >> 8 & 255, colours & 255], axis=1).astype(np.int32)
    nearest = np.array([int(np.argmin(((rgb[kept] - one) ** 2).sum(axis=1))) for one in rgb], dtype=np.uint8)
    rows = nearest[inverse].reshape(height, width)
    lines = np.concatenate([np.zeros((height, 1), dtype=np.uint8), rows], axis=1).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    palette = rgb[kept].astype(np.uint8).tobytes()
    parts = [(b"IHDR", head), (b"PLTE", palette), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def read(png: bytes) -> Pixels:
    """Read what a browser writes: eight bits, red, green and blue, perhaps with transparency, not interlaced."""
    at, data = len(SIGNATURE), b""
    width = height = depth = 0
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        name, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if name == b"IHDR":
            width, height, bits, kind, _way, _filter, interlaced = struct.unpack(">IIBBBBB", body)
            if bits != 8 or kind not in (2, 6) or interlaced:
                raise ValueError("This is no picture of a browser.")
            depth = 3 if kind == 2 else 4
        elif name == b"IDAT":
            data += body
        at += length + 12
    return _unfiltered(zlib.decompress(data), width, height, depth)[:, :, :3]


def _unfiltered(raw: bytes, width: int, height: int, depth: int) -> Pixels:
    """Take back the filter of each line."""
    size = width * depth
    lines = np.frombuffer(raw, dtype=np.uint8).reshape(height, size + 1)
    found = np.zeros((height, size), dtype=np.uint8)
    above = np.zeros(size, dtype=np.uint8)
    for row in range(height):
        kind, line = int(lines[row, 0]), lines[row, 1:]
        if kind == 0:
            found[row] = line
        elif kind == 1:
            steps = line.reshape(-1, depth)
            found[row] = np.cumsum(steps, axis=0, dtype=np.uint8).reshape(-1)
        elif kind == 2:
            found[row] = line + above
        else:
            found[row] = _slow(kind, line.tolist(), above.tolist(), depth)
        above = found[row]
    return found.reshape(height, width, depth)


def _slow(kind: int, line: list[int], above: list[int], depth: int) -> Pixels:
    """Take back a filter that looks left and up at once: the mean, or Paeth's."""
    out: list[int] = []
    for index, value in enumerate(line):
        left = out[index - depth] if index >= depth else 0
        up, corner = above[index], above[index - depth] if index >= depth else 0
        guess = (left + up) // 2 if kind == 3 else _paeth(left, up, corner)
        out.append((value + guess) & 255)
    return np.array(out, dtype=np.uint8)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda one: abs(guess - one))
