"""Normalizes (folds) text for searching: lower case, without accents and vowel marks, one blank between words.

Indexed text and search words are both folded, so that SQLite's tokenizer has nothing left to decide, and a plain search
for ` word` in the folded text gives the same result as the index. Scripts without blanks between words (Chinese,
Japanese, Thai, Lao, Burmese, Khmer) and emoji are split into characters with their marks; a search word of several
characters becomes a phrase.
"""

import re
import unicodedata
from functools import cache, lru_cache, partial
from itertools import pairwise
from typing import Final

MAX_WORDS = 32
"""Maximum number of search words. Further words are ignored."""
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]+")
_ASCII = {code: (chr(code).lower() if chr(code).isalnum() else " ") for code in range(128)}
_SPELLED: Final = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ς": "σ"} | {
    "œ": "oe",
    "æ": "ae",
    "ß": "ss",
    "þ": "th",
}
"""Letters that Unicode does not decompose, and what people type instead."""
_BLANKLESS: Final = ("\u0e00\u0eff", "\u1000\u109f", "\u1780\u17ff", "\u19e0\u19ff", "\ua9e0\ua9ff", "\uaa60\uaa7f")
"""First and last characters of scripts without blanks: Thai and Lao, Burmese, Khmer, Khmer symbols, more Burmese."""


@cache
def _spelling() -> dict[int, str]:  # compiled only when a text is not ASCII, as are the next ones
    return str.maketrans(_SPELLED)


@cache
def _accents() -> re.Pattern[str]:
    """Return a pattern for the marks that are removed: accents of Latin letters, the dots of ё, vowel marks.

    The letter before an accent is matched as a group of the pattern, and must be kept. U+0653 to U+0655 do not match:
    in Arabic they make other letters.
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


def has_han_or_kana(word: str) -> bool:
    """Whether a word has Chinese characters or Japanese kana."""
    return not word.isascii() and bool(_han().search(word))


@cache
def _blankless() -> re.Pattern[str]:
    """Return the pattern of one letter, with its marks, in a script without blanks between words."""
    block = [chr(code) for first, last in _BLANKLESS for code in range(ord(first), ord(last) + 1)]
    marks = "".join(char for char in block if unicodedata.category(char)[0] == "M")
    letters = "".join(char for char in block if unicodedata.category(char)[0] == "L")
    return re.compile(f"[{letters}][{marks}]*")


class _FoldTable(dict[int, str]):
    """Maps each character to its replacement. An entry is made when the character first occurs."""

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


_SPLIT, _WHOLE = _FoldTable(split=True), _FoldTable(split=False)


def fold(text: str, *, split: bool = True) -> str:
    """Return the words of a text, normalized and separated by single blanks; "" if it has no letter, digit or symbol.

    Without `split`, a run of Chinese, Japanese or another script without blanks stays one word.
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
def query_terms(text: str) -> tuple[str, ...]:
    """Return the words of a search, normalized, each once, at most `MAX_WORDS`.

    The characters of a word in a script without blanks are separated by blanks: such a word must be matched as a
    phrase.
    """
    folded = (fold(word) for word in text[:2_000].split()[:MAX_WORDS])
    return tuple(dict.fromkeys(word for word in folded if word))


def fts_query(words: tuple[str, ...], *, whole: int = 0) -> str:
    """Return an FTS5 query for texts with all these normalized words: the first `whole` exactly, others as prefixes."""
    return " ".join(f'"{word}"' + ("*" if place >= whole else "") for place, word in enumerate(words))


@lru_cache(64)
def _prefix_pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return a pattern that matches any of `words` at the beginning of a word of an ASCII text.

    Returns None if none of `words` is ASCII.
    """
    plain = [tight for word in words if (tight := word.replace(" ", "")).isascii()]
    return re.compile(f"(?<![^\\W_])(?:{'|'.join(plain)})", re.ASCII | re.IGNORECASE) if plain else None


def match_spans(text: str, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return where one of the normalized `words` occurs at the beginning of a word of a text.

    Each occurrence is its start and stop (excluded) in characters; they are in the order of the text.
    """
    if text.isascii():  # most texts are; this is as fast as SQLite's own function
        pattern = _prefix_pattern(words)
        return [found.span() for found in pattern.finditer(text)] if pattern is not None else []
    if not words:
        return []
    folded, starts, stops = _locate(text)
    spaced = (re.escape(word).replace(r"\ ", " +") for word in sorted(words, key=len, reverse=True))
    found = re.finditer(f"(?<= )(?:{'|'.join(spaced)})", folded)
    return [(starts[one.start()], stops[one.end() - 1]) for one in found]


def _locate(text: str) -> tuple[str, list[int], list[int]]:
    """Return a text normalized, with a blank in front, and where each of its characters starts and stops in `text`.

    Several blanks are not merged. Runs of ASCII are folded whole: a description of 2,000 characters takes 0.4 ms, not
    1.2.
    """
    folded, starts, stops = [" "], [0], [0]
    done = 0
    for run in _BEYOND_ASCII.finditer(text):
        first, end = run.span()
        if first > done and unicodedata.category(text[first])[0] == "M":
            first -= 1  # a mark belongs to the letter before it
        _append_ascii(text, done, first, folded, starts, stops)
        bounds = [at for at in range(first, end) if at == first or unicodedata.category(text[at])[0] != "M"]
        for start, stop in pairwise([*bounds, end]):
            cluster = _fold_cluster(text[start:stop])
            folded.append(cluster)
            starts += [start] * len(cluster)
            stops += [stop] * len(cluster)
        done = end
    _append_ascii(text, done, len(text), folded, starts, stops)
    return "".join(folded), starts, stops


def _append_ascii(text: str, start: int, stop: int, folded: list[str], starts: list[int], stops: list[int]) -> None:
    folded.append(text[start:stop].translate(_ASCII))
    starts += range(start, stop)
    stops += range(start + 1, stop + 1)


_fold_cluster = lru_cache(4096)(partial(_translate, split=True))
