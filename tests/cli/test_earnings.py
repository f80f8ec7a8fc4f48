"""Tests of monthly revenue reports: each is imported once whatever its form, summed up, exported, and read back."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.model.revenue import RevenueRow, format_cents
from flattr_tui.paths import Paths
from tests.cli.conftest import Flattr
from tests.library.saved_files import Answer, write_har
from tests.model.revenue_forms import make_row, write_as_r, write_original, write_spreadsheet

ADDRESS = "https://flattr.com/transaction/view/id/123/format/csv"


def make_rows(months: list[str], seed: int = 7) -> list[RevenueRow]:
    """Return rows of six random things for each month; several things share a title."""
    choice = random.Random(seed)
    return [
        make_row(
            month, thing, choice.randrange(0, 900), choice.randrange(1, 30), title=f"Episode {thing % 3}", total=number
        )
        for number, month in enumerate(months, 100)
        for thing in choice.sample(range(1_000, 1_020), 6)
    ]


def write_files(folder: Path, rows: list[RevenueRow]) -> list[str]:
    """Write a file for each month as Flattr did, and a file with all months as R does. Returns the paths."""
    for month in sorted({one.month for one in rows}):
        file = folder / f"flattr-revenue-{month.replace('-', '')}.csv"
        file.write_bytes(write_original([one for one in rows if one.month == month]))
    (folder / "flattr-revenue-000000.csv").write_bytes(write_as_r(rows, numbered=True))
    return [str(file) for file in sorted(folder.glob("*.csv"))]


def sum_up(flattr: Flattr, *arguments: str) -> Any:
    ended = flattr("earnings", *arguments, "--format", "json")
    assert ended.code == 0
    return json.loads(ended.out)


def test_doubled_months_are_counted_once_to_the_cent(flattr: Flattr, tmp_path: Path) -> None:
    rows = make_rows(["2014-06", "2014-07", "2014-09", "2014-10", "2014-12"])
    files = write_files(tmp_path, rows)
    ended = flattr("import", *files, "--user", "ada")
    assert ended.out.splitlines()[0] == "5 imported, 5 already there."
    assert ended.out.splitlines()[1].startswith("5 months of earnings of ada.")
    assert flattr("import", *reversed(files), "--user", "Ada").code == 0
    cents = sum(one.cents for one in rows)
    expected = {
        "currency": "EUR",
        "months": 5,
        "clicks": sum(one.clicks for one in rows),
        "revenue": format_cents(cents),
        "rows": [
            {
                "month": month,
                "clicks": sum(one.clicks for one in rows if one.month == month),
                "revenue": format_cents(sum(one.cents for one in rows if one.month == month)),
            }
            for month in sorted({one.month for one in rows})
        ],
    }
    assert sum_up(flattr) == sum_up(flattr, "ADA") == expected
    assert "5 months, 2 missing: Aug 2014, Nov 2014; " in flattr("earnings", "ada").out
    flattr("cache", "rebuild")
    assert sum_up(flattr, "ada") == expected


def test_things_domains_and_pages(flattr: Flattr, tmp_path: Path) -> None:
    rows = [
        RevenueRow(month="2013-05", thing=1, url="http://www.example.org/2013/03/30/x/", title="=A", clicks=8, cents=95,
                   clicks_total=10),
        RevenueRow(month="2013-06", thing=2, url="https://example.org/2013/03/x", title="=A", clicks=1, clicks_total=5),
        RevenueRow(month="2013-06", thing=1, url="http://other.example/", title="=A", clicks=2, cents=5,
                   clicks_total=12),
    ]  # fmt: skip
    file = tmp_path / "report.csv"
    file.write_bytes(write_spreadsheet(rows, "\t", ".", encoding="utf-16"))
    assert flattr("import", str(file), "--user", "ada").code == 0
    assert sum_up(flattr, "ada", "--by", "thing")["rows"] == [
        {"thing": 1, "clicks": 10, "revenue": "1.00"},
        {"thing": 2, "clicks": 1, "revenue": "0.00"},
    ]
    assert sum_up(flattr, "ada", "--by", "domain")["rows"] == [
        {"domain": "example.org", "clicks": 9, "revenue": "0.95"},
        {"domain": "other.example", "clicks": 2, "revenue": "0.05"},
    ]
    assert [one["clicks"] for one in sum_up(flattr, "ada", "--by", "page")["rows"]] == [9, 2]
    assert [one["clicks"] for one in sum_up(flattr, "ada", "--by", "page", "--exact")["rows"]] == [8, 2, 1]
    table = flattr("earnings", "ada", "--by", "thing").out
    assert table.splitlines()[1].split() == ["1", "=A", "10", "1.00", "12"]
    markdown = flattr("earnings", "ada", "--by", "domain", "--format", "md").out
    assert "| example\\.org | 9 | 0.95 |" in markdown
    saved = flattr("--source", "saved", "export", "thing", "id=1", "--format", "json")
    assert json.loads(saved.out)["url"] == "http://other.example/"


@pytest.mark.parametrize("grouping", ["month", "thing", "domain", "page"])
def test_exported_earnings_are_read_back(flattr: Flattr, tmp_path: Path, grouping: str) -> None:
    (tmp_path / "mixed").mkdir()
    flattr("import", *write_files(tmp_path / "mixed", make_rows(["2013-01", "2013-02"])), "--user", "ada")
    before = sum_up(flattr, "ada", "--by", grouping)
    exported = tmp_path / "exported.csv"
    exported.write_text(flattr("earnings", "ada", "--by", grouping, "--format", "csv").out)
    assert flattr("import", str(exported)).out.startswith("0 imported, 2 already there.")
    Paths.standard().responses.parent.rename(tmp_path / "moved away")
    assert flattr("import", str(exported)).out.startswith("2 imported.")
    assert sum_up(flattr, "ada", "--by", grouping) == before


def test_a_bundle_has_the_earnings(flattr: Flattr, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    flattr("import", *write_files(tmp_path / "files", make_rows(["2013-01", "2013-02"])), "--user", "ada")
    before = sum_up(flattr, "ada")
    assert flattr("bundle", str(tmp_path / "library.zip")).code == 0
    Paths.standard().responses.parent.rename(tmp_path / "moved away")
    assert flattr("import", str(tmp_path / "library.zip")).out.startswith("2 imported.")
    assert sum_up(flattr, "ada") == before


def test_earnings_without_a_user_belong_to_me_until_renamed(flattr: Flattr, tmp_path: Path) -> None:
    file = tmp_path / "flattr-revenue-201305.csv.gz"
    file.write_bytes(gzip.compress(write_original([make_row("2013-05", 1, 95, 8)])))
    assert "library rename me NAME" in flattr("import", str(file)).out
    assert sum_up(flattr, "me")["revenue"] == "0.95"
    flattr("import", str(file), "--user", "ada")
    assert sum_up(flattr)["revenue"] == "0.95"
    assert flattr("library", "rename", "me", "ada").code == 0
    assert flattr("earnings", "me").line.endswith("No revenue report of me is saved. There are reports of: ada.")
    assert sum_up(flattr, "ada") == sum_up(flattr)
    assert flattr("library", "rename", "me", "ada").code == 1


def test_a_report_in_a_har_is_imported_without_the_query_of_its_address(flattr: Flattr, tmp_path: Path) -> None:
    body = write_original([make_row("2013-05", 1, 95, 8)])
    answers = [
        Answer(f"{ADDRESS}?token=SECRET", body, "text/csv"),
        Answer("https://elsewhere.example/report.csv", write_original([make_row("2013-06", 1, 95, 8)]), "text/csv"),
    ]
    ended = flattr("import", str(write_har(tmp_path / "mine.har", answers)), "--user", "ada")
    assert ended.out.startswith("1 imported, 1 left out.")
    assert sum_up(flattr, "ada")["months"] == 1
    kept = b"".join(file.read_bytes() for file in Paths.standard().data.rglob("*") if file.is_file())
    assert b"SECRET" not in kept


def test_an_ambiguous_or_invalid_number_is_refused(flattr: Flattr, tmp_path: Path) -> None:
    file = tmp_path / "doubtful.csv"
    file.write_text("period;id;clicks;revenue\n2013-05;1;8;1.234\n")
    ended = flattr("import", str(file), "--user", "ada")
    assert ended.code == 1
    assert "can be read in two ways: the revenue '1.234' is 1234 or 1.234 EUR" in ended.line
    file.write_text("period;id;clicks;revenue\n2013-05;1;8;lots\n")
    assert "line 2: not a number: 'lots'" in flattr("import", str(file), "--user", "ada").line
    assert flattr("earnings").code == 1


def test_a_month_without_rows_has_no_earnings(flattr: Flattr, tmp_path: Path) -> None:
    for month in ("201305", "201306"):
        rows = [make_row("2013-05", 1, 95, 8)] if month == "201305" else []
        (tmp_path / f"flattr-revenue-{month}.csv").write_bytes(write_original(rows))
    flattr("import", *map(str, tmp_path.glob("*.csv")), "--user", "ada")
    assert sum_up(flattr, "ada")["rows"][1] == {"month": "2013-06", "clicks": 0, "revenue": "0.00"}


def test_the_later_download_counts_whatever_the_order(flattr: Flattr, tmp_path: Path) -> None:
    early, late = tmp_path / "early.csv", tmp_path / "late.csv"
    early.write_bytes(write_original([make_row("2013-05", 1, 50, 4, total=10)]))
    late.write_bytes(write_original([make_row("2013-05", 1, 95, 8, total=14), make_row("2013-06", 1, 5, 1, total=14)]))
    for files in ((early, late), (late, early)):
        flattr("import", *map(str, files), "--user", files[0].stem)
        assert sum_up(flattr, files[0].stem)["revenue"] == "1.00"
        assert flattr("earnings", files[0].stem, "--by", "thing").out.splitlines()[1].split()[-3:] == [
            "9",
            "1.00",
            "14",
        ]


@pytest.mark.parametrize("at_once", [True, False])
def test_reports_of_one_month_that_disagree_are_named(flattr: Flattr, tmp_path: Path, at_once: bool) -> None:
    early, late = tmp_path / "early.csv", tmp_path / "late.csv"
    early.write_bytes(write_original([make_row("2013-05", 1, 50, 4, total=10), make_row("2013-05", 2, 7, 1)]))
    late.write_bytes(write_original([make_row("2013-05", 1, 95, 8, total=14), make_row("2013-05", 2, 7, 1)]))
    runs = [(early, late)] if at_once else [(early,), (late,)]
    *_, ended = [flattr("import", *map(str, files), "--user", "ada") for files in runs]
    expected = "late.csv: 1 row has different clicks or revenue than in an earlier report of 2013-05."
    assert expected in " ".join(ended.out.split())
    again = flattr("import", str(late), "--user", "ada")
    assert "earlier report" not in again.out


def test_an_export_of_the_browser_extension_keeps_flattrs_but_no_browsing(flattr: Flattr, tmp_path: Path) -> None:
    export = {
        "browsingEvents": [[1529999990000, 12, "url", {"url": "https://private.example/a"}]],
        "flattrs": {
            "count": None,
            "flattrs": [
                {"timestamps": [1528000000000, 1529999999000], "entity": "a.example", "title": "A", "url": "http://a/"},
                {"timestamps": [1528100000000, "x"], "entity": "b.example", "title": None, "url": None},
                {"timestamps": None, "entity": "c.example"},
            ],
        },
        "userDomainsSettings": {"enabled": [{"domain": "private.example"}]},
        "userExtensionSettings": {},
    }
    file = tmp_path / "export-1530000000000.json"
    file.write_text(json.dumps(export))
    ended = flattr("import", str(file), "--user", "ada")
    assert "the browsing history in this file was not imported" in ended.out
    assert "2 entries or times that can't be read" in ended.line

    def list_flattrs(name: str) -> list[tuple[int, str]]:
        found = flattr("--source", "saved", "export", "user-flattrs", f"username={name}", "--format", "json")
        return [(one["created_at"], one["thing"]["title"]) for one in json.loads(found.out)]

    expected = [(1529999999, "A"), (1528100000, "b.example"), (1528000000, "A")]
    assert list_flattrs("ada") == expected
    assert flattr("library", "rename", "ada", "bob").code == 0
    assert list_flattrs("bob") == expected
    assert flattr("--source", "saved", "export", "user-flattrs", "username=ada").code == 1
    kept = b"".join(one.read_bytes() for one in Paths.standard().data.rglob("*") if one.is_file())
    assert b"private.example" not in kept
    assert b"c.example" not in kept
