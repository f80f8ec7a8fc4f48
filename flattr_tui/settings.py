"""The user's settings: from a TOML file, the environment (`FLATTR_TUI_…`) or options. The later ones override.

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
    """A setting is invalid; the message is one sentence that says where it is and what is wrong."""


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to log in at a source: the table `[login."ADDRESS"]`. The sandbox needs none.

    Source: `flattr/developers.flattr.net`, content/api/index.md, 'Authorization'.
    """

    client_id: str = ""
    client_secret: str = ""
    authorize_url: str = ""
    """Default: derived from the source's address, like the next one."""
    token_url: str = ""
    scopes: tuple[str, ...] = ("flattr", "thing", "email", "extendedread")
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    """Port on this machine, if a service requires a fixed redirect address `http://127.0.0.1:PORT/callback`; 0: any."""

    def __repr__(self) -> str:
        return f"Login(client_id={self.client_id!r})"


class OwnCommand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command that the user defined and bound to a key: an entry of `[[commands]]`."""

    key: str
    name: str
    """What the key does, for help, footer and palette."""
    command: tuple[str, ...]
    """The program and its arguments, in which `{url}`, `{title}`, `{username}` and `{id}` stand for the item's."""
    run: Literal["background", "screen"] = "background"
    """Whether it gets the terminal until it ends, or runs unseen."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings with their defaults. `load` reads them."""

    source: str = "sandbox"
    """`sandbox`, `saved`, or the address of an API."""
    user: str = ""
    """Whose profile is shown first; default: the account's."""
    account: str = ""
    """Which of the source's accounts to use; default: the first that logged in."""
    offline: bool = False
    scale: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    """How many flattrs the sandbox's user `collector` gets."""
    rate_limit: Annotated[int, msgspec.Meta(ge=0)] = 1000
    """Requests per hour that the sandbox allows; 0: no limit."""
    theme: str = ""
    """Default: the program's own dark theme."""
    allow_http: bool = False
    """Whether plain http to other machines is allowed."""
    keys: dict[str, str] = {}
    """Other keys for bindings, by id."""
    commands: tuple[OwnCommand, ...] = ()
    """Commands of the user's own on keys."""
    login: dict[str, Login] = {}
    """Login settings by source."""
    token_command: tuple[str, ...] = ()
    """A command that prints an access token, with its arguments."""
    keyring: bool = True
    """Whether tokens may be stored in the system's keyring."""
    quiet: bool = False
    """Whether commands print only results and errors: no progress, confirmations or notes."""
    log: str = ""
    """File that the log for bug reports is appended to, `-` for stderr; "": no log."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    no_color: bool = False
    """Whether the screen is drawn without colours, as with NO_COLOR in the environment."""
    linear: bool | None = None
    """Whether text scrolls instead of a screen being drawn; default: only where TERM can't move its cursor."""


NAMES = Settings.__struct_fields__
MAX_FAULTS: Final = 20
"""Number of invalid TOML lines after which a file is given up."""
_BY_ENTRY: Final = ("keys", "login")
"""Settings that are tables: each entry counts by itself."""
_BY_ITEM: Final = ("commands",)
"""Settings that are arrays of tables: each table counts by itself."""


class SettingsFile(NamedTuple):
    """The content of a settings file."""

    values: dict[str, Any]
    """Valid values by setting."""
    tables: dict[str, Any]
    """The commands' tables, unchecked."""
    faults: list[str]
    """A sentence for each line that could not be used, with file and line number."""


def read_file(file: Path, tables: Collection[str] = ()) -> SettingsFile:
    """Read a settings file. Invalid entries are left out and reported; the others are used.

    `tables` are the commands that may have a table. A name of a setting is always read as a setting: `[login]` says how
    to log in, and is no table for the command `login`. Raises `BadSettingError` if the file can't be read.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadSettingError(f"{file} can't be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise BadSettingError(f"{file} is no TOML: {error}.") from error
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
    """Return a file's name with the line in which a name occurs: `FILE:3`, which many terminals can open.

    `number` occurrences of the name are skipped.
    """
    pattern = re.compile(rf"""^\s*(?:\[+[^\]]*)?["']?{re.escape(name)}["']?[\s.=\]"']""")
    lines = enumerate(file.read_text(encoding="utf-8-sig").splitlines(), 1)
    found = [at for at, line in lines if pattern.match(line)]
    return f"{file}:{found[number]}" if number < len(found) else str(file)


def _parse(file: Path, text: str, faults: list[str]) -> dict[str, Any]:
    """Parse TOML. A line with a syntax error is left out, or the whole file if that does not help."""
    import tomllib  # noqa: PLC0415 -- not for those without a file

    lines = text.splitlines()
    for _ in range(MAX_FAULTS):
        try:
            return tomllib.loads("\n".join(lines))
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line (\d+)", str(error))
            number = min(int(found[1]) if found else len(lines), len(lines))
            faults.append(f"{file}:{number}: this line is no TOML ({str(error).partition(' (')[0]}); it was left out.")
            lines[number - 1] = ""
    faults.append(f"{file} has too many lines that are no TOML; none of it was used.")
    return {}


def _is_valid(file: Path, document: Mapping[str, Any], name: str, faults: list[str], number: int = 0) -> bool:
    try:
        msgspec.convert(document, Settings)
    except msgspec.ValidationError as error:
        faults.append(f"{locate(file, name, number)}: {_describe(error)}; it was left out.")
        return False
    return True


def load(file: Mapping[str, Any], given: Mapping[str, Any]) -> Settings:
    """Combine a file's settings with `given` ones (None: not given); raises `BadSettingError`."""
    merged = {**file, **{name: value for name, value in given.items() if value is not None}}
    try:
        return msgspec.convert(merged, Settings)
    except msgspec.ValidationError as error:
        raise BadSettingError(f"{_describe(error)}.") from error


def environment_name(name: str) -> str:
    """Return the name of a setting's environment variable."""
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
"""What msgspec writes, and what it means to somebody who writes settings."""


def _describe(error: msgspec.ValidationError) -> str:
    """Describe what is wrong and where, in plain words."""
    what, _, where = str(error).partition(" - at `$")
    for notation, words in _WORDS.items():
        what = what.replace(notation, words)
    name = (
        where.strip("`").lstrip(".").replace("[0]", "").replace("[...]", "")
    )  # each table of an array is checked alone
    return f"{name}: {what}" if name else what
