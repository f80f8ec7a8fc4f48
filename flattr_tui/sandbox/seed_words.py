"""The words of the sandbox's names and texts, and the users in the documentation's pictures and examples.

All people, organizations and addresses are invented.
"""

from dataclasses import dataclass

PEOPLE: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...], str]] = {
    # culture: first names, last names, (city, country), main language
    "nordic": (
        ("Astrid", "Nils", "Freja", "Sölve", "Ylva", "Torbjörn", "Signe", "Mikkel", "Runa", "Eskil"),
        ("Ekdal", "Vinter", "Havnsgaard", "Lund-Berge", "Strömvik", "Aarnes", "Tornqvist", "Sjöholt"),
        (("Malmö", "Sweden"), ("Göteborg", "Sweden"), ("Aarhus", "Denmark"), ("Tromsø", "Norway"), ("Oulu", "Finland")),
        "sv_SE",
    ),
    "german": (
        ("Jule", "Korbinian", "Mareike", "Till", "Friederike", "Ansgar", "Wiebke", "Lorenz", "Hedda", "Ruprecht"),
        ("Aschenbach", "Teichgräber", "Vogelsang", "Moorhoff", "Süßkind", "Brandthal", "Quellmann", "Eichwald"),
        (
            ("Berlin", "Germany"),
            ("Leipzig", "Germany"),
            ("Hamburg", "Germany"),
            ("Wien", "Austria"),
            ("Bern", "Switzerland"),
        ),
        "de_DE",
    ),
    "english": (
        ("Imogen", "Barnaby", "Tamsin", "Rowan", "Odette", "Calder", "Maeve", "Fintan", "Winifred", "Jasper"),
        (
            "Quillfeather",
            "Marlowe-Finch",
            "Thistlewood",
            "Penhaligon",
            "Oakhurst",
            "Fairweather",
            "Brindle",
            "Ashgrove",
        ),
        (("Bristol", "United Kingdom"), ("Cork", "Ireland"), ("Portland", "United States"), ("Halifax", "Canada")),
        "en_GB",
    ),
    "romance": (
        ("Élodie", "Tristán", "Ginevra", "Anselme", "Paloma", "Ludovico", "Inês", "Baptiste", "Noemí", "Celeste"),
        ("Delacourbe", "Montserrat-Vila", "Fiorentani", "Beaulieu", "Castelobranco", "Verdejo", "Altamira", "Roussel"),
        (
            ("Lyon", "France"),
            ("Valencia", "Spain"),
            ("Torino", "Italy"),
            ("Porto", "Portugal"),
            ("Bruxelles", "Belgium"),
        ),
        "fr_FR",
    ),
    "slavic": (
        ("Zdeněk", "Katarzyna", "Миро", "Олена", "Bogna", "Света", "Jaromír", "Vesna", "Тарас", "Ludmila"),
        ("Novotníček", "Wiśnicki", "Лесовой", "Зоря", "Kovalčik", "Brzozowska", "Степной", "Horáčková"),
        (("Praha", "Czech Republic"), ("Kraków", "Poland"), ("Львів", "Ukraine"), ("Ljubljana", "Slovenia")),
        "pl_PL",
    ),
    "asian": (
        ("美咲", "健太", "Haruka", "雨桐", "子轩", "지우", "서연", "Minh", "Priya", "Arjun"),
        ("月島", "青葉", "Tachibana", "林", "苏", "한", "Nguyen-Le", "Chandrasekhar"),
        (
            ("札幌", "Japan"),
            ("台北", "Taiwan"),
            ("Busan", "South Korea"),
            ("Bengaluru", "India"),
            ("Đà Nẵng", "Vietnam"),
        ),
        "ja_JP",
    ),
    "eastern": (
        ("ليلى", "Yusuf", "Noa", "Σοφία", "Defne", "كريم", "Ariel", "Levent"),
        ("الصباحي", "Yıldıran", "Ben-Tal", "Καλλέργης", "Özgün", "Haddadi"),
        (("Izmir", "Turkey"), ("Tunis", "Tunisia"), ("Haifa", "Israel"), ("Θεσσαλονίκη", "Greece")),
        "tr_TR",
    ),
}

ABOUTS = (
    "Writes about {a} and, when nobody looks, about {b}.",
    "Free software, {a} and too much tea.",
    "I make things about {a}. Sometimes they work.",
    "Podcasts on {a}; photographs of {b}.",
    "Teacher by day, {a} by night. Everything here is CC BY.",
    "Collects field recordings, {a} and unfinished side projects.",
    "{a}. {b}. In that order.",
    "Former physicist, now mostly {a}.",
    "Pays for what is given away: {a}, {b}, good maps.",
    "",
    "",
)

