"""Flattr's tag language: a boolean expression that is matched against the tags of things.

`|` is or, `&` is and, `!` is not. `&` binds tighter than `|`. A `!` after a term without an operator means 'and not'
for everything before it: the documentation reads `game | games ! software` as 'game or games but not software'.
Parentheses can't group: they are refused, except for a pair inside a tag, as in `C (language)`. A tag may contain
blanks. Case is ignored. Source: `flattr/developers.flattr.net`, content/api/resources/things.md, 'Search things',
'Tags'.
"""

import re
from collections.abc import Iterable
from typing import NoReturn

import msgspec

from flattr_tui.model.lazy_pattern import lazy_pattern

_TOKEN = lazy_pattern(r"\s*([|&!])|\s*([^|&!]*[^|&!\s])")
_PAIR = lazy_pattern(r"\([^()]*\)")
_PARENTHESIS = lazy_pattern(r"[()]")


class TagSyntaxError(ValueError):
    """A tag expression is invalid at `position` (in characters from 0). The message is a sentence."""

    def __init__(self, sentence: str, position: int) -> None:
        super().__init__(sentence)
        self.position = position


class Tag(msgspec.Struct, frozen=True):
    """A tag expression that matches things with one tag."""

    name: str


class Not(msgspec.Struct, frozen=True):
    """A tag expression that matches the things that `part` does not match."""

    part: "Expression"


class And(msgspec.Struct, frozen=True):
    """A tag expression that matches the things that both parts match."""

    left: "Expression"
    right: "Expression"


class Or(msgspec.Struct, frozen=True):
    """A tag expression that matches the things that at least one part matches."""

    left: "Expression"
    right: "Expression"


Expression = Tag | Not | And | Or


def matches(expression: Expression, tags: Iterable[str]) -> bool:
    """Whether a tag expression matches a thing with these tags."""
    return _matches(expression, {tag.casefold() for tag in tags})


def _matches(expression: Expression, tags: set[str]) -> bool:
    match expression:
        case Tag(name):
            return name.casefold() in tags
        case Not(part):
            return not _matches(part, tags)
        case And(left, right):
            return _matches(left, tags) and _matches(right, tags)
        case Or(left, right):
            return _matches(left, tags) or _matches(right, tags)


class _Parser:
    """A recursive-descent parser. A method named after a part of the grammar parses and returns that part."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, int]] = []
        at = 0
        while found := _TOKEN.match(text, at):
            group = 1 if found[1] else 2
            self.tokens.append((" ".join(found[group].split()), found.start(group)))
            at = found.end()
        self.next = 0

    @property
    def token(self) -> str:
        return self.tokens[self.next][0] if self.next < len(self.tokens) else ""

    def fail(self, sentence: str, pattern: re.Pattern[str] | None = None) -> NoReturn:
        """Raise `TagSyntaxError` with the message `sentence` and the position of the current token.

        With `pattern`, the position is the first match of `pattern` from the current token on, if there is a match.
        """
        at = self.tokens[self.next][1] if self.next < len(self.tokens) else len(self.text)
        found = pattern.search(self.text, at) if pattern is not None else None
        raise TagSyntaxError(sentence, found.start() if found else at)

    def accept(self, operator: str) -> bool:
        taken = self.token == operator
        self.next += taken
        return taken

    def factor(self) -> Expression:
        negative = False
        while self.accept("!"):
            negative = not negative
        if not self.token:
            self.fail("A tag is missing at the end.")
        if self.token in {"|", "&"}:
            self.fail(f"A tag is missing before `{self.token}`.")
        if self.token.startswith("(") or _PARENTHESIS.search(_PAIR.sub("", self.token)):
            self.fail("Parentheses can't group tags: for `a & (b | c)` write `a & b | a & c`.", _PARENTHESIS)
        tag = Tag(self.token)
        self.next += 1
        return Not(tag) if negative else tag

    def conjunction(self, left: Expression) -> Expression:
        while self.accept("&"):
            left = And(left, self.factor())
        return left

    def union(self, left: Expression) -> Expression:
        left = self.conjunction(left)
        while self.accept("|"):
            left = Or(left, self.conjunction(self.factor()))
        return left

    def expression(self) -> Expression:
        left = self.union(self.factor())
        while self.token == "!":
            left = self.union(And(left, self.factor()))
        return left


def parse_tags(text: str) -> Expression:
    """Return the tag expression in a text. Raises `TagSyntaxError` with the position of the mistake."""
    if len(text) > 1000:
        raise TagSyntaxError("The tag expression is longer than 1,000 characters.", 1000)
    return _Parser(text).expression()


def format_tags(expression: Expression) -> str:
    """Return an expression as text in its normal form: one blank around `|` and `&`, `!` directly before its tag.

    `parse_tags` returns an expression with the same meaning for this text. Only expressions that `parse_tags` returns
    can be formatted, because the text has no parentheses.
    """
    match expression:
        case Tag(name):
            return name
        case Not(part):
            return f"!{format_tags(part)}"
        case And(Or() as left, Not(part)):
            return f"{format_tags(left)} !{format_tags(part)}"
        case And(left, right):
            return f"{format_tags(left)} & {format_tags(right)}"
        case Or(left, right):
            return f"{format_tags(left)} | {format_tags(right)}"
