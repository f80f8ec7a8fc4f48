"""Generates the users, things and flattrs of the sandbox from a number. The same number always gives the same data.

There are about 150 users, 2,500 things and 40,000 flattrs, from April 2010 to the end of 2017. All people are invented.
"""

import bisect
import calendar
import itertools
import random
import sqlite3
from dataclasses import dataclass

from flattr_tui.sandbox import seed_words
from flattr_tui.sandbox.seed_words import KNOWN, Person

USERS, THINGS, FLATTRS = 150, 2_500, 40_000
MONTHS = tuple((year, month) for year in range(2010, 2018) for month in range(1, 13))[3:]
"""Pairs of year and month, from April 2010 to December 2017."""
STARTS = tuple(calendar.timegm((year, month, 1, 0, 0, 0)) for year, month in MONTHS)
END = calendar.timegm((2018, 1, 1, 0, 0, 0))
RISE = (2, 4, 7, 11, 16, 20, 24, 27, 31, 36, 42, 48, 52, 58, 63, 66, 70, 74, 79, 83, 88, 92, 95, 98, 100, 100, 97, 95,
        92, 90, 86, 84, 83, 79, 75, 72, 70, 67, 64, 60, 58, 55, 52, 50, 47, 44, 42, 40, 38, 36, 35, 33, 31, 30, 28, 27,
        26, 24, 23, 22, 21, 20, 19, 18, 17, 16, 16, 15, 14, 14, 13, 12, 12, 11, 11, 10, 10, 9, 9, 8, 8, 8, 7, 7, 6, 6,
        6, 5, 5, 5, 4, 4, 3)  # fmt: skip
"""Number of flattrs in each of `MONTHS`, in percent of the busiest month."""
CATEGORY_WEIGHTS = {"text": 30, "software": 24, "audio": 18, "images": 9, "video": 9, "rest": 7, "people": 3}


@dataclass(slots=True)
class _ThingSeed:
    row: tuple[object, ...]
    category: str
    language: str
    owner: int
    created_at: int
    weight: float


