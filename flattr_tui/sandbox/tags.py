"""The tag language of searches, as the server reads it.

Source: `flattr/developers.flattr.net`, content/api/resources/things.md, 'Tags': `|` or, `&` and, `!` not; and `game |
games ! software` means 'game or games but not software', so a `!` after a term applies to everything before it.
"""

import re
from collections.abc import Callable, Set
from typing import NamedTuple


class TagError(ValueError):
    """The expression is invalid at `position` (in characters from 0)."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


Test = Callable[[Set[str]], bool]


def compile_tags(text: str) -> Test:
    """Compile an expression into a test of a thing's tags (in lower case). Raises `TagError`."""
    if len(text) > 1000:
        raise TagError("the expression is too long", 1000)
    tokens = _tokens(text)
    steps: list[_Step] = []
    at = 0
    while not steps or at < len(tokens):
        operator = tokens[at].text if steps else ""
        at += operator in {"|", "&"}
        tag, at = _read_tag(tokens, at, len(text))
        if operator == "&":
            steps[-1].tags.append(tag)
        else:
            steps.append(_Step(operator == "|", [tag]))
    return lambda tags: _holds(steps, tags)


class _Token(NamedTuple):
    """An operator or a tag, and its position (characters from 0)."""

    text: str
    position: int


class _Step(NamedTuple):
    """Tags that must all be present (or, with False, all be absent), joined to the previous steps by `or` or `and`."""

    is_or: bool
    tags: list[tuple[str, bool]]


def _holds(steps: list[_Step], tags: Set[str]) -> bool:
    found = True
    for is_or, wanted in steps:
        holds = all((tag in tags) is present for tag, present in wanted)
        found = (found or holds) if is_or else (found and holds)
    return found


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    start = 0
    for at, char in enumerate(text + "|"):
        if char in "|&!":
            word = text[start:at]
            if word.strip():
                _refuse_groups(word, start)
                tokens.append(_Token(" ".join(word.split()).casefold(), start + len(word) - len(word.lstrip())))
            if at < len(text):
                tokens.append(_Token(char, at))
            start = at + 1
    return tokens


def _refuse_groups(word: str, start: int) -> None:
    """Raise `TagError` for a parenthesis that groups. A tag may contain pairs of them, but not begin with one."""
    if word.lstrip().startswith("(") or set("()") & set(re.sub(r"\([^()]*\)", "", word)):
        position = start + min(word.index(sign) for sign in "()" if sign in word)
        raise TagError("parentheses are not part of the tag language", position)


def _read_tag(tokens: list[_Token], at: int, end: int) -> tuple[tuple[str, bool], int]:
    """Read `!` and a tag; return the tag, whether it must be present, and the index of the next token."""
    present = True
    while at < len(tokens) and tokens[at].text == "!":
        present, at = not present, at + 1
    if at == len(tokens):
        raise TagError("a tag is missing at the end", end)
    text, position = tokens[at]
    if text in {"|", "&"}:
        raise TagError(f"a tag is missing before {text}", position)
    return (text, present), at + 1
