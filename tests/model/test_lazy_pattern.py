"""Tests of regular expressions that are compiled at their first use."""

import re

import pytest

from flattr_tui.model.lazy_pattern import lazy_pattern


def test_it_finds_what_a_compiled_pattern_finds() -> None:
    late = lazy_pattern(r"(?P<word>[a-z]+)", re.IGNORECASE)
    assert [found["word"] for found in late.finditer("Open source")] == ["Open", "source"]
    assert late.sub("x", "a-b") == "x-x"
    assert lazy_pattern(rb"\d+").fullmatch(b"12") is not None


def test_it_is_compiled_when_it_is_used_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    compile_pattern = re.compile

    def count(pattern: str, flags: int) -> re.Pattern[str]:
        compiled.append(pattern)
        return compile_pattern(pattern, flags)

    monkeypatch.setattr(re, "compile", count)
    late = lazy_pattern("a+")
    assert not compiled
    assert [bool(late.match(text)) for text in ("a", "b", "aa")] == [True, False, True]
    assert compiled == ["a+"]
