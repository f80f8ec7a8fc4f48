"""The users in the documentation's pictures and examples, written by hand. All are invented."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """One user of the seeded world, with the numbers of their things and flattrs."""

    username: str
    firstname: str = ""
    lastname: str = ""
    about: str = ""
    city: str = ""
    country: str = ""
    url: str | None = None
    language: str = "en_GB"
    interests: tuple[str, str] = ("text", "software")
    registered_at: int = 1_272_000_000
    things: int = 12
    flattrs: int | None = None
    """None: as many as chance gives."""
    active_supporter: bool = True
    hides_flattrs: bool = False
    budget: int = 60


KNOWN: tuple[Person, ...] = (
    Person("ada", "Ada", "L.", "Writes about engines and the people who build them.", "Malmö", "Sweden",
           "https://ada.example", "en_GB", ("software", "text"), 1_270_800_000, 19, 412),
    Person("melodia", "Marit", "Solvang", "Tools that listen. Maker of acoustic fingerprints for everyone.", "Trondheim",
           "Norway", "https://melodia.example", "en_GB", ("software", "audio"), 1_271_500_000, 34, 280),
    Person("bahnfrei", "Ruprecht", "Eichwald", "Fahrpläne gehören allen. Trains, timetables, open data.", "Leipzig",
           "Germany", "https://bahnfrei.example", "de_DE", ("text", "software"), 1_273_000_000, 48, 530),
    Person("nordlicht", "Hedda", "Moorhoff", "Feldaufnahmen und Gespräche aus Hackerspaces.", "Hamburg", "Germany",
           "https://nordlicht.example", "de_DE", ("audio", "text"), 1_272_400_000, 61, 340),
    Person("chizu", "美咲", "月島", "地図を描いています。", "札幌", "Japan", "https://chizu.example", "ja_JP",
           ("text", "images"), 1_290_000_000, 27, 190),
    Person("lune", "Élodie", "Delacourbe", "Carnets, cartes et calme.", "Lyon", "France", None, "fr_FR",
           ("text", "images"), 1_300_000_000, 22, 160),
    Person("kieselstein", "Jule", "Süßkind", "Ein Comic am Tag, seit 2009 (mit Pausen).", "Berlin", "Germany",
           "https://kieselstein.example", "de_DE", ("rest", "images"), 1_271_000_000, 90, 220),
    Person("otterlabs", "Calder", "Oakhurst", "Firmware for small animals.", "Portland", "United States",
           "https://otterlabs.example", "en_GB", ("software", "video"), 1_280_000_000, 40, 310),
    Person("sawt", "ليلى", "الصباحي", "أصوات من البحر.", "Tunis", "Tunisia", None, "ar_DZ", ("audio", "text"),
           1_305_000_000, 15, 90),
    Person("vesna", "Vesna", "Лесовой", "Ноты, кириллица и ночные поезда.", "Ljubljana", "Slovenia", None, "ru_RU",
           ("audio", "text"), 1_302_000_000, 18, 140),
    Person("shy", "Imogen", "Brindle", "I give quietly.", "Bristol", "United Kingdom", None, "en_GB", ("text", "rest"),
           1_285_000_000, 3, 75, hides_flattrs=True),
    Person("penniless", "Till", "Vogelsang", "Alles ausgegeben.", "Bern", "Switzerland", None, "de_DE",
           ("text", "audio"), 1_290_500_000, 2, 40, budget=0),
    Person("newcomer", "", "", "", "", "", None, "en_GB", ("text", "software"), 1_513_000_000, 0, 0, active_supporter=False),
)  # fmt: skip
"""`shy` hides flattrs, `penniless` has no budget left, `newcomer` has nothing at all."""
