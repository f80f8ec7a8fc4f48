"""The user's settings: from a TOML file, overridden by the environment (`FLATTR_TUI_…`), overridden by options.

`Settings` is the only list of settings: its fields are the keys in the file and the names of the options.
"""

import difflib
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec

PREFIX = "FLATTR_TUI_"
"""Prefix of the environment variable for a setting."""


class BadSettingError(Exception):
    """A setting is invalid, or the settings file can't be read. The message is a sentence that says where and why."""


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to log in at a source: a table `[login."ADDRESS"]` of the settings. The sandbox needs no such table.

    Source: `flattr/developers.flattr.net`, content/api/index.md, 'Authorization'.
    """

    client_id: str = ""
    client_secret: str = ""
    authorize_url: str = ""
    """The address at which the user logs in; "" to derive it from the address of the source."""
    token_url: str = ""
    """The address at which the program gets tokens; "" to derive it from the address of the source."""
    scopes: tuple[str, ...] = ("flattr", "thing", "email", "extendedread")
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    """The port in the redirect address `http://127.0.0.1:PORT/callback`; 0 for any free port."""

    def __repr__(self) -> str:
        return f"Login(client_id={self.client_id!r})"


class OwnCommand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command that the user defined and bound to a key: a table `[[commands]]` of the settings."""

    key: str
    name: str
    """What the command does, for the help, the key bar and the command palette."""
    command: tuple[str, ...]
    """A program and its arguments.

    In the arguments, `{url}`, `{title}`, `{username}` and `{id}` are replaced by those of the selected item.
    """
    run: Literal["background", "screen"] = "background"
    """How the command runs: with `screen`, it gets the terminal until it ends; with `background`, it runs unseen."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The values of all settings. The defaults of the fields are the settings' defaults."""

    source: str = "sandbox"
    """Where data comes from: `sandbox`, `saved`, or the address of an API."""
    user: str = ""
    """The user whose profile is shown first; "" for the user who is logged in."""
    account: str = ""
    """The user name of the account to use at the source; "" for the account that was last selected there."""
    offline: bool = False
    scale: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    """Number of flattrs that the sandbox's user `collector` has; with 0, the sandbox has no such user."""
    rate_limit: Annotated[int, msgspec.Meta(ge=0)] = 1000
    """Number of requests per hour that the sandbox allows; 0 for no limit."""
    theme: str = ""
    """Name of the theme; "" for the program's own dark theme."""
    allow_http: bool = False
    """Whether a source on another machine may be used with http, without encryption."""
    keys: dict[str, str] = {}
    """The keys that the user has chosen for bindings: a comma-separated list of keys by the id of each binding."""
    commands: tuple[OwnCommand, ...] = ()
    """The commands that the user bound to keys."""
    login: dict[str, Login] = {}
    """How to log in, by the address of the source."""
    token_command: tuple[str, ...] = ()
    """A program that prints an access token, and its arguments; () for none."""
    keyring: bool = True
    """Whether tokens may be stored in the system's keyring."""
    quiet: bool = False
    """Whether commands print only results and errors: no progress, confirmations or notes."""
    log: str = ""
    """The file to which the log for bug reports is appended, `-` for stderr; "" for no log."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    no_color: bool = False
    """Whether the screen is drawn without colours, as with NO_COLOR in the environment."""
    linear: bool | None = None
    """Whether the program runs in linear mode, as text that scrolls.

    With None, it does so if the variable TERM says that the terminal can't move its cursor.
    """


NAMES = Settings.__struct_fields__
"""The names of all settings."""
MAX_BYTES: Final = 1_000_000
"""Maximum size of a settings file in bytes."""
MAX_FAULTS: Final = 20
"""Number of lines of invalid TOML from which on nothing of a settings file is used."""
_BY_ENTRY: Final = ("keys", "login")
"""Settings that are tables. If an entry of such a table is invalid, its other entries are used."""
_BY_ITEM: Final = ("commands",)
"""Settings that are arrays of tables. If a table of such an array is invalid, its other tables are used."""


class SettingsFile(NamedTuple):
    """The content of a settings file, without the invalid entries."""

    values: dict[str, Any]
    """The valid values, by the name of the setting."""
    tables: dict[str, Any]
    """The tables with options of commands (`[get]`, for example), by the name of the command. They are not checked."""
    faults: list[str]
    """A sentence for each entry or line that was left out, with the file and the line number."""


def read_file(file: Path, tables: Collection[str] = ()) -> SettingsFile:
    """Return the content of a settings file. Invalid entries are left out and reported in `faults`.

    `tables` are the names of commands. A TOML table with such a name contains options of that command, unless there is
    a setting of the same name: `[login]` says how to log in, and has no options of the command `login`. Raises
    `BadSettingError` if the file can't be read.
    """
    try:
        text = _read_text(file)
    except OSError as error:
        raise BadSettingError(f"{file} can't be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise BadSettingError(f"{file} is not valid TOML: {error}.") from error
    faults: list[str] = []
    document = _parse(file, text, faults)
    of_commands = [name for name in tables if name not in NAMES and isinstance(document.get(name), dict)]
    apart = {name: document.pop(name) for name in of_commands}
    values: dict[str, Any] = {}
    for name, value in document.items():
        if name not in NAMES:
            near = difflib.get_close_matches(name, [*NAMES, *tables], 1)
            meant = f"; did you mean {near[0]!r}?" if near else "."
            faults.append(f"{locate(file, name)}: there is no setting {name!r}{meant}")
        elif name in _BY_ENTRY and isinstance(value, dict):
            entries = {key: entry for key, entry in value.items() if _is_valid(file, {name: {key: entry}}, key, faults)}
            values[name] = entries
        elif name in _BY_ITEM and isinstance(value, list):
            values[name] = [
                item for at, item in enumerate(value) if _is_valid(file, {name: [item]}, name, faults, number=at)
            ]
        elif _is_valid(file, {name: value}, name, faults):
            values[name] = value
    return SettingsFile(values, apart, faults)


def _read_text(file: Path) -> str:
    """Return the text of a settings file. Raises `BadSettingError` if the text is too long to be a settings file."""
    with file.open("rb") as opened:
        data = opened.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadSettingError(f"{file} has more than {MAX_BYTES:,} bytes, so it can't be a settings file.")
    return data.decode("utf-8-sig")


def locate(file: Path, name: str, number: int = 0) -> str:
    """Return the place where a settings file sets `name`: `FILE:3`, with the number of the line from 1.

    Many terminals can open such a place. If several lines set `name`, `number` says which of them, from 0. If there is
    no such line, only the file's name is returned.
    """
    pattern = re.compile(rf"""^\s*(?:\[+[^\]]*)?["']?{re.escape(name)}["']?[\s.=\]"']""")
    lines = enumerate(_read_text(file).splitlines(), 1)
    found = [at for at, line in lines if pattern.match(line)]
    return f"{file}:{found[number]}" if number < len(found) else str(file)


def _parse(file: Path, text: str, faults: list[str]) -> dict[str, Any]:
    """Return the values in `text`, the content of the settings file `file`. Lines that are not TOML are left out.

    A sentence about each of these lines is added to `faults`. With too many such lines, the whole document is left out.
    """
    import tomllib  # noqa: PLC0415 -- not needed without a settings file

    lines = text.splitlines()
    for _ in range(MAX_FAULTS):
        try:
            return tomllib.loads("\n".join(lines))
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line (\d+)", str(error))
            number = min(int(found[1]) if found else len(lines), len(lines))
            faults.append(f"{file}:{number}: this line is not TOML ({str(error).partition(' (')[0]}); it was left out.")
            lines[number - 1] = ""
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, or thousands of brackets
            faults.append(f"{file} is not TOML ({str(error)[:100]}); none of it was used.")
            return {}
    faults.append(f"{file} has too many lines that are not TOML; none of it was used.")
    return {}


def _is_valid(file: Path, document: Mapping[str, Any], name: str, faults: list[str], number: int = 0) -> bool:
    """Whether `document`, which sets only the setting or entry `name`, is valid. If not, add a sentence to `faults`.

    The sentence says which line of `file` sets `name`. If several lines do, `number` says which of them, from 0.
    """
    try:
        msgspec.convert(document, Settings)
    except msgspec.ValidationError as error:
        faults.append(f"{locate(file, name, number)}: {_describe_error(error)}; it was left out.")
        return False
    return True


def load(file: Mapping[str, Any], given: Mapping[str, Any]) -> Settings:
    """Return the settings in `file`, overridden by those in `given`.

    `file` contains the values from the settings file, by name. `given` contains the values from options and the
    environment; a value of None means that neither sets it. Raises `BadSettingError` if a value is invalid.
    """
    merged = {**file, **{name: value for name, value in given.items() if value is not None}}
    try:
        return msgspec.convert(merged, Settings)
    except msgspec.ValidationError as error:
        raise BadSettingError(f"{_describe_error(error)}.") from error


def environment_name(name: str) -> str:
    """Return the name of the environment variable for the setting or option `name`, such as `FLATTR_TUI_SOURCE`."""
    return PREFIX + name.upper().replace("-", "_")


_WORDS: Final = {
    "`str`": "text",
    "`int`": "a whole number",
    "`float`": "a number",
    "`bool`": "true or false",
    "`array`": "a list",
    "`object`": "a table",
    "Expected ": "must be ",
    ", got ": ", not ",
    " >= ": " of at least ",
    " <= ": " of at most ",
    "Object contains unknown field": "there is no",
    "Object missing required field": "it lacks",
    "Invalid enum value": "there is no choice",
}
"""Words in the messages of msgspec, and plainer words that replace them."""


def _describe_error(error: msgspec.ValidationError) -> str:
    """Return which setting is invalid and why, according to `error`: `scale: must be a whole number, not text`."""
    what, _, where = str(error).partition(" - at `$")
    for notation, words in _WORDS.items():
        what = what.replace(notation, words)
    name = (
        where.strip("`").lstrip(".").replace("[0]", "").replace("[...]", "")
    )  # each table of an array is checked alone
    return f"{name}: {what}" if name else what
