"""Reads the sandbox's data from SQLite, and finds out who owns the page at an address, such as one of SoundCloud.

Flattr, too, could tell the owner from some addresses. Source: `flattr/developers.flattr.net`,
content/api/resources/flattrs.md, 'Discoverable URL:s'; titles, tags and addresses are as in the responses that
`smgt/flattr` recorded. The address of an Instagram photo does not contain its owner.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, urlsplit

from flattr_tui.sandbox.database import Store
from flattr_tui.sandbox.models import (
    CATEGORIES,
    LANGUAGES,
    ActivityRow,
    FlattrRow,
    Refused,
    SubscriptionRow,
    ThingDraft,
    ThingRow,
    UserRow,
    user_number,
)

MAX_ACTIVITIES = 30
"""Number of activities in a user's activity stream, which has only one page."""
_Description = tuple[str, str, tuple[str, ...]]
"""A title, a category, and tags."""
USER_COLUMNS = [
    "id",
    "username",
    "firstname",
    "lastname",
    "url",
    "avatar",
    "about",
    "city",
    "country",
    "email",
    "registered_at",
    "active_supporter",
    "hides_flattrs",
    "budget",
]
THING_COLUMNS = [
    "id",
    "url",
    "title",
    "description",
    "tags",
    "language",
    "category",
    "created_at",
    "updated_at",
    "hidden",
    "image",
    "flattrs",
    "flattrs_user_count",
    "last_flattr_at",
]
_HOSTS = frozenset({"flattr.com", "127.0.0.1", "localhost"})
"""Hosts of auto-submit addresses: the service's, and the sandbox's for a client that uses it instead."""
FROM_THINGS = "FROM things t JOIN users o ON o.id = t.owner"


@dataclass(frozen=True, slots=True)
class DiscoveredThing:
    """What an address says about a page: its owner's name at that site, and the thing that can be created for it."""

    username: str
    draft: ThingDraft


def _github(path: Sequence[str]) -> _Description | None:
    match path:
        case [name]:
            return f"{name} on GitHub", "software", ("github",)
        case [name, repository]:
            return f"{name}/{repository} on GitHub", "software", ("github", "repository")
        case [name, repository, "commit", _]:
            return f"Commit on {name}/{repository}", "software", ("github", "commit")
    return None


def _gist(path: Sequence[str]) -> _Description | None:
    return (f"Gist by {path[0]} on GitHub", "software", ("github", "gist")) if len(path) == 2 else None


def _soundcloud(path: Sequence[str]) -> _Description | None:
    match path:
        case [_] | [_, _] | [_, "sets", _]:
            return f"{'/'.join(path)} on SoundCloud", "audio", ("soundcloud",)
    return None


def _twitter(path: Sequence[str]) -> _Description | None:
    match path:
        case [name]:
            return f"{name} on Twitter", "people", ("twitter",)
        case [name, "status", _]:
            return f"Tweet by @{name}", "text", ("twitter", "tweet")
    return None


_SITES: Mapping[str, Callable[[Sequence[str]], _Description | None]] = {
    "github.com": _github,
    "gist.github.com": _gist,
    "soundcloud.com": _soundcloud,
    "twitter.com": _twitter,
}


def discover(url: str) -> DiscoveredThing | None:
    """Return the owner and the thing that an address names, such as `https://github.com/alice/tool`; None for others.

    The page is not fetched, and the owner may have no account in the sandbox. The thing gets its address in the form in
    which Flattr stored it: with http, and without `www`, query and trailing slash.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = [segment for segment in parts.path.split("/") if segment]
    found = _SITES[host](path) if parts.scheme in {"http", "https"} and host in _SITES else None
    if found is None:
        return None
    title, category, tags = found
    draft = ThingDraft(url=f"http://{host}/{'/'.join(path)}", title=title, category=category, tags=tags)
    return DiscoveredThing(path[0], draft)


def _select(alias: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{alias}.{column} AS {alias}_{column}" for column in columns)


OWNED = f"{_select('t', THING_COLUMNS)}, {_select('o', USER_COLUMNS)}"


def user_row(row: sqlite3.Row, alias: str = "o") -> UserRow:
    """Return the `UserRow` in a row of an SQL result. The names of the user's columns begin with `alias` and `_`."""
    values = {column: row[f"{alias}_{column}"] for column in USER_COLUMNS}
    values["active_supporter"] = bool(values["active_supporter"])
    values["hides_flattrs"] = bool(values["hides_flattrs"])
    return UserRow(**values)


