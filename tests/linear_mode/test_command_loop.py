"""Tests of a session in linear mode: its seven modes and its commands."""

import pytest

from flattr_tui.linear_mode.commands import COMMANDS, ParsedLine, parse_line
from flattr_tui.ui.modes import MODES
from tests.linear_mode.conftest import Talk


def output_of(printed: str, command: str) -> str:
    """Return what was printed after a command, up to the next prompt."""
    return printed.partition(f"> {command}\n")[2].partition("\n> ")[0]


def list_items(printed: str) -> list[str]:
    """Return the numbered lines, which are the items of a list."""
    return [line for line in printed.splitlines() if line[:2].isdigit() and line[2:4] == ". "]


async def test_every_mode_is_shown_by_its_digit_and_by_its_name(talk: Talk) -> None:
    by_key = await talk(*(mode.key for mode in MODES))
    by_name = await talk(*(mode.label for mode in MODES))
    for mode, title in zip(
        MODES,
        (
            "Profile of ada",
            "Things of ada",
            "Flattrs of ada",
            "Activities of ada",
            "Search",
            "Saved flattrs",
            "Console",
        ),
        strict=True,
    ):
        assert title in output_of(by_key, mode.key), mode.key
        assert title in output_of(by_name, mode.label), mode.label


async def test_a_profile_is_described_in_words(talk: Talk) -> None:
    printed = await talk()
    assert "Ada L., Malmö, Sweden\n" in printed
    assert "19 things, 411 flattrs.\n" in printed
    assert "Most supported: imogen61 19, melodia 19, " in printed
    assert "Flattrs by year: 2010 16, 2011 82, 2012 134, " in printed
    assert "30 activities in all, fetched just now.\n" in printed


async def test_a_user_who_is_not_there_has_no_headings_without_items(talk: Talk) -> None:
    printed = output_of(await talk("u nobodyatall"), "u nobodyatall")
    assert "nobodyatall could not be found on this server." in printed
    assert "Latest activities" not in printed


async def test_a_request_is_announced_before_its_response_arrives(talk: Talk) -> None:
    printed = await talk("2", "2")
    assert "Fetching ada …\nFetching ada's activities …\n" in printed
    assert "Fetching" not in output_of(printed, "2"), "the data is saved already"


async def test_a_number_opens_an_item_and_b_goes_back(talk: Talk) -> None:
    printed = await talk("2", "11", "b", "b")
    thing = output_of(printed, "11")
    assert "Thing 428434\nMosaik: a small feed reader tool\nby ada, Software, English\n" in thing
    assert "tags: feed reader\nadded: 6 Feb 2015\n" in thing
    assert list_items(thing) == ["11. calderfm, 4 Dec 2015"]
    assert "Things of ada" in output_of(printed, "b")
    assert "There is no page before this one." in printed


async def test_b_goes_back_from_another_user(talk: Talk) -> None:
    printed = await talk("3", "u melodia", "b", "2")
    assert "Flattrs of melodia" in output_of(printed, "u melodia")
    assert "Flattrs of ada" in output_of(printed, "b")
    assert "Things of ada" in output_of(printed, "2")


async def test_n_and_p_page_through_a_list(talk: Talk) -> None:
    printed = await talk("2", "n", "n", "p", "p", "30", "29")
    assert "Page 1 of 2; n shows more." in output_of(printed, "2")
    assert [line[:3] for line in list_items(output_of(printed, "n"))] == [f"{number}." for number in range(21, 30)]
    assert "That is the end of the list." in printed
    assert "That is the beginning of the list." in printed
    assert "Thing " in output_of(printed, "29")
    assert "There is no item 30" in printed


async def test_a_query_filters_and_the_order_is_chosen(talk: Talk) -> None:
    printed = await talk("3", "/year:2012", "s flattrs", "s -flattrs", "/", "s nonsense", "/year:soon")
    assert "134 of the 411 flattrs saved match year:2012." in output_of(printed, "/year:2012")
    assert "gazette, 435 flattrs" in list_items(output_of(printed, "s flattrs"))[0]
    assert "orchardfm, 3 flattrs" in list_items(output_of(printed, "s -flattrs"))[0]
    assert "saved match" not in output_of(printed, "/")
    assert "Sort by one of: server, when, title," in printed
    assert "year" in output_of(printed, "/year:soon")
    assert "Items" not in output_of(printed, "/year:soon")


