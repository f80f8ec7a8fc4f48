"""Tests of the description of an item: wrapped text stays to the right of its label, and a time of 0 means never."""

from flattr_tui.library.import_export.exporter import format_cell
from flattr_tui.model.entities import Thing
from flattr_tui.ui.screens.base_page import describe
from tests.ui.driver import NOW

THING = Thing(id=1, title="A", tags=("history", "copyright", "maps", "free software"), updated_at=0)


def test_wrapped_tags_keep_their_indent() -> None:
    lines = describe(THING, NOW, width=30).plain.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("tags"))
    assert lines[at].startswith("tags    history · ")
    assert lines[at + 1].startswith("        ")
    assert lines[at + 1].strip()
    assert max(map(len, lines)) <= 30
    assert "tags    history · copyright · maps · free software" in describe(THING, NOW).plain


def test_a_thing_that_was_never_changed_says_so() -> None:
    assert "changed never" in describe(THING, NOW).plain
    assert "changed 26 Sep 2017" in describe(Thing(id=1, updated_at=1_506_384_000), NOW).plain
    assert "changed" not in describe(Thing(id=1), NOW).plain
    assert format_cell(THING, "updated_at") == ""
    assert format_cell(Thing(id=1, updated_at=1_506_384_000), "updated_at").startswith("2017-09-26")
