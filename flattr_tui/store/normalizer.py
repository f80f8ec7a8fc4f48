"""Text as it is compared: lower case, without accents and vowel marks, one blank between words.

What is indexed and what is looked for both pass here first, so that SQLite's tokenizer has nothing left to decide and
a plain search for ` word` in the folded text finds exactly what the index does. Scripts without blanks between words
(Chinese, Japanese, Thai, Lao, Burmese, Khmer) are split into characters, each with its marks, as are emoji: a word of
several is then a phrase, found inside a longer run.
"""

import re
import unicodedata
from functools import cache, lru_cache, partial
from itertools import pairwise
from typing import Final

MAX_WORDS = 32
"""More words than these are not looked for."""
_ASCII = {code: (chr(code).lower() if chr(code).isalnum() else " ") for code in range(128)}
_SPELLED: Final = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ς": "σ"} | {
    "œ": "oe",
    "æ": "ae",
    "ß": "ss",
    "þ": "th",
}
"""Letters that Unicode does not decompose, as people type them instead."""
_BLANKLESS: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\ua9e0-\ua9ff\uaa60-\uaa7f"
"""Thai and Lao, Burmese, Khmer, Khmer symbols, and two extensions of Burmese."""


@cache
def _spelling() -> dict[int, str]:  # made when a text has more than ASCII, as are the next ones
    return str.maketrans(_SPELLED)


@cache
def _accents() -> re.Pattern[str]:
    """Match what is dropped behind the first group: accents of Latin letters, ё's, vowel marks (and Arabic's stroke).

    U+0653 to U+0655 stay: they make other letters in Arabic.
    """
    hebrew = "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    arabic = "\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    return re.compile(f"([a-z])[\u0300-\u036f]+|(е)\u0308|[{hebrew}{arabic}]+")


@cache
def _han() -> re.Pattern[str]:
    return re.compile(
        "[\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f]"
        "|[\U00020000-\U0003ffff]"
    )


def has_han(word: str) -> bool:
    """Say whether a word has Chinese or Japanese characters."""
    return not word.isascii() and bool(_han().search(word))


@cache
def _blankless() -> re.Pattern[str]:
    """Match a letter of a script without blanks between words, with the marks behind it."""
    block = [char for code in range(0x0E00, 0xAA80) if re.match(f"[{_BLANKLESS}]", char := chr(code))]
    marks = "".join(char for char in block if unicodedata.category(char)[0] == "M")
    letters = "".join(char for char in block if unicodedata.category(char)[0] == "L")
    return re.compile(f"[{letters}][{marks}]*")


class _Letters(dict[int, str]):
    """What each character becomes; filled as characters are met."""

    def __init__(self, *, split: bool) -> None:
        super().__init__(_ASCII)
        self.split = split

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if category == "So" or (self.split and _han().match(char)):
            kept = f" {char} "
        elif category[0] in "LN" or (category[0] == "M" and char != "\ufe0f") or category == "Co":
            kept = char
        else:
            kept = " "
        self[code] = kept
        return kept


_SPLIT, _WHOLE = _Letters(split=True), _Letters(split=False)


def fold(text: str, *, split: bool = True) -> str:
    """Return a text's words with single blanks between them.

    Without `split`, a run of a script that has no blanks between its words stays one word.
    """
    if text.isascii():
        return " ".join(text.translate(_ASCII).split())
    return " ".join(_translate(text, split=split).split())


def _translate(text: str, *, split: bool) -> str:
    text = unicodedata.normalize("NFKD", text).lower().translate(_spelling())
    text = unicodedata.normalize("NFC", _accents().sub(r"\1\2", text))
    if split:
        text = _blankless().sub(r" \g<0> ", text)
    return text.translate(_SPLIT if split else _WHOLE)


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
    if not words:
        return []
    folded, places = _locate(text)
    wanted = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    found = re.finditer(f"(?<= )(?:{wanted})", folded)
    return [(places[one.start()][0], places[one.end() - 1][1]) for one in found]


def _locate(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Fold a text, a blank in front; also return where in `text` each folded character comes from."""
    bounds = [at for at, char in enumerate(text) if at == 0 or unicodedata.category(char)[0] != "M"]
    folded, places = [" "], [(0, 0)]
    for start, stop in pairwise([*bounds, len(text)]):
        for char in _fold_cluster(text[start:stop]):
            if char != " " or folded[-1] != " ":
                folded.append(char)
                places.append((start, stop))
    return "".join(folded), places


_fold_cluster = lru_cache(4096)(partial(_translate, split=True))