async def test_a_query_that_cannot_be_read_leaves_the_page_as_it_was(talk: Talk) -> None:
    printed = await talk("2", "/maps", "/year:", "n", "s title", "F year:x", "5 year:x", "s -title")
    assert output_of(printed, "/year:").startswith("year: takes a year or a range of years")
    assert output_of(printed, "F year:x") == output_of(printed, "/year:")
    for order in ("s title", "s -title"):
        assert "things saved match maps." in output_of(printed, order)


async def test_what_is_no_thing_is_not_flattred(talk: Talk) -> None:
    printed = await talk("f", "7", "f 11", "y 11", "f 99")
    assert output_of(printed, "f") == "Only things can be flattred."
    assert output_of(printed, "f 11") == output_of(printed, "y 11") == "That works for things, users and flattrs only."
    assert output_of(printed, "f 99").startswith("There is no item 99")


async def test_the_server_gets_the_terms_it_knows_and_the_rest_filters_locally(talk: Talk) -> None:
    printed = await talk("5", "/podcast tag:audio flattrs:>100", "11", "5 podcast")
    results = output_of(printed, "/podcast tag:audio flattrs:>100")
    assert "Fetching the search for podcast …" in results
    assert all("Audio" in line or "flattrs" in line for line in list_items(results))
    assert "match flattrs:>100, which the server can't search for." in results.replace("\n", " ")
    assert "Who flattred it:" in output_of(printed, "11")
    assert "found for podcast." in output_of(printed, "5 podcast")


async def test_everything_saved_is_found_by_kind(talk: Talk) -> None:
    printed = await talk("3", "find nordlicht", "find")
    results = output_of(printed, "find nordlicht")
    assert "Flattr:\n" in results
    assert "ada flattred " in results
    assert "Say what to find" in output_of(printed, "find")


async def test_activities_do_not_name_the_user_of_the_list_again(talk: Talk) -> None:
    printed = await talk("4")
    assert list_items(output_of(printed, "4"))[2] == '13. flattred "Slow privacy", 13 Feb 2017'


async def test_every_count_of_review_opens_its_list(talk: Talk) -> None:
    printed = await talk("6", "13", "b", "19", "6 all")
    assert "By year:\n11. 2010: 16 flattrs, most in Dec 2010\n" in output_of(printed, "6")
    assert "134 flattrs in all.\n" in output_of(printed, "13")
    assert "19 flattrs in all.\n" in output_of(printed, "19")
    assert "Saved flattrs of everybody\n" in output_of(printed, "6 all")


async def test_without_saved_flattrs_review_says_how_to_get_some(talk: Talk) -> None:
    printed = await talk("6 bo", "6 all", user="")
    assert output_of(printed, "6 bo").endswith("No flattrs of bo are saved yet.\nType 3 to fetch them.")
    all_flattrs = "No flattrs are saved yet.\nu NAME goes to a user, and 3 fetches the flattrs."
    assert output_of(printed, "6 all").endswith(all_flattrs)


async def test_methods_are_explained_and_sent(talk: Talk) -> None:
    printed = await talk("7", "11", "get user username=ada", "get user", "get nonsense", "get flattr id=1", "no")
    assert "username the user's name; required\n" in output_of(printed, "11")
    assert '  "username": "ada",\n' in output_of(printed, "get user username=ada")
    assert "User needs username" in output_of(printed, "get user")
    assert "There is no method 'nonsense'." in printed
    assert "Type yes to do it: no\nNothing was sent.\n" in printed


async def test_values_with_spaces_are_quoted(talk: Talk) -> None:
    printed = await talk('g search query="free maps" count=1', "g search 'query=free", "h")
    assert "Status 200." in output_of(printed, 'g search query="free maps" count=1')
    assert output_of(printed, "g search 'query=free").startswith("A quotation mark is not closed.")
    assert "is:mine" in printed


