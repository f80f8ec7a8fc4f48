"""Measures how fast a large web archive is imported, compared with other readers that only step through its records."""

import base64
import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.benchmarks.measurement import Result, Sizes

RATIO_AIM = 2
"""An import should read this many times as many records per second as a bare loop with warcio."""
MEMORY_AIM = 200
"""Maximum memory that an import should need, in MB."""
INTERVAL = 100
"""Of this many records, one is a response of Flattr."""
WORDS = 1_700
"""Number of words on each page of another site, and in the vocabulary.

A page has 11 kB when compressed, and 100,000 pages have 1 GiB.
"""
FILLERS = 64
"""Number of different pages of other sites."""


def write_archive(file: BinaryIO, records: int) -> None:
    """Write a `.warc.gz` file with this many records, each in a gzip member of its own, as crawlers do."""
    draw = random.Random(1)
    words = [base64.b32encode(draw.randbytes(draw.randint(2, 6))).decode().strip("=").lower() for _ in range(WORDS)]
    fillers = [
        _compress_record(f"https://example.org/{number}", "text/html", _make_page(draw, words), number)
        for number in range(FILLERS)
    ]
    for number in range(records):
        if number % INTERVAL:
            file.write(fillers[number % FILLERS])
            continue
        name = f"user{number}"
        body = json.dumps({"type": "user", "username": name, "firstname": "A", "lastname": "B"}).encode()
        file.write(_compress_record(f"https://api.flattr.com/rest/v2/users/{name}", "application/json", body, number))


def _make_page(draw: random.Random, words: list[str]) -> bytes:
    drawn = iter(draw.choices(words, k=WORDS))
    lines = (f'<p class="{word}"><a href="/{word}/{next(drawn)}">{next(drawn)}</a> {next(drawn)}</p>' for word in drawn)
    return "\n".join(lines).encode()


def _compress_record(url: str, content_type: str, body: bytes, number: int) -> bytes:
    block = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2014-05-06T07:08:09Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", compresslevel=1)


def _import(archive: Path) -> int:
    from flattr_tui.library.import_export.importer import import_files  # noqa: PLC0415
    from flattr_tui.store.response_store import ResponseStore  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        store = ResponseStore.open(Path(folder), notice=pytest.fail)
        try:
            return import_files(store, [archive]).new
        finally:
            store.close()


def _step_warcio(archive: Path) -> int:
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415

    with archive.open("rb") as file:
        return sum(1 for _ in ArchiveIterator(file))


def _step_fastwarc(archive: Path) -> int:
    from fastwarc.warc import ArchiveIterator  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415

    with archive.open("rb") as file:
        return sum(1 for _ in ArchiveIterator(file, parse_http=False))


READERS: Mapping[str, Callable[[Path], int]] = {
    "import": _import,
    "warcio": _step_warcio,
    "fastwarc": _step_fastwarc,
}


def _run(reader: str, archive: Path) -> tuple[float, float] | None:
    """Run a reader in a new process. Returns its seconds and its peak memory in MB; None if it is not installed."""
    ended = subprocess.run(
        [sys.executable, "-m", __spec__.name, reader, str(archive)], capture_output=True, text=True, check=False
    )
    if "ModuleNotFoundError" in ended.stderr:
        return None
    assert ended.returncode == 0, ended.stderr
    seconds, megabytes, _ = json.loads(ended.stdout)
    return seconds, megabytes


def measure_import(sizes: Sizes) -> Iterator[Result]:
    """Measure the records per second of an import, of warcio and of FastWARC, and the memory that the import needs.

    FastWARC is left out if it is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "large.warc.gz")
        with archive.open("wb") as file:
            write_archive(file, sizes.records)
        megabytes = archive.stat().st_size / 1e6
        runs = {name: _run(name, archive) for name in READERS}
    yield Result(f"import: size of {sizes.records:,} records", megabytes, "MB")
    ours, theirs = runs["import"], runs["warcio"]
    assert ours is not None
    assert theirs is not None
    yield Result("import: records", sizes.records / ours[0], "/s", RATIO_AIM * sizes.records / theirs[0], least=True)
    yield Result("  a bare loop of warcio", sizes.records / theirs[0], "/s")
    if (fast := runs["fastwarc"]) is not None:
        yield Result("  a bare loop of FastWARC", sizes.records / fast[0], "/s")
    yield Result("import: memory", ours[1], "MB", MEMORY_AIM)


def main(reader: str, archive: str) -> None:
    """Run one reader, and print its seconds, its peak memory in MB and the number of records that it counted."""
    began = time.perf_counter()
    count = READERS[reader](Path(archive))
    seconds = time.perf_counter() - began
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, count]))


if __name__ == "__main__":
    main(*sys.argv[1:])