def thing_row(row: sqlite3.Row) -> ThingRow:
    """Return the `ThingRow`, with its owner, in a row of an SQL result."""
    values = {column: row[f"t_{column}"] for column in THING_COLUMNS}
    values["tags"] = tuple(tag for tag in values["tags"].split(",") if tag)
    values["hidden"] = bool(values["hidden"])
    return ThingRow(**values, owner=user_row(row))


@dataclass(slots=True)
class PageEnds:
    """Remembers where each page of flattrs that was read ends: the time and id of its last row.

    The next page begins after this row, so SQLite need not count the rows before it, which takes 61 ms at row 1,000,000
    (measure: `python -m tests.benchmarks scale --rows 1000000`). The keys are the list, the page size and the page
    number.
    """

    version: tuple[int, int] = (0, 0)
    """The version of the data (`Store.version`) to which the ends apply."""
    ends: dict[tuple[str, int, int, int], tuple[int, int]] = field(default_factory=dict)


class DataReader:
    """The part of `World` that reads the sandbox's data.

    Methods with `page` (from 1) return that page of a list, with at most `count` rows.
    """

    _store: Store
    _clock: Callable[[], float]
    _page_ends: PageEnds

    def user(self, username: str) -> UserRow | None:
        """Return the user with this name, in upper or lower case; None if there is none."""
        row = self._store.one(f"SELECT {_select('o', USER_COLUMNS)} FROM users o WHERE username = ?", username)
        return user_row(row) if row else None

    def usernames(self) -> list[str]:
        """Return all user names. Those of the people in `seed_words.KNOWN` come first."""
        return [row[0] for row in self._store.all("SELECT username FROM users ORDER BY id")]

    def thing(self, thing_id: int) -> ThingRow | None:
        """Return a thing, hidden or not; None if there is none. The caller decides who may see it."""
        row = self._store.one(f"SELECT {OWNED} {FROM_THINGS} WHERE t.id = ?", thing_id)
        return thing_row(row) if row else None

    def things(self, thing_ids: Sequence[int]) -> list[ThingRow]:
        """Return several things in the order of the ids; unknown ids are left out."""
        found = [self.thing(thing_id) for thing_id in dict.fromkeys(thing_ids)]
        return [thing for thing in found if thing is not None]

    def things_of(self, username: str, *, count: int, page: int, hidden: bool = False) -> list[ThingRow]:
        """Return page `page` (from 1) of a user's things, newest first, with up to `count` things.

        Hidden things are left out unless `hidden` is True.
        """
        rows = self._store.all(
            f"SELECT {OWNED} {FROM_THINGS} WHERE t.owner = (SELECT id FROM users WHERE username = ?) AND t.hidden <= ?"
            " ORDER BY t.created_at DESC, t.id DESC LIMIT ? OFFSET ?",
            username, hidden, count, (page - 1) * count,
        )  # fmt: skip
        return [thing_row(row) for row in rows]

    def flattrs_of(self, username: str, *, count: int, page: int, hidden: bool = False) -> list[FlattrRow]:
        """Return page `page` (from 1) of a user's flattrs, newest first, with up to `count` flattrs.

        If the user hides flattrs from others, the page is empty unless `hidden` is True.
        """
        user = self.user(username)
        if user is None or (user.hides_flattrs and not hidden):
            return []
        return self._flattrs("user", user.id, count, page)

    def flattrs_on(self, thing_id: int, *, count: int, page: int) -> list[FlattrRow]:
        """Return page `page` (from 1) of a thing's flattrs, newest first, with up to `count` flattrs."""
        return self._flattrs("thing", thing_id, count, page)

    def _flattrs(self, column: str, key: int, count: int, page: int) -> list[FlattrRow]:
        version = self._store.version
        if self._page_ends.version != version:
            self._page_ends = PageEnds(version)
        known = self._page_ends
        end = known.ends.get((column, key, count, page - 1))
        after = "" if end is None else " AND (created_at, id) < (?, ?)"
        rows = self._store.all(
            f"SELECT f.id AS f_id, f.created_at AS f_created_at, {_select('u', USER_COLUMNS)}, {OWNED}"
            f" FROM (SELECT * FROM flattrs WHERE {column} = ?{after} ORDER BY created_at DESC, id DESC"
            " LIMIT ? OFFSET ?) f"
            " JOIN users u ON u.id = f.user JOIN things t ON t.id = f.thing JOIN users o ON o.id = t.owner"
            " ORDER BY f.created_at DESC, f.id DESC",
            key, *(end or ()), count, (page - 1) * count if end is None else 0,
        )  # fmt: skip
        if len(rows) == count and self._store.version == version:
            known.ends[column, key, count, page] = rows[-1]["f_created_at"], rows[-1]["f_id"]
        return [FlattrRow(row["f_id"], thing_row(row), user_row(row, "u"), row["f_created_at"]) for row in rows]

    def activities_of(self, username: str, *, incoming: bool) -> list[ActivityRow]:
        """Return the latest `MAX_ACTIVITIES` activities of a user, the latest first.

        With `incoming`, return the activities of other users with this user's things instead.
        """
        user = self.user(username)
        if user is None:
            return []
        whose = "t.owner = ? AND f.user != t.owner" if incoming else "f.user = ?"
        hidden = user.hides_flattrs and not incoming
        rows = [] if hidden else self._store.all(self._activity_sql("flattrs", whose), user.id, MAX_ACTIVITIES)
        made = [self._activity(row, "flattr") for row in rows]
        rows = [] if hidden else self._store.all(self._activity_sql("subscriptions", whose), user.id, MAX_ACTIVITIES)
        made += [self._activity(row, "subscription") for row in rows]
        if not incoming:
            things = self.things_of(username, count=MAX_ACTIVITIES, page=1)
            made += [ActivityRow(thing.id, "thing", thing.owner, thing, thing.created_at) for thing in things]
        made.sort(key=lambda activity: (-activity.published, activity.kind, -activity.id))
        return made[:MAX_ACTIVITIES]

    @staticmethod
    def _activity_sql(table: str, whose: str) -> str:
        key = "f.id" if table == "flattrs" else "f.thing"
        return (
            f"SELECT {key} AS f_id, f.created_at AS f_created_at, {_select('u', USER_COLUMNS)}, {OWNED} FROM {table} f"
            " JOIN users u ON u.id = f.user JOIN things t ON t.id = f.thing JOIN users o ON o.id = t.owner"
            f" WHERE {whose} AND NOT u.hides_flattrs AND NOT t.hidden ORDER BY f.created_at DESC, f_id DESC LIMIT ?"
        )

    @staticmethod
    def _activity(row: sqlite3.Row, kind: str) -> ActivityRow:
        return ActivityRow(row["f_id"], kind, user_row(row, "u"), thing_row(row), row["f_created_at"])

    def lookup(self, url: str) -> ThingRow | None:
        """Return the thing with an address; None if there is none.

        `url` can be the thing's own address (with or without a trailing slash), the address of the thing's page at
        Flattr, or an auto-submit URL. If an address says who the owner is (`data_reader.discover`), its different
        spellings find the same thing. Raises `Refused('validation')` if the address is invalid, or if an auto-submit
        URL names a user who does not own the thing.
        """
        inner, owner = self.auto_submit(url)
        parts = check_address(inner)
        found = None
        known = discover(inner)
        kept = (known.draft.url or "",) if known else ()
        for form in dict.fromkeys((inner, inner.rstrip("/"), inner.rstrip("/") + "/", *kept)):
            row = self._store.one(f"SELECT {OWNED} {FROM_THINGS} WHERE t.url = ?", form)
            found = found or (thing_row(row) if row else None)
        head, _, tail = parts.path.rstrip("/").rpartition("/")
        if found is None and head.endswith(("/thing", "/things")) and tail.isascii() and tail.isdigit():
            found = self.thing(int(tail))
        if found is not None and owner and found.owner.username.casefold() != owner.casefold():
            raise Refused("validation", "Owner mismatch. Current thing owned by other account.")
        return found

    def auto_submit(self, url: str) -> tuple[str, str]:
        """Return the address and the user name in an auto-submit URL. For any other URL, return the URL itself and "".

        An auto-submit URL has the user's name in `user_id`, or the user's id in `fid` (the service's later links) or
        `owner` (flattr4j). Source: `flattr/developers.flattr.net`, content/auto-submit/index.md.
        """
        parameters = _parse_auto_submit(url)
        if parameters is None:
            return url, ""
        key = parameters.get("fid") or parameters.get("owner") or ""
        if parameters.get("user_id") or not key:
            return parameters.get("url", ""), parameters.get("user_id", "")
        row = self._store.one("SELECT username FROM users WHERE id = ?", user_number(key))
        return parameters.get("url", ""), row[0] if row else f"{key} (unknown)"

    def submittable(self, url: str) -> tuple[str, ThingDraft] | None:
        """Return the thing that a flattr for the address `url` would create: the owner's name and the thing's draft.

        Returns None if neither the address nor its query says who the owner is, or if the sandbox has no such user.
        """
        inner, owner = self.auto_submit(url)
        draft, known = submitted_draft(url), None if owner else discover(inner)
        if known is not None:
            owner, draft = known.username, known.draft
        user = self.user(owner) if owner else None
        return (user.username, draft) if user else None

    def has_flattred(self, username: str, thing_ids: Sequence[int]) -> frozenset[int]:
        """Return the ids among `thing_ids` that the user has flattred."""
        return self._find_own("flattrs", username, thing_ids)

    def has_subscribed(self, username: str, thing_ids: Sequence[int]) -> frozenset[int]:
        """Return the ids among `thing_ids` that the user is subscribed to, including paused subscriptions."""
        return self._find_own("subscriptions", username, thing_ids)

    def _find_own(self, table: str, username: str, thing_ids: Sequence[int]) -> frozenset[int]:
        marks = ",".join("?" * len(thing_ids))
        rows = self._store.all(
            f"SELECT DISTINCT thing FROM {table} WHERE user = (SELECT id FROM users WHERE username = ?)"
            f" AND thing IN ({marks})",
            username, *thing_ids,
        )  # fmt: skip
        return frozenset(row[0] for row in rows)

    def subscriptions_of(self, username: str) -> list[SubscriptionRow]:
        """Return all subscriptions of a user, newest first."""
        rows = self._store.all(
            f"SELECT s.active, s.created_at AS s_created_at, s.started_at, {OWNED} FROM subscriptions s"
            " JOIN things t ON t.id = s.thing JOIN users o ON o.id = t.owner"
            " WHERE s.user = (SELECT id FROM users WHERE username = ?) ORDER BY s.created_at DESC, s.thing DESC",
            username,
        )  # fmt: skip
        return [
            SubscriptionRow(thing_row(row), bool(row["active"]), row["s_created_at"], row["started_at"]) for row in rows
        ]