async def test_a_flattr_is_confirmed_by_typing_and_needs_a_login(talk: Talk) -> None:
    printed = await talk("3", "f 11", "yes", "login ada", "3", "f 11", "y", "2", "f 11", "f 12", "f", "f 99")
    assert "you are not logged in, or the login has expired. Log in with L." in printed.replace("\n", " ")
    assert "Logged in as ada at sandbox." in printed
    assert "Flattr “夜汽車の記録 第3回” by ferrule197?\nType yes to do it: y\nFlattred “夜汽車の記録 第3回”" in printed
    assert "your own" in output_of(printed, "f 12")
    assert "Say which item" in printed
    assert "There is no item 99" in printed


async def test_an_address_is_printed_and_opened(talk: Talk, opened: list[str]) -> None:
    printed = await talk("2", "y 11", "o 11", "y")
    address = "https://ada.example/software/428434"
    assert output_of(printed, "y 11") == address
    assert opened == [address]
    assert f"Opened {address}" in printed
    assert "No browser here. The address is http://sandbox.localhost/profile/ada" in await talk("o", browser=False)


async def test_users_and_things_are_reached_by_name_id_and_address(talk: Talk) -> None:
    printed = await talk("u melodia", "2", "u https://flattr.com/profile/nordlicht", "t 428434", "t", "u")
    assert "Profile of melodia" in output_of(printed, "u melodia")
    assert "Things of melodia" in output_of(printed, "2")
    assert "Things of nordlicht" in printed
    assert "Mosaik: a small feed reader tool" in output_of(printed, "t 428434")
    assert "Say which thing" in printed
    assert "Say which user" in printed


async def test_nothing_is_fetched_offline(talk: Talk) -> None:
    await talk("2")
    printed = await talk("2", "3", "r", "f 11", "C", offline=True)
    assert "sandbox, offline." in printed
    assert output_of(printed, "C").strip().endswith("since the lists were first saved.")
    assert "Fetching" not in printed
    assert len(list_items(output_of(printed, "2"))) == 10
    assert "Offline: nothing is fetched." in printed
    printed = await talk("11", user="", source="saved")
    assert "People whose data is saved\n11. ada, 19 things, 411 flattrs\n" in printed
    assert "Profile of ada" in output_of(printed, "11")


async def test_a_whole_list_is_fetched_when_asked(talk: Talk) -> None:
    printed = await talk("login ada", "3", "r all")
    assert "100 flattrs saved, fetched just now; the list goes on," in output_of(printed, "3")
    assert "411 flattrs in all, fetched just now." in output_of(printed, "r all")


async def test_help_names_every_command(talk: Talk) -> None:
    printed = await talk("h", "nonsense")
    for command in COMMANDS:
        assert f"{command.name} or {command.short}" in printed
    assert "There is no command nonsense. h lists them." in printed


async def test_lines_are_as_wide_as_the_terminal(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (40, 132):
        monkeypatch.setenv("COLUMNS", str(width))
        lines = (await talk("2", "3", "11")).splitlines()
        assert max(map(len, lines)) <= width
        assert max(map(len, lines)) > width - 15
        assert all(line == line.rstrip() for line in lines if not line.startswith("> "))


async def test_only_characters_of_the_locale_are_printed(talk: Talk) -> None:
    printed = await talk("3", "h", encoding="ascii")
    assert printed.isascii()
    assert "Ada L., Malmo, Sweden" in printed


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("2", ParsedLine("things")),
        ("Things melodia", ParsedLine("things", "melodia")),
        ("11", ParsedLine("open", "11")),
        ("n", ParsedLine("next")),
        ("L ada", ParsedLine("login", "ada")),
        ("F maps", ParsedLine("find", "maps")),
        ("f 12", ParsedLine("flattr", "12")),
        ("/ open maps ", ParsedLine("filter", "open maps")),
        ("?", ParsedLine("help")),
        ("  ", ParsedLine("", "")),
        ("11 12", ParsedLine("", "11 12")),
    ],
)
def test_a_line_is_parsed(line: str, typed: ParsedLine) -> None:
    assert parse_line(line) == typed
