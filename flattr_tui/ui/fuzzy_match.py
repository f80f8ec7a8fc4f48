"""Which of many names a few typed letters mean."""

from collections.abc import Iterable


def rank_matches(text: str, names: Iterable[str]) -> list[str]:
    """Return the names that `text` can mean, the likeliest first; all of them for "".

    A name that is the text comes first, then those that begin with it, those with a word that does, those that contain
    it, and those that contain its letters in this order, the shorter the stretch the better. Case doesn't matter.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return list(names)
    ranked: list[tuple[tuple[int, int], str]] = []
    for name in names:
        rank = _rank(wanted, name.casefold())
        if rank is not None:
            ranked.append((rank, name))
    return [name for _, name in sorted(ranked, key=lambda pair: pair[0])]


def _rank(wanted: str, name: str) -> tuple[int, int] | None:
    if name == wanted:
        return 0, 0
    at = name.find(wanted)
    if at == 0:
        return 1, 0
    if at > 0:
        return (2 if not name[at - 1].isalnum() else 3), 0
    stretch = _stretch(wanted, name)
    return None if stretch is None else (4, stretch)


def _stretch(wanted: str, name: str) -> int | None:
    """Return how many characters of `name` the letters of `wanted` are spread over; None where they are not in it."""
    letters = [letter for letter in wanted if not letter.isspace()]
    at = begin = -1
    for letter in letters:
        at = name.find(letter, at + 1)
        if at < 0:
            return None
        begin = at if begin < 0 else begin
    return at - begin
