"""The commands of linear mode: a table of them, the parser of a typed line, and the texts of `help`."""

from typing import Final, NamedTuple

from flattr_tui.model.query_language import EXAMPLES
from flattr_tui.ui.modes import MODES


class Command(NamedTuple):
    """A command that can be typed."""

    name: str
    short: str
    """One letter that can be typed instead of the name."""
    argument: str
    """The argument after the name, as the help shows it: `ITEM`; "" if the command takes no argument."""
    help: str
    """What the command does."""


class ParsedLine(NamedTuple):
    """A typed line, split into the name of a command or mode and the text after the name."""

    name: str
    """Name of a command or id of a mode; `open` for an item's number, `filter` for `/`, "" for anything else."""
    text: str = ""
    """The text after the name, or the number; the whole line if `name` is ""."""


COMMANDS: Final = (
    Command("next", "n", "", "the next items"),
    Command("previous", "p", "", "the previous items"),
    Command("back", "b", "", "the previous page"),
    Command("user", "u", "NAME", "go to a user, by name or by the address of a profile"),
    Command("thing", "t", "ID", "go to a thing, by its id or an address"),
    Command("find", "F", "WORDS", "search everything saved"),
    Command("sort", "s", "ORDER", "sort the list; - in front reverses the order"),
    Command("browser", "o", "ITEM", "open in the browser"),
    Command("address", "y", "ITEM", "print the address"),
    Command("flattr", "f", "ITEM", "flattr it (asks first)"),
    Command("refresh", "r", "all", "fetch what is new, or (all) the whole list"),
    Command("get", "g", "METHOD NAME=VALUE …", "send a request to the API"),
    Command("login", "L", "NAME", "log in"),
    Command("bookmarks", "B", "", "bookmarks, saved searches, and what was opened"),
    Command("bookmark", "m", "ITEM", "add a bookmark, or remove it"),
    Command("changes", "C", "QUERY", "what has changed in saved data"),
    Command("earnings", "e", "NAME", "the revenue of a user, or of all"),
    Command("export", "x", "FILE", "write the list to FILE: .csv, .json, .jsonl or .md"),
    Command("help", "h", "", "this list"),
    Command("quit", "q", "", "quit; so does ctrl+d"),
)
_BY_WORD: Final = {word: command.name for command in COMMANDS for word in (command.name, command.short)} | {
    "?": "help",
    "exit": "quit",
}
_PLACES: Final = {word: mode.id for mode in MODES for word in (mode.key, mode.id)}


def parse_line(line: str) -> ParsedLine:
    """Parse a typed line: a command, the id or digit of a mode, the number of an item, or `/` and a query."""
    line = line.strip()
    if line.startswith("/"):
        return ParsedLine("filter", line[1:].strip())
    word, _, text = line.partition(" ")
    known = _BY_WORD.get(word) or _BY_WORD.get(word.lower()) or _PLACES.get(word.lower())
    if known is not None:
        return ParsedLine(known, text.strip())
    if word.isascii() and word.isdigit() and not text:
        return ParsedLine("open", word)
    return ParsedLine("", line)


def explain_commands() -> list[tuple[str, str]]:
    """Return the rows of the help: what can be typed (`back or b`), and what that does."""
    places = ", ".join(f"{mode.key} {mode.id}" for mode in MODES)
    rows = [(places, "go to a place; a name after 1 to 4 or 6 shows that user's"), ("11, 12 …", "open an item")]
    rows.append(("/QUERY", "filter the list, or search; / alone shows all again"))
    rows += [(f"{row.name} or {row.short}{f' {row.argument}' if row.argument else ''}", row.help) for row in COMMANDS]
    return rows


def explain_queries() -> list[tuple[str, str]]:
    """Return the rows of the help about queries: an example of a query, and what it finds."""
    return list(EXAMPLES)
