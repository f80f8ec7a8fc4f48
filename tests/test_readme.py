"""Tests of the README and the findings: keys, settings, links and names of files are right, and CI runs commands."""

import re
from pathlib import Path

import pytest

from flattr_tui.cli.root_command import COMMANDS
from flattr_tui.model.data_source import parse_source
from flattr_tui.settings import load, read_file
from flattr_tui.ui.bindings import GROUPS, KEY_NAMES
from flattr_tui.ui.key_settings import check_keymap, configurable_bindings
from tests import man_page

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?:<!-- (ci(?:: [a-z]+)?) -->\n)?```([a-z]*)\n(.*?)\n```", re.DOTALL)
TABLE_GROUPS = ("Places", "Moving", "This page", "This list", "Acting", "Program")
"""The groups of key bindings in the README's table: those that work in many places. `?` shows all keys of a screen."""
MOVING_PREFIXES = ("table",)
"""Beginnings of the ids of those bindings of the group `Moving` that are in the table."""


def key_table() -> str:
    """Return the README's table of keys, made from the bindings."""
    rows: dict[str, dict[str, str]] = {group: {} for group in TABLE_GROUPS}
    for binding in configurable_bindings():
        prefix = (binding.id or "").partition(".")[0]
        group = GROUPS[prefix]
        if group in rows and (group != "Moving" or prefix in MOVING_PREFIXES):
            keys = binding.key_display or " ".join(f"`{KEY_NAMES.get(key, key)}`" for key in binding.key.split(","))
            shown = keys if keys.startswith("`") else f"`{keys}`"
            rows[group].setdefault(binding.tooltip or binding.description, shown)
    lines = ["| | |", "| --- | --- |"]
    for group, found in rows.items():
        table_text = " · ".join(
            f"{keys} {description[:1].lower()}{description[1:]}" for description, keys in found.items()
        )
        lines.append(f"| **{group}** | {table_text} |")
    return "\n".join(lines)


def test_its_keys_match_the_bindings() -> None:
    table_text = README.partition("<!-- keys -->\n")[2].partition("\n<!-- end of keys -->")[0]
    assert table_text == key_table(), f"README.md's table of keys should be:\n{key_table()}"


def test_every_command_is_run_by_ci() -> None:
    marks = set(re.findall(r"<!-- (ci(?:: [a-z]+)?) -->", (ROOT / ".ci" / "run").read_text(encoding="utf-8")))
    for mark, language, text in BLOCK.findall(README):
        assert mark in marks or language == "text", text


def test_every_command_is_named() -> None:
    for row in COMMANDS:
        assert re.search(rf"\b{row.name}\b", README), row.name


def test_its_settings_can_be_read(tmp_path: Path) -> None:
    (text,) = (text for mark, _, text in BLOCK.findall(README) if mark == "ci: settings")
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    document, apart, faults = read_file(file, [row.name for row in COMMANDS])
    assert faults == []
    settings = load(document, {})
    assert set(apart) == {"sync"}
    assert settings.login[settings.source].client_id == "my-client"
    assert check_keymap(settings.keys)[1] == []


def test_its_addresses_are_sources() -> None:
    addresses = re.findall(r"https?://[^\s`)\"]*/rest/v2\b(?!/)", README)
    assert addresses
    for address in addresses:
        assert parse_source(address).base == address


def test_its_links_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert len(links) > 3
    for link in links:
        assert (ROOT / link).exists(), link


def test_no_module_is_longer_than_it_says() -> None:
    [limit] = re.findall(r"No module has more than (\d+) lines", README)
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in ROOT.glob("flattr_tui/**/*.py")}
    assert lengths
    assert [path for path, lines in lengths.items() if lines > int(limit)] == []


def test_the_findings_name_files_that_exist() -> None:
    packages = "|".join(folder.name for folder in (ROOT / "flattr_tui").iterdir() if folder.is_dir())
    named = {
        (script.name, name)
        for script in (ROOT / "findings").glob("*.sh")
        for name in re.findall(rf"(?<![\w/.-])(?:{packages})/[\w/]+\.py", script.read_text(encoding="utf-8"))
    }
    assert len(named) > 3
    assert [pair for pair in named if not (ROOT / "flattr_tui" / pair[1]).exists()] == []


@pytest.mark.parametrize("mark", ["ci: try", "ci: test"])
def test_its_two_commands_are_one_line_each(mark: str) -> None:
    ((_, _, text),) = [found for found in BLOCK.findall(README) if found[0] == mark]
    assert "\n" not in text
    assert text.startswith("python3 -m venv ")


def test_the_manual_page_is_up_to_date() -> None:
    assert man_page.FILE.read_text(encoding="utf-8") == man_page.render_page(), (
        "write the page again: python -m tests.man_page"
    )
