"""The user's settings, from a TOML file, the environment (`FLATTR_TUI_…`) and options. Later ones take precedence.

`Settings` is the only list of settings: its fields are the file's keys and the options' names.
"""

import difflib
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec

PREFIX = "FLATTR_TUI_"
"""Prefix of a setting's name in the environment."""


class BadSettingError(Exception):
    """A setting is invalid, or the file can't be read. The message is a sentence that says what is wrong and where."""


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a login at a source needs: the table `[login."ADDRESS"]`. The sandbox needs none.

    Source: `flattr/developers.flattr.net`, content/api/index.md, 'Authorization'.
    """

    client_id: str = ""
    client_secret: str = ""
    authorize_url: str = ""
    """The address at which the user logs in; "" to derive it from the source's address, as for `token_url`."""
    token_url: str = ""
    scopes: tuple[str, ...] = ("flattr", "thing", "email", "extendedread")
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    """Port of the redirect address `http://127.0.0.1:PORT/callback`, if the service requires a fixed one; 0 for any."""

    def __repr__(self) -> str:
        return f"Login(client_id={self.client_id!r})"


class OwnCommand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command that the user defined and bound to a key: an entry of `[[commands]]`."""

    key: str
    name: str
    """What the command does, for the help, the key bar and the command palette."""
    command: tuple[str, ...]
    """A program and its arguments. `{url}`, `{title}`, `{username}` and `{id}` are replaced by the selected item's."""
    run: Literal["background", "screen"] = "background"
    """With `screen`, the command gets the terminal until it ends; with `background`, it runs unseen."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings with their defaults. `load` returns this object."""

    source: str = "sandbox"
    """`sandbox`, `saved`, or the address of an API."""
    user: str = ""
    """The user whose profile is shown first; "" for the account's."""
    account: str = ""
    """The user name of the account to use at the source; "" for the one that was last selected there."""
    offline: bool = False
    scale: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    """Number of flattrs of the sandbox's user `collector`; 0 for no such user."""
    rate_limit: Annotated[int, msgspec.Meta(ge=0)] = 1000
    """Number of requests per hour that the sandbox allows; 0 for no limit."""
    theme: str = ""
    """Name of the theme; "" for the program's own dark theme."""
    allow_http: bool = False
    """Whether plain http to other machines is allowed."""
    keys: dict[str, str] = {}
    """The keys that the user has chosen for bindings, by the id of the binding."""
    commands: tuple[OwnCommand, ...] = ()
    """The commands that the user bound to keys."""
    login: dict[str, Login] = {}
    """What a login needs, by the address of the source."""
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

    With None, it runs in this way if TERM says that the cursor can't be moved.
    """


NAMES = Settings.__struct_fields__
"""The names of all settings."""
MAX_FAULTS: Final = 20
"""Number of lines of invalid TOML at which nothing of a file is used."""
_BY_ENTRY: Final = ("keys", "login")
"""Settings that are tables. An invalid entry does not affect the others."""
_BY_ITEM: Final = ("commands",)
"""Settings that are arrays of tables. An invalid table does not affect the others."""


class SettingsFile(NamedTuple):
    """The content of a settings file."""

    values: dict[str, Any]
    """The valid values, by the name of the setting."""
    tables: dict[str, Any]
    """The tables for commands (options of `get`, for example), by the name of the command. They are not checked."""
    faults: list[str]
    """A sentence for each entry or line that was left out, with the file and the line number."""


def read_file(file: Path, tables: Collection[str] = ()) -> SettingsFile:
    """Return the content of a settings file. Invalid entries are left out and reported.

    `tables` are the names of commands that may have a table. A name of a setting is always read as a setting: `[login]`
    says how to log in, and is not the table of the command `login`. Raises `BadSettingError` if the file can't be read.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
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


def locate(file: Path, name: str, number: int = 0) -> str:
    """Return a file's name with the number of the line that sets `name`: `FILE:3`, which many terminals can open.

    It is the line after `number` others that set it. If there is no such line, only the file's name is returned.
    """
    pattern = re.compile(rf"""^\s*(?:\[+[^\]]*)?["']?{re.escape(name)}["']?[\s.=\]"']""")
    lines = enumerate(file.read_text(encoding="utf-8-sig").splitlines(), 1)
    found = [at for at, line in lines if pattern.match(line)]
    return f"{file}:{found[number]}" if number < len(found) else str(file)


def _parse(file: Path, text: str, faults: list[str]) -> dict[str, Any]:
    """Return the values in TOML. Lines with a syntax error are left out; if there are too many, all lines are."""
    import tomllib  # noqa: PLC0415 -- not for those without a file

    lines = text.splitlines()
    for _ in range(MAX_FAULTS):
        try:
            return tomllib.loads("\n".join(lines))
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line (\d+)", str(error))
            number = min(int(found[1]) if found else len(lines), len(lines))
            faults.append(f"{file}:{number}: this line is not TOML ({str(error).partition(' (')[0]}); it was left out.")
            lines[number - 1] = ""
    faults.append(f"{file} has too many lines that are not TOML; none of it was used.")
    return {}


def _is_valid(file: Path, document: Mapping[str, Any], name: str, faults: list[str], number: int = 0) -> bool:
    """Whether a document with one setting is valid. If it is invalid, add a sentence to `faults`.

    The sentence names the line, which `locate` finds with `name` and `number`.
    """
    try:
        msgspec.convert(document, Settings)
    except msgspec.ValidationError as error:
        faults.append(f"{locate(file, name, number)}: {_describe(error)}; it was left out.")
        return False
    return True


def load(file: Mapping[str, Any], given: Mapping[str, Any]) -> Settings:
    """Return the settings of a file, overridden by those of options and the environment (None: not given).

    Raises `BadSettingError` if a value is invalid.
    """
    merged = {**file, **{name: value for name, value in given.items() if value is not None}}
    try:
        return msgspec.convert(merged, Settings)
    except msgspec.ValidationError as error:
        raise BadSettingError(f"{_describe(error)}.") from error


def environment_name(name: str) -> str:
    """Return the name of the environment variable for a setting or an option."""
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
"""Parts of msgspec's messages, and the words to write instead for people who write settings."""


def _describe(error: msgspec.ValidationError) -> str:
    """Return which setting is invalid and why, in plain words: `scale: must be a whole number, not text`."""
    what, _, where = str(error).partition(" - at `$")
    for notation, words in _WORDS.items():
        what = what.replace(notation, words)
    name = (
        where.strip("`").lstrip(".").replace("[0]", "").replace("[...]", "")
    )  # each table of an array is checked alone
    return f"{name}: {what}" if name else what
