"""The tag language of searches, as the server reads it.

Source: `flattr/developers.flattr.net`, content/api/resources/things.md, 'Tags': `|` or, `&` and, `!` not; and
`game | games ! software` means 'game or games but not software', so that a `!` behind a term holds for all before it.
"""

from collections.abc import Callable, Set


class TagError(ValueError):
    """The expression does not parse; `position` (characters from 0) is where."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


Test = Callable[[Set[str]], bool]


def compile_tags(text: str) -> Test:
    """Turn an expression into a test of a thing's tags (given in lower case). Raises `TagError`."""
    tokens = _tokens(text[:1001])
    if len(text) > 1000:
        raise TagError("the expression is too long", 1000)
    test, rest = _terms(tokens, len(text))
    while rest:
        if rest[0][0] != "!":
            raise TagError("an operator is missing", rest[0][1])
        excluded, rest = _operand(rest, len(text))
        test, rest = _continue(_both(test, excluded), rest, len(text))
    return test


def _tokens(text: str) -> list[tuple[str, int]]:
    tokens: list[tuple[str, int]] = []
    start = 0
    for at, char in enumerate(text + "|"):
        if char in "|&!":
            word = text[start:at]
            if word.strip():
                tokens.append((" ".join(word.split()).casefold(), start + len(word) - len(word.lstrip())))
            if at < len(text):
                tokens.append((char, at))
            start = at + 1
    return tokens


def _operand(tokens: list[tuple[str, int]], end: int) -> tuple[Test, list[tuple[str, int]]]:
    if not tokens:
        raise TagError("a tag is missing at the end", end)
    word, at = tokens[0]
    if word == "!":
        inner, rest = _operand(tokens[1:], end)
        return (lambda tags: not inner(tags)), rest
    if word in {"|", "&"}:
        raise TagError(f"a tag is missing before {word}", at)
    return (lambda tags: word in tags), tokens[1:]


def _both(left: Test, right: Test) -> Test:
    return lambda tags: left(tags) and right(tags)


def _either(left: Test, right: Test) -> Test:
    return lambda tags: left(tags) or right(tags)


def _ands(test: Test, tokens: list[tuple[str, int]], end: int) -> tuple[Test, list[tuple[str, int]]]:
    while tokens and tokens[0][0] == "&":
        right, tokens = _operand(tokens[1:], end)
        test = _both(test, right)
    return test, tokens


def _continue(test: Test, tokens: list[tuple[str, int]], end: int) -> tuple[Test, list[tuple[str, int]]]:
    test, tokens = _ands(test, tokens, end)
    while tokens and tokens[0][0] == "|":
        right, tokens = _operand(tokens[1:], end)
        right, tokens = _ands(right, tokens, end)
        test = _either(test, right)
    return test, tokens


def _terms(tokens: list[tuple[str, int]], end: int) -> tuple[Test, list[tuple[str, int]]]:
    first, rest = _operand(tokens, end)
    return _continue(first, rest, end)
