"""Searching the world's things, with every filter and sort of the service.

Source: `flattr/developers.flattr.net`, content/api/resources/things.md, 'Search things'.
"""

import re
import unicodedata
from collections.abc import Callable

from flattr_tui.sandbox.database import Store
from flattr_tui.sandbox.models import Refused, ThingRow, ThingSearch
from flattr_tui.sandbox.queries import FROM_THINGS, OWNED, thing_row
from flattr_tui.sandbox.tags import TagError, Test, compile_tags

DAY = 86_400
PERIODS = {"flattrs_month": 30 * DAY, "flattrs_week": 7 * DAY, "flattrs_day": DAY, "trend": 90 * DAY}
"""Seconds back from the world's newest flattr (its data ends with 2017) in which a sort counts."""
SORTS = ("relevance", "flattrs", *PERIODS)
_MOST_ADDRESSES = 20


class Searcher:
    """The searching part of the world."""

    _store: Store
    _clock: Callable[[], float]

    def search(self, search: ThingSearch, *, count: int, page: int) -> tuple[int, list[ThingRow]]:
        """Find things; the answer is how many there are in all, and one page of them. Hidden ones are never found.

        Raises `Refused('invalid_parameters')` for a tag expression that does not parse or an unknown sort.
        """
        if search.sort not in SORTS:
            raise Refused("invalid_parameters", f"Unknown sort, use one of {', '.join(SORTS)}")
        tagged = _tag_test(search.tags)
        where, values = ["NOT t.hidden"], []
        joins, order = FROM_THINGS, "t.created_at DESC, t.id DESC"
        query = match_query(search.query)
        if search.query.strip() and not query:
            return 0, []
        if query:
            joins += " JOIN words ON words.rowid = t.id"
            where.append("words MATCH ?")
            values.append(query)
            order = "bm25(words, 8, 1, 4, 4), t.flattrs DESC, t.id DESC"
        if search.user:
            where.append("o.username = ? COLLATE NOCASE")
            values.append(search.user)
        for column, chosen in (("language", search.languages), ("category", search.categories)):
            if chosen:
                where.append(f"t.{column} IN ({','.join('?' * len(chosen))})")
                values += chosen
        if search.sort == "flattrs":
            order = "t.flattrs DESC, t.id DESC"
        elif search.sort in PERIODS:
            joins += (
                " LEFT JOIN (SELECT thing, count(*) AS recent FROM flattrs WHERE created_at >"
                f" (SELECT max(created_at) FROM flattrs) - {PERIODS[search.sort]} GROUP BY thing) r ON r.thing = t.id"
            )
            order = "coalesce(r.recent, 0) DESC, t.flattrs DESC, t.id DESC"
        matching = self._matching(
            f"SELECT t.id, t.tags, t.url {joins} WHERE {' AND '.join(where)} ORDER BY {order}",
            values,
            search.url,
            tagged,
        )
        chosen_ids = matching[(page - 1) * count : page * count]
        marks = ",".join("?" * len(chosen_ids))
        found = self._store.all(f"SELECT {OWNED} {FROM_THINGS} WHERE t.id IN ({marks})", *chosen_ids)
        rows = {row["t_id"]: thing_row(row) for row in found}
        return len(matching), [rows[key] for key in chosen_ids if key in rows]

    def _matching(self, sql: str, values: list[str], url: str, tagged: Test | None) -> list[int]:
        rows = self._store.all(sql, *values)
        if url:
            is_wanted = address_test(url)
            rows = [row for row in rows if is_wanted(row[2])]
        if tagged is None:
            return [row[0] for row in rows]
        return [row[0] for row in rows if tagged({tag.casefold() for tag in row[1].split(",")})]


def _tag_test(text: str) -> Test | None:
    """Compile a tag expression; None for an empty one. Raises `Refused('invalid_parameters')` if it does not parse."""
    if not text.strip():
        return None
    try:
        return compile_tags(text)
    except TagError as error:
        raise Refused(
            "invalid_parameters", f"The tags do not parse at character {error.position + 1}: {error}"
        ) from error


def address_test(text: str) -> Callable[[str], bool]:
    """Turn a filter by address into a test of one: addresses parted by `|`, as `youtify/youtify` sent them.

    A whole one is that very address, with or without a slash at the end; one without a scheme, as `youtube.com`, is
    all on that host and on those that belong to it, or below a path there.
    """
    whole, parts = set(), []
    for part in (text, *text.split("|")[:_MOST_ADDRESSES]):
        if "://" in part:
            whole.add(part.strip().rstrip("/"))
        elif part.strip():
            parts.append(re.escape(part.strip().rstrip("/")))
    below = re.compile(rf"https?://(?:[^/?#]*\.)?(?:{'|'.join(parts)})(?:[:/?#]|$)", re.IGNORECASE) if parts else None
    return lambda url: url.rstrip("/") in whole or (below is not None and below.match(url) is not None)


def _is_of_word(char: str) -> bool:
    """Part characters as the table `words` does: vowel signs are parts of words."""
    category = unicodedata.category(char)
    return category[0] in "LNM" or category == "Co"


def match_query(text: str) -> str:
    """Turn what a person typed into an FTS5 query that can't fail: its words, all of them, the last one as a prefix."""
    found = "".join(char if _is_of_word(char) else " " for char in text).split()[:32]
    if not found:
        return ""
    return " ".join(f'"{word}"' for word in found[:-1]) + f' "{found[-1]}"*'
