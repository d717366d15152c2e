"""Which keys did this import see already, and with which values? Kept on disk, so that millions fit."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

# Key and values as digests, file number and row number.
Sighting = tuple[bytes, bytes, int, int]

PIECE = 500


class Seen:
    """The keys of the rows that were accepted so far, by target."""

    def __init__(self) -> None:
        # A nameless database of SQLite's own lies in a temporary file and is gone with the connection.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA cache_size = -16000")
        self._database.execute(
            "CREATE TABLE seen (key BLOB PRIMARY KEY, content BLOB, file INTEGER, row INTEGER) WITHOUT ROWID"
        )

    def __enter__(self) -> Seen:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, sightings: Sequence[Sighting]) -> list[tuple[bool, int, int] | None]:
        """Note keys in order; for one that was there before, say whether its values are the same, and where it was."""
        known: dict[bytes, tuple[bytes, int, int]] = {}
        keys = [key for key, _content, _file, _row in sightings]
        for start in range(0, len(keys), PIECE):
            piece = keys[start : start + PIECE]
            marks = ",".join("?" * len(piece))
            found = self._database.execute(
                f"SELECT key, content, file, row FROM seen WHERE key IN ({marks})",  # noqa: S608  only marks
                piece,
            )
            known.update((key, (content, file, row)) for key, content, file, row in found)
        answers: list[tuple[bool, int, int] | None] = []
        fresh = []
        for key, content, file, row in sightings:
            before = known.get(key)
            if before is None:
                known[key] = (content, file, row)
                fresh.append((key, content, file, row))
                answers.append(None)
            else:
                answers.append((before[0] == content, before[1], before[2]))
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO seen VALUES (?, ?, ?, ?)", fresh)
        self._database.execute("COMMIT")
        return answers


def digest(*parts: Any) -> bytes:
    """A short fingerprint of values."""
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
