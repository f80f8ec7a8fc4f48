"""Tests of linear mode's pages: bookmarks, changes, new items, earnings, exports, the order of searches, and hints."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flattr_tui.library.bookmarks import Bookmarks, mark_of
from flattr_tui.library.query.saved_queries import make_filter_mark
from flattr_tui.model.api_request import ApiRequest, user_flattrs_request
from flattr_tui.paths import Paths, make_folder
from tests.linear_mode.conftest import Talk
from tests.linear_mode.test_command_loop import list_items, output_of
from tests.model.revenue_forms import make_row, write_original

FLATTR_A_THING = ("login ada", "3", "u melodia", "2", "f 12", "yes", "u ada", "3", "r")
"""Lines that log in, and flattr a thing between two fetches of the account's list of flattrs."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own folder, to which exports are written."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def bookmarks() -> Bookmarks:
    """The bookmarks that are stored on disk."""
    make_folder(Paths.standard().data)
    return Bookmarks.open(Paths.standard().bookmarks, notice=print)


@pytest.fixture
def reports(tmp_path: Path) -> None:
    """An imported revenue report of ada."""
    rows = [make_row("2014-08", 1, 200, 4, title="A thing"), make_row("2014-08", 2, 100, 1)]
    (tmp_path / "report.csv").write_bytes(write_original(rows))
    command = [sys.executable, "-m", "flattr_tui", "import", "report.csv", "--user", "ada"]
    subprocess.run(command, check=True, capture_output=True)


async def test_bookmarks_are_added_listed_opened_and_removed(talk: Talk) -> None:
    printed = await talk("2", "m 12", "11", "m", "B", "12")
    assert "Bookmarked “The long history of bicycles, part 28”. B lists all bookmarks." in printed
    assert [line[:40] for line in list_items(output_of(printed, "B"))] == [
        "11. Mosaik: a small feed reader tool, th",
        "12. The long history of bicycles, part 2",
    ]
    assert "Thing 427328" in output_of(printed, "12")
    printed = await talk("B", "m 11", "b", "m", "B")
    assert "“Mosaik: a small feed reader tool” is no longer bookmarked." in printed
    assert "Mosaik" not in printed.rpartition("> B")[2]


async def test_a_saved_filter_of_the_screen_is_a_page_here(talk: Talk, bookmarks: Bookmarks) -> None:
    request = user_flattrs_request("ada")
    bookmarks.keep(make_filter_mark(request, "year:2012 otter", account="", source="sandbox", at=0.0))  # type: ignore[arg-type]
    search = ApiRequest.of("search", query="podcast", language="de_DE", sort="flattrs")
    bookmarks.keep(mark_of(search, "sandbox", 0.0))  # type: ignore[arg-type]
    bookmarks.save()
    printed = await talk("2", "m 11", "B", "12", "B", "11")
    listed = output_of(printed, "B")
    assert 0 < listed.index("Searches and filters") < listed.index("Bookmarks:") < listed.index("13. ")
    assert "saved match year:2012 otter." in output_of(printed, "12")
    assert 'found for podcast language:"de_DE".' in output_of(printed, "11")


async def test_changes_are_listed_filtered_and_exported(talk: Talk, tmp_path: Path) -> None:
    printed = await talk(*FLATTR_A_THING, "C", "/-today", "/", "x c.csv", "11")
    changes = output_of(printed, "C")
    assert "Changes\n3 Jan 2018:\n11. 12:00, flattr added, ada, A wiki library that fits in your head, by" in changes
    assert "0 changes match -today." in output_of(printed, "/-today")
    assert "written to c.csv." in output_of(printed, "x c.csv")
    assert "A wiki library that fits in your head\nby melodia" in output_of(printed, "11")
    with (tmp_path / "c.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert (rows[0]["change"], rows[0]["kind"], rows[0]["user"]) == ("added", "flattr", "ada")
    assert len(rows) == len(list_items(changes))


async def test_what_came_since_the_last_session_is_new(talk: Talk) -> None:
    assert "is:new works in" in await talk("/is:new", "find is:new")
    assert "0 of the 411 flattrs saved match is:new." in await talk("3", "/is:new")
    printed = await talk(*FLATTR_A_THING, "/is:new")
    assert re.search(r"\n1 of the \d+ flattrs saved match is:new.", output_of(printed, "/is:new"))
    assert output_of(printed, "/is:new").count(", new\n") == 1


async def test_a_list_is_written_to_a_file_but_replaces_none_without_a_question(talk: Talk, tmp_path: Path) -> None:
    printed = await talk(
        "2", "x things.json", "x things.json", "no", "x things", "x no/things.csv", "find melodia", "x f.csv"
    )
    assert "19 rows written to things.json." in printed
    assert len(json.loads((tmp_path / "things.json").read_text(encoding="utf-8"))) == 19
    assert "things.json exists already. Replace it?" in printed
    assert "Nothing was written." in printed
    assert "Say to which file, with one of the endings .csv, .json, .jsonl, .md" in output_of(printed, "x things")
    assert "no/things.csv can't be written: No such file or directory." in printed
    assert "rows written to f.csv." in printed
    assert "There is no list here to export." in await talk("5", "x y.csv")


async def test_earnings_are_summed_up_and_opened(talk: Talk, reports: None) -> None:
    printed = await talk("earnings", "11", "b", "x e.jsonl", "e all", source="saved", user="ada")
    assert "Received by ada\n3.00 EUR, 5 clicks, 1 month.\nBy month:\n11. Aug 2014: 3.00 EUR, 5 clicks\n" in printed
    assert "11. Aug 2014, A thing, 2.00 EUR, 4 clicks\n" in output_of(printed, "11")
    assert "2 rows written to e.jsonl." in printed
    assert "Received by everybody" in printed
    assert "There are reports of ada" in await talk("e melodia", source="saved")
    assert "The source “saved” has reports" in await talk("e")


async def test_a_search_is_sorted_here_where_the_server_can_not(talk: Talk) -> None:
    printed = await talk("5 podcast", "s -flattrs", "s -trend", "s flattrs")
    counts = [int(re.search(r"(\d+) flattrs?\b", line)[1]) for line in list_items(output_of(printed, "s -flattrs"))]  # type: ignore[index]
    assert counts == sorted(counts)
    assert "Sort by one of: relevance, trend, flattrs, " in output_of(printed, "s -trend")
    counts = [int(re.search(r"(\d+) flattrs?\b", line)[1]) for line in list_items(output_of(printed, "s flattrs"))]  # type: ignore[index]
    assert counts == sorted(counts, reverse=True)


async def test_what_is_typed_wrong_gets_a_hint(talk: Talk) -> None:
    printed = await talk("r foo", "get zzzz", "user-things username=ada", "7", "13")
    assert "r takes no foo: r fetches what is new, r all the whole list." in printed
    assert "There is no method 'zzzz'. 7 lists them." in printed
    assert "user-things is a method of the API. To send a request, type: get user-things" in printed
    assert "Type a method's number to see what it takes, and how to send it." in printed
    assert "get user-things username=ada\nType the last line, with your values" in output_of(printed, "13")
