"""The one way by which a server's text becomes text of ours.

A terminal obeys control characters wherever they come from (and Textual passes ESC through), so none may be left in
what a server said. Source: ECMA-48 for C0, C1 and ESC; Unicode Standard Annex 9 for the bidirectional controls.
"""

import re
from collections.abc import Callable
from functools import cache

LINE_LIMIT = 2_000
"""Characters that a text of one line is cut to: more is no title but an attack on the screen."""
TEXT_LIMIT = 100_000
"""Characters that a text of several lines is cut to."""

_INVISIBLE = (
    "\x00-\x08\x0b\x0c\x0e-\x1f"  # C0 but tab, newline and carriage return
    "\x7f-\x9f"  # DEL and C1
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"  # bidi marks, overrides and isolates, invisible operators
    "\ufeff\ufff9-\ufffb"  # byte order mark, interlinear annotation
    "\ud800-\udfff"  # lone surrogates
    "\U000e0000-\U000e007f"  # tag characters
)
_BREAK = re.compile("\r\n|[\r\x85\u2028\u2029]")
_BLANKS = re.compile(r"\s+")
_UNEVEN = re.compile(r"[^\S ]|^\s|\s$|\s\s")


@cache
def _drop() -> re.Pattern[str]:  # made when it is first needed: of believable texts few ever do
    return re.compile(f"[{_INVISIBLE}]")


@cache
def _suspect() -> re.Pattern[str]:
    return re.compile(f"[{_INVISIBLE}\t\r\x85\u2028\u2029]")


def clean(text: str) -> str:
    """Take out what a terminal could obey: C0 (but newline), ESC, DEL, C1, bidi controls, lone surrogates.

    Tabs become a blank; CR LF, CR and the Unicode line breaks become newlines; more than `TEXT_LIMIT` characters are
    cut. Idempotent. Joiners and variation selectors stay, since emoji and several scripts need them.
    """
    if not text.replace("\n", "").isprintable() and _suspect().search(text):
        text = _drop().sub("", _BREAK.sub("\n", text).replace("\t", " "))
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"


def escaped(text: str, escape: Callable[[int], str]) -> str:
    """Write what `clean` would take out as `escape` says (of a code point), so that a body can be looked at as sent.

    White space stays, nothing is cut.
    """
    return _drop().sub(lambda found: escape(ord(found[0])), text) if _drop().search(text) else text


def line(text: str) -> str:
    """Clean a text that is shown on one line: every run of white space becomes one blank, none at the ends.

    More than `LINE_LIMIT` characters are cut. Idempotent.
    """
    if text.isprintable() and len(text) <= LINE_LIMIT and "  " not in text and len(text.strip()) == len(text):
        return text  # printable: no control, no format character, no white space but the blank
    if len(text) > LINE_LIMIT:
        text = text[: LINE_LIMIT * 4]
    text = clean(text)
    if _UNEVEN.search(text):
        text = _BLANKS.sub(" ", text).strip()
    return text if len(text) <= LINE_LIMIT else text[: LINE_LIMIT - 1].rstrip() + "…"
