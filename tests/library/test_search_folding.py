"""Tests that words are found in plain spelling: without accents or vowel marks, and in scripts without spaces."""

from pathlib import Path

import pytest

from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Thing
from flattr_tui.sandbox.models import ThingDraft, ThingSearch
from flattr_tui.sandbox.world import World
from flattr_tui.store.text_query_sql import fold, match_spans, query_terms
from tests.library.saved_responses import make_thing, open_search, save_response

TITLES = [
    "Łódź nocą",
    "Smørrebrød på Øresund",
    "Straßenmusik in Gießen",
    "Đà Nẵng, une œuvre",
    "Işık ve ılık hava",
    "Ælfred's þing",
    "Ёлка и йод",
    "שָׁלוֹם עֲלֵיכֶם",
    "مُحَمَّد والمُوسِيقَى",
    "أحمد",
    "ภาษาไทยไม่มีช่องว่าง podcastไทย",
    "หมี",
    "តន្ត្រីខ្មែរ",
    "ພາສາລາວ",
    "မြန်မာစာ",
    "日本語の音楽",
]


@pytest.fixture(scope="module")
def titled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which one thing is saved for each title."""
    folder = tmp_path_factory.mktemp("titled_folder")
    things = [make_thing(number, title) for number, title in enumerate(TITLES, 1)]
    save_response(folder, "saved", "", ApiRequest.of("user-things", username="melodia", full="1"), things[::-1])
    return folder


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("lodz", TITLES[0]),
        ("ŁÓDŹ", TITLES[0]),
        ("smorrebrod oresund", TITLES[1]),
        ("strassenm giessen", TITLES[2]),
        ("STRASSE", TITLES[2]),
        ("da nang oeuvre", TITLES[3]),
        ("isik ilik", TITLES[4]),
        ("IŞIK", TITLES[4]),
        ("aelfred thing", TITLES[5]),
        ("елка", TITLES[6]),
        ("ёлка", TITLES[6]),
        ("שלום", TITLES[7]),
        ("محمد", TITLES[8]),
        ("محـــمد", TITLES[8]),
        ("أحمد", TITLES[9]),
        ("ช่องว่าง", TITLES[10]),
        ("ไทย", TITLES[10]),
        ("podcast", TITLES[10]),
        ("หม", TITLES[11]),
        ("ខ្មែរ", TITLES[12]),
        ("ลาว", None),
        ("ລາວ", TITLES[13]),
        ("မာစာ", TITLES[14]),
        ("音楽", TITLES[15]),
        ("หมู", None),
        ("иод", None),
    ],
)
def test_a_thing_is_found_by_words_in_plain_spelling(titled_folder: Path, text: str, title: str | None) -> None:
    hits = open_search(titled_folder, "saved").find_text(text, kinds=["thing"])
    assert [hit.item.title for hit in hits if isinstance(hit.item, Thing)] == ([title] if title else [])
    if title:
        marked = {fold(hit.title[start:stop]) for hit in hits for start, stop in hit.marks}
        assert marked
        assert all(any(piece.startswith(word) for word in query_terms(text)) for piece in marked)


@pytest.mark.parametrize("text", ["ช่องว่าง", "giessen", "da nang oeuvre"])
def test_the_search_of_things_finds_plain_spelling_too(titled_folder: Path, text: str) -> None:
    assert len(open_search(titled_folder, "saved").search_things(ApiRequest.of("search", query=text))) == 1


@pytest.mark.parametrize(
    ("text", "word", "marked"),
    [
        ("im Straßenverkehr", "strass", "Straß"),
        ("Smørrebrød på", "smorr", "Smørr"),
        ("ไม่มีช่องว่าง", "ช่องว่าง", "ช่องว่าง"),
        ("日本語の音楽", "音楽", "音楽"),
        ("שָׁלוֹם", "שלו", "שָׁלוֹ"),
    ],
)
def test_the_matched_words_are_marked(text: str, word: str, marked: str) -> None:
    assert [text[start:stop] for start, stop in match_spans(text, query_terms(word))] == [marked]


def test_the_sandbox_distinguishes_words_by_their_vowel_signs(world: World) -> None:
    for number, title in enumerate(["หมี", "หมู"]):
        world.create_thing("ada", ThingDraft(url=f"https://new.example/{number}", title=title))
    found = world.search(ThingSearch(query="หมู"), count=10, page=1)[1]
    assert [row.title for row in found] == ["หมู"]