TOPICS: dict[str, tuple[str, ...]] = {
    "software": ("fingerprint", "compiler", "editor", "mesh network", "map", "backup", "font", "sync", "search", "mail",
                 "chat", "wiki", "encryption", "router", "feed reader", "calendar", "sensor", "photo library",
                 "screen reader", "audio"),
    "text": ("trains", "copyright", "privacy", "libraries", "open data", "beekeeping", "city planning", "language",
             "bicycles", "voting", "hospitals", "seeds", "archives", "work", "sleep", "lighthouses", "bread", "maps",
             "public broadcasting", "engines"),
    "audio": ("hackerspaces", "night trains", "synthesizers", "astronomy", "field recordings", "folk songs",
              "radio drama", "chess", "volcanoes", "the sea", "cryptography", "neighbours", "old computers", "birds"),
    "images": ("harbours", "lichen", "rooftops", "typography", "tram stops", "winter", "markets", "hands", "bridges",
               "clouds", "street cats", "staircases"),
    "video": ("soldering", "stop motion", "mathematics", "sourdough", "orbital mechanics", "bookbinding", "letterpress",
              "open hardware", "mushrooms", "wood joints", "lectures", "telescopes"),
    "people": ("kernel", "translation", "documentation", "accessibility", "radio", "comic", "hosting", "moderation"),
    "rest": ("comic", "board game", "recipe", "map set", "typeface", "knitting pattern", "dataset", "festival", "zine",
             "camp", "garden", "crossword"),
}  # fmt: skip

TITLES: dict[str, tuple[str, ...]] = {
    "software": (
        "{N}: a small {t} tool", "{N} {v} released", "A {t} library that fits in your head", "{N}, {t} for everyone",
        "Acoustic {t}s for everyone", "{N} – {t} without the cloud", "Plugin: {t} for {N}", "{N}'s new {t} engine",
        "Rewriting our {t} code, one test at a time", "{N} {v}: faster {t}, fewer surprises", "lib{n}",
        "The {t} module of {N}",
    ),
    "text": (
        "Why our {t} should be open", "What {t} taught me about patience", "{T}: a field guide", "Against {t}",
        "The long history of {t}, part {k}", "Notes on {t} from {c}", "Who owns {t}?", "A letter about {t}",
        "How {c} got its {t} back", "Ten years of {t}", "{T} and the public domain", "In defence of boring {t}",
        "The {t} that we deserve", "Slow {t}",
    ),
    "audio": (
        "Field notes from {t}, {k}", "Episode {k}: {t}", "{T} at midnight ({k})", "The {N} show #{k} – {t}",
        "A walk through {t}", "{N} live in {c}", "Conversations about {t}, {k}", "{T}, unplugged",
        "Radio {N}: {t}", "An hour of {t}",
    ),
    "images": (
        "{T} of {c}", "A year of {t}", "{T}, 35 mm", "{c} in black and white", "Studies of {t}, {k}",
        "{T} at five in the morning", "The colour of {t}", "Postcards from {c}", "Small {t}",
    ),
    "video": (
        "{T} in ten minutes", "How it's made: {t}", "{T} for the impatient, part {k}", "The {t} lecture ({k})",
        "We built it ourselves: {t}", "A short film about {t}", "{N}: {t} explained", "{T}, frame by frame",
    ),
    "people": (
        "Support our {t} team", "{N}, {t} maintainer", "Buy {N} a coffee", "The {t} people of {c}", "{N} – {t} full time",
    ),
    "rest": (
        "The {N} {t}", "{T} for two", "A {t} a week, {k}", "Open {t}: {c}", "{N} {t}, second edition",
        "The pocket {t}", "{T} swap in {c}", "A {t} without rules",
    ),
}  # fmt: skip

SENTENCES = (
    "Everything is under a free licence; take it, change it, give it on.",
    "It started as a weekend project in {c} and somehow never stopped.",
    "With an index, notes, and a list of everything that I got wrong.",
    "If it saved you an afternoon, flattr it; if not, tell me why.",
    "A look at {t} from the inside, without the usual shouting.",
    "Recorded with one microphone and a lot of rain.",
    "The source is on a server under my desk; please be gentle.",
    "No tracking, no advertisements, no newsletter.",
    "Thanks to the forty-one people who read the drafts.",
    "Works on old machines, slow lines and bad days.",
    "Part of a series on {t} that comes out when it is ready.",
    "I wrote down what I would have liked to know ten years ago.",
    "Contains a surprising amount of {t}.",
    "Next month: why {c} does it differently.",
)

TAGS: dict[str, tuple[str, ...]] = {
    "software": (
        "opensource",
        "library",
        "python",
        "ruby",
        "linux",
        "foss",
        "tool",
        "android",
        "release",
        "beta",
        "web",
    ),
    "text": (
        "blog",
        "essay",
        "politics",
        "openness",
        "science",
        "culture",
        "germany",
        "history",
        "opinion",
        "copyright",
    ),
    "audio": ("podcast", "music", "interview", "creative commons", "radio", "live", "album", "audio"),
    "images": ("photo", "photography", "travel", "analog", "illustration", "cc-by", "flickr"),
    "video": ("video", "tutorial", "film", "talk", "conference", "howto", "animation"),
    "people": ("person", "volunteer", "maintainer", "community"),
    "rest": ("comic", "game", "games", "diy", "food", "design", "event", "webcomic"),
}

