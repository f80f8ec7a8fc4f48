"""Tests of the characters that are drawn instead of others in locales without Unicode."""

import ast
from pathlib import Path

import pytest
from rich.cells import cell_len

import flattr_tui.ui
from flattr_tui.ui.locale_characters import ASCII, closest_text, find_encoding


@pytest.mark.parametrize(
    ("environment", "encoding"),
    [
        ({}, None),
        ({"LANG": "C.UTF-8"}, None),
        ({"LC_ALL": "xx_YY.utf8", "LANG": "C"}, None),
        ({"LC_ALL": "C", "LANG": "C.UTF-8"}, "ascii"),
        ({"LC_ALL": "", "LC_CTYPE": "POSIX", "LANG": "C.UTF-8"}, "ascii"),
    ],
)
def test_the_first_variable_that_is_set_counts(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], encoding: str | None
) -> None:
    monkeypatch.setattr("locale.getencoding", lambda: "ANSI_X3.4-1968")  # glibc's name of ASCII
    assert find_encoding(environment) == encoding


@pytest.mark.parametrize(
    ("character", "encoding", "drawn"),
    [
        ("a", "ascii", "a"),
        ("é", "ascii", "e"),
        ("é", "iso8859-1", "é"),
        ("ř", "iso8859-1", "r"),
        ("▸", "iso8859-1", ">"),
        ("╭", "ascii", "+"),
        ("夜", "ascii", "??"),
        ("\N{COMBINING ACUTE ACCENT}", "ascii", ""),
        ("▙", "ascii", "#"),
    ],
)
def test_the_nearest_character_takes_as_many_cells(character: str, encoding: str, drawn: str) -> None:
    assert closest_text(character, encoding) == drawn
    assert cell_len(drawn) == cell_len(character)


def test_every_symbol_of_the_screens_has_a_substitute() -> None:
    """Without a substitute, a symbol becomes a `?`, which looks like an error."""
    nodes = [
        node
        for file in Path(flattr_tui.ui.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
    ]
    docstrings = {node.value for node in nodes if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings
    ]
    drawn = {character for text in texts for character in text if character.isprintable() and character != "?"}
    assert not {character for character in drawn if "?" in closest_text(character, "ascii")}


def test_the_table_is_ascii() -> None:
    assert "".join(ASCII.values()).isascii()
    assert {len(drawn) for drawn in ASCII.values()} == {1}