def _parse_auto_submit(url: str) -> dict[str, str] | None:
    """Return the parameters of an auto-submit URL; None for any other address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.path.rstrip("/") != "/submit/auto" or not (host in _HOSTS or host.endswith(".flattr.com")):
        return None
    return {name: values[0].strip() for name, values in parse_qs(parts.query).items()}


def submitted_draft(url: str) -> ThingDraft:
    """Return the fields of the thing that an auto-submit URL describes. Unknown categories and languages are ignored.

    Source: `flattr/developers.flattr.net`, content/auto-submit/index.md, 'Parameters'.
    """
    parameters = _parse_auto_submit(url) or {}
    inner = parameters.get("url", "")
    category, language = parameters.get("category", ""), parameters.get("language", "")
    return ThingDraft(
        url=inner,
        title=parameters.get("title") or inner,
        description=parameters.get("description"),
        category=category if category in CATEGORIES else None,
        language=language if language in LANGUAGES else None,
        tags=tuple(dict.fromkeys(tag.strip() for tag in parameters.get("tags", "").split(",") if tag.strip())),
        hidden=parameters.get("hidden") == "1",
    )


def check_address(url: str) -> SplitResult:
    """Return the parts of an http or https address. Raises `Refused('validation')` for any other text."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        valid = False
    if not valid or len(url) > 2_048 or any(char.isspace() or ord(char) < 32 for char in url):
        raise Refused("validation", "Invalid url")
    return parts
