"""Makes a server's text safe for a terminal.

A terminal obeys control characters wherever they come from (and Textual passes ESC through), so none may be left.
Source: ECMA-48 for C0, C1 and ESC; Unicode Standard Annex 9 for the bidirectional controls.
"""

from collections.abc import Callable

from flattr_tui.model.lazy_pattern import lazy_pattern

LINE_LIMIT = 2_000
"""Maximum number of characters of a text of one line. A longer one is not a title but an attack on the screen."""
TEXT_LIMIT = 100_000
"""Maximum number of characters of a text of several lines."""

_INVISIBLE = (
    "\x00-\x08\x0b\x0c\x0e-\x1f"  # C0 but tab, newline and carriage return
    "\x7f-\x9f"  # DEL and C1
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"  # bidi marks, overrides and isolates, invisible operators
    "\ufeff\ufff9-\ufffb"  # byte order mark, interlinear annotation
    "\ud800-\udfff"  # lone surrogates
    "\U000e0000-\U000e007f"  # tag characters
)
_BREAK = lazy_pattern("\r\n|[\r\x85\u2028\u2029]")
_BLANKS = lazy_pattern(r"\s+")
_UNEVEN = lazy_pattern(r"[^\S ]|^\s|\s$|\s\s")
_UNSAFE = lazy_pattern(f"[{_INVISIBLE}]")
_TO_CLEAN = lazy_pattern(f"[{_INVISIBLE}\t\r\x85\u2028\u2029]")


def strip_controls(text: str) -> str:
    """Return a text without the characters that control a terminal: C0, DEL, C1, bidi controls, lone surrogates.

    Newlines stay. Tabs become blanks; CR LF, CR and Unicode line breaks become newlines; text beyond `TEXT_LIMIT`
    characters is cut. Joiners and variation selectors stay, since emoji and several scripts need them. A second call
    changes nothing.
    """
    if not text.replace("\n", "").isprintable() and _TO_CLEAN.search(text):
        text = _UNSAFE.sub("", _BREAK.sub("\n", text).replace("\t", " "))
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"


def escape_controls(text: str, escape: Callable[[int], str]) -> str:
    """Return a text in which `escape(code point)` replaces each character that `strip_controls` would remove.

    White space is kept and nothing is cut, so that a body can be shown as it was sent.
    """
    return _UNSAFE.sub(lambda found: escape(ord(found[0])), text) if _UNSAFE.search(text) else text


def single_line(text: str) -> str:
    """Return a text on one line, without control characters. White space becomes single blanks, with none at the ends.

    Text beyond `LINE_LIMIT` characters is cut. A second call changes nothing.
    """
    if text.isprintable() and len(text) <= LINE_LIMIT and "  " not in text and len(text.strip()) == len(text):
        return text  # printable: no control or format character, and no white space except blanks
    if len(text) > LINE_LIMIT:
        text = text[: LINE_LIMIT * 4]
    text = strip_controls(text)
    if _UNEVEN.search(text):
        text = _BLANKS.sub(" ", text).strip()
    return text if len(text) <= LINE_LIMIT else text[: LINE_LIMIT - 1].rstrip() + "…"
