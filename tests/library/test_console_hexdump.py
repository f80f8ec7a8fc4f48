"""Tests of binary bodies: the console shows them as a hex dump, and no control character reaches the terminal."""

import pytest

from flattr_tui.library.console import pretty_printer
from flattr_tui.library.console.pretty_printer import Syntax

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x1b[31m"


@pytest.mark.parametrize("content_type", ["image/png", "text/plain", "application/json", "text/html", ""])
def test_a_binary_body_is_a_hex_dump_whatever_its_content_type(content_type: str) -> None:
    document = pretty_printer.format_body(PNG, content_type)
    assert document.lines == [
        "000000  89 50 4e 47 0d 0a 1a 0a  ·PNG····",
        "000008  00 00 00 0d 49 48 44 52  ····IHDR",
        "000010  1b 5b 33 31 6d           ·[31m",
    ]
    assert document.kind is Syntax.TEXT
    assert pretty_printer.raw_text(PNG, 20) == document


def test_every_octet_is_there_and_every_character_is_printable() -> None:
    whole = bytes(range(256))
    lines = pretty_printer.hexdump(whole, 1000)
    assert bytes.fromhex("".join(line[8:31] for line in lines)) == whole
    assert all(character.isprintable() for line in lines for character in line)


def test_a_dump_longer_than_its_limit_is_marked_as_cut() -> None:
    assert pretty_printer.hexdump(bytes(24), 2) == pretty_printer.hexdump(bytes(16), 99)
    assert pretty_printer.is_cut(bytes(24), 2)
    assert not pretty_printer.is_cut(bytes(16), 2)


@pytest.mark.parametrize("text", ["{}", "", "日本語", "\x1b[31m", '{"a": "\\u0000"}'])
def test_text_stays_text(text: str) -> None:
    assert not pretty_printer.is_binary(text.encode())