NAMES = (
    "Melodia", "Kompass", "Papyrus", "Nimbus", "Otter", "Quartz", "Lantern", "Fjord", "Tinder Box", "Marmot", "Halyard",
    "Copper", "Periwinkle", "Gazette", "Wren", "Sextant", "Orchard", "Pixelwerk", "Mosaik", "Driftwood", "Clavier",
    "Basalt", "Hummingbird", "Zettel", "Cumulus", "Ferrule", "Abacus", "Skylark", "Isobar", "Tangent",
)  # fmt: skip

FOREIGN: dict[str, tuple[str, ...]] = {
    "de_DE": ("Warum Fahrpläne offen sein müssen", "Sendung {k}: Nachtzüge", "Kleine Philosophie des Wartens", "Das Netz und die Dörfer",
              "Übers Brotbacken, Teil {k}", "Freie Software in der Verwaltung", "Straßenbahn-Notizen {k}", "Wem gehört die Stadt?",
              "Rundgang durch {c}", "Die Bibliothek der Dinge"),
    "sv_SE": ("Anteckningar om öppna kartor {k}", "Skärgårdspodden, avsnitt {k}", "Fika och fri programvara", "Varför biblioteken behövs",
              "Vinterbilder från {c}", "Så byggde vi vårt eget nät"),
    "fr_FR": ("Carnet de voyage : {c}", "Pourquoi libérer les données", "Émission n° {k} : la mer", "Petite histoire du logiciel libre", "L'atelier, épisode {k}"),
    "es_ES": ("Apuntes sobre cultura libre {k}", "La ciudad de noche: {c}", "Podcast de la huerta, {k}", "¿De quién son los datos?"),
    "it_IT": ("Diario di {c}, {k}", "Il software libero a scuola", "Ricette senza fretta {k}"),
    "ja_JP": ("地図を描く人たち", "夜汽車の記録 第{k}回", "自由ソフトウェアの歩き方", "{c}の冬", "手書き文字の研究 {k}", "小さな図書館をつくる", "海の音を録る {k}"),
    "zh_CN": ("开放数据笔记 {k}", "旧书店与新网络", "夜行列车 {k}", "给初学者的自由软件指南", "台北的屋顶"),
    "ko_KR": ("바다의 소리 {k}", "자유 소프트웨어 이야기", "작은 도서관", "겨울 산책 {k}"),
    "ru_RU": ("Заметки об открытых картах {k}", "Ночной поезд, выпуск {k}", "Кому принадлежит город?", "Свободные программы в школе"),
    "uk_UA": ("Нотатки з бібліотеки {k}", "Відкриті дані для міста", "Зимові світлини {k}"),
    "pl_PL": ("Notatki o wolnej kulturze {k}", "Nocny pociąg, odcinek {k}", "Kraków o świcie"),
    "cs_CZ": ("Zápisky o mapách {k}", "Proč otevřená data", "Noční vlaky {k}"),
    "ar_DZ": ("ملاحظات حول الثقافة الحرة {k}", "صوت البحر {k}", "المكتبة الصغيرة"),
    "iw_IL": ("רשימות על תוכנה חופשית {k}", "רכבת לילה, פרק {k}"),
    "el_GR": ("Σημειώσεις για ανοιχτά δεδομένα {k}", "Η θάλασσα, μέρος {k}"),
    "tr_TR": ("Özgür yazılım notları {k}", "Gece treni, bölüm {k}", "Küçük kütüphane"),
    "vi_VN": ("Ghi chép về dữ liệu mở {k}", "Chuyến tàu đêm {k}"),
}  # fmt: skip

ODD = (
    "🎧 Night radio 🌙 #{k}",
    "👩‍💻 Pair programming with my 👵🏽 grandmother",
    "🏳️‍🌈 Zine {k} – out now! 🎉",
    "Zalgo’s h̸e̷l̵l̶o̴: combining marks for beginners",
    "‘Quotes’, “more quotes” & <b>markup</b> [bold]that is none[/bold]",
    "[/] [@click=app.bell]a title that looks like markup[/]",
    (
        "The complete, unabridged and lovingly annotated catalogue of every railway station clock between the two rivers, "
        "with remarks on their makers, their keepers, the accuracy of each, the colour of their hands by day and by night, "
        "and a supplement on the stations that never had one but should have, compiled over eleven years by bicycle, "
        "in all weathers, by one person with a notebook and no particular plan (volume {k})"
    ),
    "=1+1",
    "   spaces   everywhere   {k}",
)


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the sandbox with a fixed profile, and how many things and flattrs the user has. Others are random."""

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
    """Number of the user's flattrs; None for a random number."""
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
"""The users that exist in every sandbox; the others are invented at random. Three are special cases.

`shy` hides flattrs, `penniless` has no budget left, and `newcomer` has nothing at all.
"""
