"""Fuzzy matching: finds names that contain some typed letters in their order."""

from collections.abc import Iterable


def rank_matches(text: str, names: Iterable[str]) -> list[str]:
    """Return the names that match `text`, the best match first; "" matches all names.

    The order: the name that equals the text, names that begin with the text, names with a word that begins with the
    text, names that contain the text, and names that contain the text's letters in their order with other letters
    between them, fewest others first. Case doesn't matter.
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
    """Return how far apart the first and last letter of `wanted` are in `name`; None if it lacks them in this order."""
    letters = [letter for letter in wanted if not letter.isspace()]
    at = begin = -1
    for letter in letters:
        at = name.find(letter, at + 1)
        if at < 0:
            return None
        begin = at if begin < 0 else begin
    return at - begin
