"""Text as it is compared: lower case, without the accents of Latin letters, one blank between words.

What is indexed and what is looked for both pass here first, so that SQLite's tokenizer has nothing left to decide and
a plain search for ` word` in the folded text finds exactly what the index does. Chinese and Japanese, which part no
words, are taken character by character, as are emoji: a word of several is then a phrase, found inside a longer run.
"""

import re
import unicodedata
from functools import cache, lru_cache

MAX_WORDS = 32
"""More words than these are not looked for."""
_ASCII = {code: (chr(code).lower() if chr(code).isalnum() else " ") for code in range(128)}


@cache
def _accents() -> re.Pattern[str]:  # made when a text has more than ASCII, as is the next one
    return re.compile("([a-z])[\u0300-\u036f]+")


@cache
def _han() -> re.Pattern[str]:
    return re.compile(
        "[\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f]"
        "|[\U00020000-\U0003ffff]"
    )


class _Letters(dict[int, str]):
    """What each character becomes; filled as characters are met."""

    def __init__(self, *, split: bool) -> None:
        super().__init__(_ASCII)
        self.split = split

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if char == "ς":
            kept = "σ"
        elif category == "So" or (self.split and _han().match(char)):
            kept = f" {char} "
        elif category[0] in "LN" or (category[0] == "M" and char != "\ufe0f") or category == "Co":
            kept = char
        else:
            kept = " "
        self[code] = kept
        return kept


_SPLIT, _WHOLE = _Letters(split=True), _Letters(split=False)


def fold(text: str, *, split: bool = True) -> str:
    """Return a text's words, parted by single blanks; without `split`, Han and kana stay in one run."""
    if text.isascii():
        return " ".join(text.translate(_ASCII).split())
    text = unicodedata.normalize("NFKD", text).lower()
    text = unicodedata.normalize("NFC", _accents().sub(r"\1", text))
    return " ".join(text.translate(_SPLIT if split else _WHOLE).split())


@lru_cache(256)
def typed(text: str) -> tuple[str, ...]:
    """Return the words that a person typed, folded; one that parts into several is to be found as a phrase."""
    folded = (fold(word) for word in text[:2_000].split()[:MAX_WORDS])
    return tuple(dict.fromkeys(word for word in folded if word))


def match(words: tuple[str, ...], *, whole: int = 0) -> str:
    """Write an FTS5 query for all of the words, as prefixes but for the first `whole` of them; it can't fail."""
    return " ".join(f'"{word}"' + ("*" if place >= whole else "") for place, word in enumerate(words))


@lru_cache(64)
def _beginnings(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Write what finds the beginnings of words in text without anything but ASCII; None where there can't be any."""
    plain = [tight for word in words if (tight := word.replace(" ", "")).isascii()]
    return re.compile(f"(?<![^\\W_])(?:{'|'.join(plain)})", re.ASCII | re.IGNORECASE) if plain else None


def spans(text: str, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """Say where in a text words begin that have one of `words` as a prefix: start and stop, in order."""
    if text.isascii():  # most are, and then it is as quick as SQLite's own
        pattern = _beginnings(words)
        return [found.span() for found in pattern.finditer(text)] if pattern is not None else []
    pieces = [(found.start(), found.end(), fold(found.group())) for found in re.finditer(r"[^\W_]+", text)]
    marked: list[tuple[int, int]] = []
    for start, stop, folded in pieces:
        tight = folded.replace(" ", "")
        for word in words:
            sought = word.replace(" ", "")
            if len(tight) == stop - start and " " in folded:  # Han: anywhere in the run
                at = tight.find(sought)
                if at >= 0:
                    marked.append((start + at, start + at + len(sought)))
                    break
            elif tight.startswith(sought.split(" ", 1)[0]):
                marked.append((start, min(stop, start + len(sought))))
                break
    return marked
