"""Tests of `flattr-tui cache path`, `cache info` and `cache pack`."""

import json
from contextlib import closing
from pathlib import Path

import msgspec

from flattr_tui.paths import Paths
from flattr_tui.store.safe_databases import open_cache
from flattr_tui.store.stored_response import content_digest, row_key
from tests.cli.conftest import Flattr
from tests.cli.saved_pages import ALL_COUNTS, DAY, NOW
from tests.store.sample_responses import open_stores


def test_path_prints_the_store_and_the_catalogue(flattr: Flattr) -> None:
    paths = Paths.standard()
    assert flattr("cache", "path").out == f"responses\t{paths.responses}\ncatalogue\t{paths.catalogue}\n"


def test_info_and_verify_create_no_folder(flattr: Flattr) -> None:
    assert flattr("cache", "info").out.startswith("0 responses saved")
    assert flattr("cache", "verify").out == "0 responses can be read; all is well.\n"
    assert not Paths.standard().data.exists()


def test_info_counts_by_source_and_account(flattr: Flattr, data: Path) -> None:
    info = json.loads(flattr("cache", "info", "--json").out)
    with open_stores(data) as (responses, _):
        sizes = responses.account_sizes()
    assert info["responses"] == 5
    assert [(one["source"], one["account"], one["responses"]) for one in info["accounts"]] == ALL_COUNTS
    assert [one["bytes"] for one in info["accounts"]] == [size.bytes for size in sizes]
    assert [(one["oldest"], one["newest"]) for one in info["accounts"]] == [
        (NOW - 40 * DAY, NOW - 40 * DAY),
        (NOW - 90 * DAY, NOW - DAY),
        (NOW - 50 * DAY, NOW - 50 * DAY),
    ]
    assert info["bytes"]["bodies"] == sum(size.bytes for size in sizes)
    assert info["bytes"]["files"] > info["bytes"]["bodies"]
    assert info["bytes"]["index"] >= (data / "catalogue.sqlite").stat().st_size
    assert info["bytes"]["set_aside"] == 0


def test_info_prints_a_table(flattr: Flattr, data: Path) -> None:
    out = flattr("cache", "info").out.splitlines()
    assert out[0].startswith("5 responses saved: ")
    assert out[2].split() == ["SOURCE", "ACCOUNT", "RESPONSES", "SIZE", "OLDEST", "NEWEST"]
    assert [line.split()[:3] for line in out[3:]] == [
        ["https://other.example/rest/v2", "-", "1"],
        ["sandbox", "-", "3"],
        ["sandbox", "ada", "1"],
    ]


def test_pack_compresses_responses_of_an_older_version(flattr: Flattr, data: Path) -> None:
    assert flattr("cache", "pack").out == "Packed 0 responses.\n"
    with open_stores(data) as (responses, _):
        stored = responses.get(1)
    assert stored is not None
    with closing(open_cache(data / "responses")) as cache:
        cache.set(row_key(1), b"FR1" + content_digest(stored) + msgspec.msgpack.encode(stored), tag=stored.tag)
    assert flattr("cache", "pack").out == "Packed 1 response.\n"
    with open_stores(data) as (responses, _):
        assert responses.get(1) == stored