class Seeder:
    """Generates the rows of the sandbox's data.

    All methods draw from one series of random numbers, so the order of the calls changes the data.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 -- believable, not secret
        self.languages: list[str] = []
        self.interests: list[list[str]] = []
        self.registered: list[int] = []

    def fill(self, connection: sqlite3.Connection) -> None:
        """Insert users, things, flattrs and subscriptions. The caller adds counts and indexes (`database.INDEXES`)."""
        people = self.people()
        connection.executemany(f"INSERT INTO users VALUES ({','.join('?' * 14)})", people)
        things = self.things(len(people))
        connection.executemany(
            "INSERT INTO things (id, owner, url, title, description, tags, language, category, created_at, hidden,"
            " image) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (thing.row for thing in things),
        )
        flattrs = self.flattrs(things, len(people))
        connection.executemany("INSERT INTO flattrs (user, thing, created_at) VALUES (?,?,?)", flattrs)
        connection.executemany("INSERT OR IGNORE INTO subscriptions VALUES (?,?,?,?,?)", self.subscriptions(things))

    # -- users

    def people(self) -> list[tuple[object, ...]]:
        """Return the rows of all users: the people in `seed_words.KNOWN`, then random ones."""
        rows = [self._known_user(number, person) for number, person in enumerate(KNOWN, 1)]
        taken = {person.username for person in KNOWN}
        cultures = list(seed_words.PEOPLE)
        while len(rows) < USERS:
            rows.append(self._invented_user(len(rows) + 1, self.random.choice(cultures), taken))
        return rows

    def _known_user(self, number: int, person: Person) -> tuple[object, ...]:
        self.languages.append(person.language)
        self.interests.append(list(person.interests))
        self.registered.append(person.registered_at)
        return (
            number, person.username, person.firstname, person.lastname, person.url, _avatar(number), person.about,
            person.city, person.country, f"{person.username}@example.org", person.registered_at,
            int(person.active_supporter), int(person.hides_flattrs), person.budget,
        )  # fmt: skip

    def _invented_user(self, number: int, culture: str, taken: set[str]) -> tuple[object, ...]:
        pick = self.random.choice
        firsts, lasts, places, language = seed_words.PEOPLE[culture]
        first, last = pick(firsts), pick(lasts)
        stem = (first if first.isascii() else pick(seed_words.NAMES)).lower().replace(" ", "")
        username = stem + pick(
            ("", "", "_", "-", "42", "x", ".net", "fm", "lab", "the", str(self.random.randrange(60, 99)))
        )
        while username in taken:
            username = f"{stem}{self.random.randrange(100, 999)}"
        taken.add(username)
        category = self.random.choices(list(CATEGORY_WEIGHTS), list(CATEGORY_WEIGHTS.values()))[0]
        topics = seed_words.TOPICS[category]
        city, country = pick(places)
        since = self._random_time(self.random.randrange(0, 40))
        self.languages.append(language if self.random.random() < 0.45 else "en_GB")
        self.interests.append(
            [category, self.random.choices(list(CATEGORY_WEIGHTS), list(CATEGORY_WEIGHTS.values()))[0]]
        )
        self.registered.append(since)
        about = pick(seed_words.ABOUTS).format(a=pick(topics), b=pick(seed_words.TOPICS["text"]))
        bare = self.random.random() < 0.12
        return (
            number, username, "" if bare else first, "" if bare else last,
            None if self.random.random() < 0.3 else f"https://{username.strip('._-')}.example",
            "" if self.random.random() < 0.3 else _avatar(number), about, "" if bare else city, "" if bare else country,
            f"{username}@example.org", since, int(self.random.random() < 0.4), int(self.random.random() < 0.04),
            self.random.choice((20, 40, 60, 100)),
        )  # fmt: skip

    def _random_time(self, month: int) -> int:
        start = STARTS[month]
        end = STARTS[month + 1] if month + 1 < len(STARTS) else END
        day = self.random.randrange(start, end, 86_400)
        return min(day + int(self.random.triangular(6, 24, 20) * 3600) % 86_400 + self.random.randrange(60), end - 1)

    # -- things

    def things(self, users: int) -> list[_ThingSeed]:
        """Return all things, the oldest first. `users` is the number of users.

        `seed_words.KNOWN` says how many things each of its people owns. For the other users, the numbers follow a power
        law.
        """
        owners: list[int] = []
        for number, person in enumerate(KNOWN, 1):
            owners += [number] * person.things
        others = list(range(len(KNOWN) + 1, users - 4))  # the last five own nothing
        owners += self.random.choices(others, [1 / (place + 4) for place in range(len(others))], k=THINGS - len(owners))
        months = self.random.choices(range(len(MONTHS)), RISE, k=len(owners))
        made = sorted(
            (max(self._random_time(month), self.registered[owner - 1] + 3600), owner)
            for month, owner in zip(months, owners, strict=True)
        )
        serial: dict[str, int] = {}
        ids = itertools.accumulate((self.random.randrange(3, 380) for _ in made), initial=4_200)
        return [
            self._thing(key, owner, min(at, END - 86_400), serial) for key, (at, owner) in zip(ids, made, strict=False)
        ]

    def _thing(self, key: int, owner: int, at: int, serial: dict[str, int]) -> _ThingSeed:
        pick, chance = self.random.choice, self.random.random()
        interests = self.interests[owner - 1]
        category = interests[0] if chance < 0.7 else interests[-1]
        language = self.languages[owner - 1] if chance < 0.85 else "en_GB"
        topic, name, place = pick(seed_words.TOPICS[category]), pick(seed_words.NAMES), pick(_PLACES)
        if self.random.random() < 0.012:
            pattern, language = pick(seed_words.ODD), "en_GB"
        elif language in seed_words.FOREIGN:
            pattern = pick(seed_words.FOREIGN[language])
        else:
            pattern = pick(seed_words.TITLES[category])
        serial[pattern + topic + name] = number = serial.get(pattern + topic + name, self.random.randrange(0, 30)) + 1
        fills = {"t": topic, "T": topic[:1].upper() + topic[1:], "N": name, "n": name.lower().replace(" ", ""),
                 "k": number, "c": place, "v": f"{number % 7}.{number % 11}"}  # fmt: skip
        title = pattern.format(**fills) if chance > 0.004 else ""
        body = " ".join(
            pattern.format(**fills) for pattern in self.random.sample(seed_words.SENTENCES, self.random.randrange(0, 5))
        )
        tags = dict.fromkeys(
            (
                *self.random.sample(seed_words.TAGS[category], self.random.randrange(0, 4)),
                *([topic] if chance < 0.8 else []),
            )
        )
        known = KNOWN[owner - 1].username if owner <= len(KNOWN) else name.lower().replace(" ", "")
        row = (
            key,
            owner,
            f"https://{known.replace('_', '-')}.example/{category}/{key}",
            title,
            body,
            ",".join(tags),
            language,
            category,
            at,
            int(self.random.random() < 0.015),
            f"https://flattr.com/thing/image/{key}/medium.png" if chance < 0.6 else "",
        )
        return _ThingSeed(row, category, language, owner, at, min(self.random.paretovariate(1.0), 40.0))

    # -- flattrs

    def flattrs(self, things: list[_ThingSeed], users: int) -> list[tuple[int, int, int]]:
        """Return all flattrs as (user, thing, Unix seconds), the oldest first, so that ids increase with time."""
        born = [thing.created_at for thing in things]
        fixed = {number: person.flattrs for number, person in enumerate(KNOWN, 1) if person.flattrs is not None}
        others = list(range(len(KNOWN) + 1, users - 2))
        weights = [1 / (place + 8) for place in range(len(others))]
        self.random.shuffle(weights)
        total = FLATTRS - sum(fixed.values())
        share = total / sum(weights)
        counts = {**fixed, **{number: round(weight * share) for number, weight in zip(others, weights, strict=True)}}
        rows: list[tuple[int, int, int]] = []
        for user, count in counts.items():
            rows += self._flattrs_of(user, count, things, born)
        rows.sort(key=lambda row: row[2])
        return rows

    def _flattrs_of(
        self, user: int, count: int, things: list[_ThingSeed], born: list[int]
    ) -> list[tuple[int, int, int]]:
        interests, language = self.interests[user - 1], self.languages[user - 1]
        cumulative = list(itertools.accumulate(
            0.0 if thing.owner == user else
            thing.weight * (6 if thing.category in interests else 1) * (3 if thing.language == language else 1)
            for thing in things
        ))  # fmt: skip
        first = bisect.bisect_right(STARTS, self.registered[user - 1]) - 1
        months = self.random.choices(range(first, len(MONTHS)), RISE[first:], k=count)
        made: dict[tuple[int, int], int] = {}
        for month in months:
            at = max(self._random_time(month), self.registered[user - 1])
            available = bisect.bisect_right(born, at)
            if not available or not cumulative[available - 1]:
                at, available = END - 1 - self.random.randrange(86_400 * 400), len(things)
            for _ in range(30):
                found = bisect.bisect_right(cumulative, self.random.random() * cumulative[available - 1])
                if (found, month) not in made and things[found].created_at <= at:
                    made[found, month] = at
                    break
        return [(user, things[found].row[0], at) for (found, _), at in made.items()]  # type: ignore[misc]

    def subscriptions(self, things: list[_ThingSeed]) -> list[tuple[int, int, int, int, int]]:
        """Return random subscriptions of the users 1 to 29 to some of `things`.

        Each subscription is a row: (user, thing, active, created, resumed). `active` is 1 or 0. Times are in Unix
        seconds.
        """
        rows = []
        for user in range(1, 30):
            for thing in self.random.sample(things, 5 if user == 1 else 2):
                if thing.owner != user:
                    at = max(thing.created_at, self.registered[user - 1]) + 86_400
                    rows.append((user, thing.row[0], int(self.random.random() < 0.7), at, at))
        return rows  # type: ignore[return-value]


_PLACES = tuple(sorted({city for _, _, places, _ in seed_words.PEOPLE.values() for city, _ in places}))


def _avatar(number: int) -> str:
    return f"https://flattr.com/_img/avatars/{number:04d}.png"
