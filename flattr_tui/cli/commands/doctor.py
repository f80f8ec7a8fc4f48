"""The command `doctor`: examines what the program depends on, and prints a report that is safe for a bug report.

The program depends on packages, the terminal, folders, the stores, the server, proxies and the keyring. What is not
needed for --help is imported by the function that examines it.
"""

import asyncio
import getpass
import json
import os
import platform
import re
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies

import click

from flattr_tui import __version__
from flattr_tui.cli.command_output import ProgressLine
from flattr_tui.cli.embedded_sandbox import DEFAULT_SEED
from flattr_tui.cli.errors import NAME, strip_key_hints
from flattr_tui.model.data_source import BadSourceError, SourceKind
from flattr_tui.model.text_sanitizer import single_line
from flattr_tui.paths import Paths
from flattr_tui.settings import Settings
from flattr_tui.ui.external_programs import has_browser
from flattr_tui.ui.format import byte_size

if TYPE_CHECKING:
    from flattr_tui.api.client import Client
    from flattr_tui.store.integrity_check import DatabaseHealth

TERMINAL_VARIABLES: Final = ("TERM", "COLORTERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "NO_COLOR")
TERMINAL_HOSTS: Final = (("tmux", "TMUX"), ("screen", "STY"), ("ssh", "SSH_CONNECTION"))
"""Programs that can run between this program and the terminal, with the environment variable that each of them sets."""
COLOURS: Final = {"standard": 16, "256": 256, "truecolor": 16_777_216}
MIN_FREE_BYTES: Final = 10_000_000
"""Number of free bytes below which the disk counts as full."""
CERTIFICATE_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
BYTES, MILLISECONDS = "_bytes", "_ms"
"""What the name of a number ends with, so that the number is printed with a unit."""
Section = dict[str, Any]


@click.command(
    "doctor",
    epilog="""\b
Examples:
  flattr-tui doctor
  flattr-tui doctor --offline             # without asking the server
  flattr-tui doctor --json | jq .store

\b
Exit code 1: something is broken, and `problems` says what to do.
""",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_context
def doctor_command(context: click.Context, as_json: bool) -> None:
    """Show versions, terminal, folders, store, server, proxies and keyring, and say what is broken.

    The output is safe to paste into a bug report: it holds no tokens and no names of accounts, and your home folder
    is written as ~. Nothing is created or changed.
    """
    settings = context.find_object(Settings) or Settings()
    with ProgressLine() as progress_line:
        found = examine(settings, progress_line)
    if as_json:
        click.echo(json.dumps({"problems": found.problems, **found.sections}, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(format_report(found)))
    context.exit(1 if found.problems else 0)


class Diagnosis(NamedTuple):
    """What was found about the program's environment, and what is broken in it."""

    sections: dict[str, Section]
    """What was found, by the name of the section (`terminal`) and the name of the value. Values are plain JSON."""
    problems: list[str]
    """A sentence for each thing that is broken, with what to do about it."""


def examine(settings: Settings, progress_line: ProgressLine) -> Diagnosis:
    """Examine what the program depends on (packages, terminal, folders, server, keyring), and return what was found.

    Nothing is created or changed. With `settings.offline`, no connection is opened. `progress_line` shows the progress.
    """
    problems: list[str] = []
    paths = Paths.standard()
    sections: dict[str, Section] = {"program": _examine_program(problems), "terminal": _examine_terminal()}
    sections["paths"] = _examine_paths(paths, settings, problems)
    progress_line.show("checking the store")
    sections["store"] = _examine_store(paths, problems)
    progress_line.show("asking the source")
    sections["source"] = _examine_source(settings, problems)
    sections["network"] = _examine_network()
    sections["keyring"] = _examine_keyring(settings)
    return Diagnosis(_make_public(sections), [str(_make_public(problem)) for problem in problems])


def format_report(report: Diagnosis) -> Iterator[str]:
    """Yield the lines of a text that shows a diagnosis to people: its values by section, then its problems."""
    for title, section in report.sections.items():
        yield title
        for name, value in section.items():
            label = name if name.isupper() else name.removesuffix(BYTES).removesuffix(MILLISECONDS).replace("_", " ")
            yield f"  {label:<22}{single_line(_format_value(name, value))}".rstrip()
    yield "problems"
    yield from (f"  {single_line(problem)}" for problem in report.problems or ("none",))


def _format_value(name: str, value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return "-"
        case int() if name.endswith(BYTES):
            return byte_size(value)
        case int() if name.endswith(MILLISECONDS):
            return f"{value:,} ms"
        case int():
            return f"{value:,}"
        case dict():
            return ", ".join(filter(None, (_format_part(key, one) for key, one in value.items())))
    return str(value)


def _format_part(name: str, value: object) -> str:
    """Return a named value as a short text, such as `12 responses`. The caller joins several such texts to one line.

    A text is returned unchanged. True becomes the name alone: `read-only`. None and False become "", and are not shown.
    """
    if isinstance(value, str):
        return value
    label = name.removesuffix(BYTES).replace("_", "-")
    if isinstance(value, bool):
        return label if value else ""
    if value is None or name.endswith(BYTES):
        return _format_value(name, value) if value is not None else ""
    return f"{_format_value(name, value)} {label}"


def _make_public(value: Any) -> Any:
    """Return `value` with paths made anonymous: `~` replaces the home folder, and `USER` the user's name elsewhere.

    `value` is a text or a dictionary, whose values are changed. Any other value is returned unchanged.
    """
    if isinstance(value, dict):
        return {key: _make_public(inner) for key, inner in value.items()}
    if not isinstance(value, str):
        return value
    home = Path.home()
    for folder in {str(home), str(home.resolve())} - {"/"}:
        value = re.sub(rf"{re.escape(folder)}(?![^/\s'\":,;)])", "~", value)
    return re.sub(rf"(?<=/){re.escape(getpass.getuser())}(?![^/\s'\":,;)])", "USER", value)


# -- the sections


def _examine_program(problems: list[str]) -> Section:
    import importlib.metadata  # noqa: PLC0415

    from flattr_tui.store.integrity_check import SQLITE_VERSION  # noqa: PLC0415

    section: Section = {
        NAME: __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.platform(),
        "sqlite": SQLITE_VERSION,
    }
    try:
        required = importlib.metadata.requires(NAME) or []
    except importlib.metadata.PackageNotFoundError:
        return {**section, "installed": False}
    for requirement in required:  # textual<8.3,>=8.2.5 or uvicorn>=0.30; extra == "server" (PEP 508)
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", requirement)
        if extra and extra[1] == "test":
            continue
        try:
            section[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            section[name] = f"not installed (extra {extra[1]})" if extra else "not installed"
            if extra is None:
                problems.append(f"The package {name} is not installed: install {NAME} again.")
    return section


def _examine_terminal() -> Section:
    from flattr_tui.ui.locale_characters import LOCALE_VARIABLES, find_encoding  # noqa: PLC0415
    from flattr_tui.ui.themes import settle_colour_system  # noqa: PLC0415

    section: Section = {name: os.environ.get(name) for name in (*TERMINAL_VARIABLES, *LOCALE_VARIABLES)}
    system = settle_colour_system()
    size = next((os.get_terminal_size(number) for number in (2, 1, 0) if os.isatty(number)), None)
    return {
        **section,
        "size": f"{size.columns}x{size.lines}" if size else None,
        "colours": COLOURS.get(system or "", 0),
        "encoding": sys.stdout.encoding,
        "drawn_with": find_encoding() or "utf-8",
        "inside": " ".join(name for name, variable in TERMINAL_HOSTS if os.environ.get(variable)) or None,
        "browser": has_browser(),
    }


def _examine_paths(paths: Paths, settings: Settings, problems: list[str]) -> Section:
    files = {
        "settings": paths.settings,
        "data": paths.data,
        "responses": paths.responses,
        "catalogue": paths.catalogue,
        "bookmarks": paths.bookmarks,
        "tokens": paths.tokens,
        "sandbox": paths.world(DEFAULT_SEED, settings.scale),
        "crashes": paths.crashes,
    }
    section: Section = {name: _examine_path(path) for name, path in files.items()}
    existing = next(folder for folder in (paths.data, *paths.data.parents) if os.path.exists(folder))  # noqa: PTH110 -- never raises
    free = shutil.disk_usage(existing).free
    section["free_bytes"] = free
    if free < MIN_FREE_BYTES:
        problems.append(f"The disk is full: free some space where {existing} is.")
    if problem := _find_problem(paths.data, existing):
        problems.append(problem)
    return section


def _find_problem(data: Path, existing: Path) -> str:
    """Return a sentence that says why the library's folder can't be used, or can't be written; "" if it can.

    `data` is the path of that folder. `existing` is the same path or, if there is no such folder, its nearest existing
    parent.
    """
    advice = "choose another one with XDG_DATA_HOME."
    try:
        found = data.stat()
    except FileNotFoundError:
        found = existing.stat()
    except OSError as error:
        return f"The folder {data} can't be used ({error.strerror}): {advice}"
    if not stat.S_ISDIR(found.st_mode):
        return f"{data} is not a folder: move it away, or {advice}"
    if existing == data and os.geteuid() not in {found.st_uid, 0}:
        return f"The folder {data} belongs to another user: {advice}"
    if not os.access(existing, os.R_OK | os.X_OK):
        return f"The folder {existing} can't be read: make it readable, or {advice}"
    if not os.access(existing, os.W_OK):
        return (
            f"The folder {existing} is read-only: saved data can be read, but nothing new is kept."
            f" Make it writable, or {advice}"
        )
    return ""


def _examine_path(path: Path) -> Section:
    try:
        found = path.stat()
    except FileNotFoundError:
        return {"path": str(path), "is": "missing"}
    except OSError as error:
        return {"path": str(path), "is": f"unreadable ({error.strerror})"}
    return {
        "path": str(path),
        "is": stat.filemode(found.st_mode),
        "writable": os.access(path, os.W_OK),
        "size_bytes": _size(path),
    }


def _size(path: Path) -> int | None:
    from flattr_tui.store.response_store_reader import size_of  # noqa: PLC0415

    try:
        return size_of(path)
    except OSError:  # a folder that can't be listed
        return None


def _examine_store(paths: Paths, problems: list[str]) -> Section:
    from flattr_tui.store.integrity_check import Health, check_catalogue, check_store  # noqa: PLC0415
    from flattr_tui.store.shared_files import list_set_aside  # noqa: PLC0415

    if os.path.lexists(paths.data) and not os.access(paths.data, os.R_OK | os.X_OK):
        return {"responses": {"is": str(Health.UNREADABLE)}}  # `_examine_paths` has reported the folder
    store, catalogue = check_store(paths.responses), check_catalogue(paths.catalogue)
    for what, found, advice in (
        ("store", store, f"`{NAME} cache verify` says what to do."),
        ("catalogue", catalogue, f"`{NAME} cache rebuild` rebuilds it, and nothing is lost."),
    ):
        match found.health:
            case Health.LOCKED:
                problems.append(f"{found.reason}: end that program, or wait until it is done.")
            case Health.UNREADABLE | Health.DAMAGED:
                problems.append(f"The {what} is {found.health} ({found.reason}): {advice}")
            case Health.FOREIGN:
                problems.append(f"The {what} is {found.health}: it is set aside when the program is next started.")
            case Health.LATER if found is store:
                problems.append(
                    "The store was written by a later version of this program: use that version, or the next start sets"
                    " the store aside."
                )
    aside = list_set_aside(paths.data) if paths.data.is_dir() else []
    return {
        "responses": _describe_health(store, "responses"),
        "catalogue": _describe_health(catalogue, "lists"),
        "set_aside": {"files": len(aside), "size_bytes": sum(_size(path) or 0 for path in aside)},
    }


def _describe_health(found: "DatabaseHealth", rows: str) -> Section:
    from flattr_tui.store.integrity_check import Health  # noqa: PLC0415

    section: Section = {"is": str(found.health)}
    if found.health is Health.MISSING:
        return section
    return {**section, rows: found.rows, "read_only": not found.is_writable, "size_bytes": found.bytes}


def _examine_source(settings: Settings, problems: list[str]) -> Section:
    from flattr_tui.api.client import Client  # noqa: PLC0415
    from flattr_tui.api.errors import FlattrError  # noqa: PLC0415
    from flattr_tui.cli.library_factory import read_source  # noqa: PLC0415

    try:
        source = read_source(settings)
    except BadSourceError as error:
        problems.append(str(error))
        return {"name": None}
    section: Section = {"name": source.name, "offline": settings.offline}
    if source.kind is SourceKind.SANDBOX:
        return {**section, "answers": "inside this program"}
    if source.kind is SourceKind.SAVED or settings.offline:
        return section
    began = time.perf_counter()
    try:
        asyncio.run(_call_server(Client(source)))
    except FlattrError as error:
        problems.append(f"The source does not answer correctly: {strip_key_hints(str(error))}")
        section["answers"] = False
    else:
        section["answers"] = True
    return {**section, "took_ms": round(1000 * (time.perf_counter() - began))}


async def _call_server(client: "Client") -> None:
    from flattr_tui.api.method_table import BY_NAME  # noqa: PLC0415

    try:
        await client.call(BY_NAME["categories"], {})
    finally:
        await client.aclose()


def _examine_network() -> Section:
    """Return the proxies, without user names and passwords, and the environment variables that name certificates."""
    section: Section = {f"{kind}_proxy": _public_proxy(proxy) for kind, proxy in sorted(getproxies().items())}
    return section | {name: os.environ[name] for name in CERTIFICATE_VARIABLES if os.environ.get(name)}


def _public_proxy(proxy: str) -> str:
    """Return a proxy's address without a user name and a password. A list of hosts (`NO_PROXY`) stays unchanged."""
    if "://" not in proxy and "@" not in proxy:
        return proxy
    try:
        parts = urlsplit(proxy if "://" in proxy else f"//{proxy}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(not an address)"
    return f"{f'{parts.scheme}://' if parts.scheme else ''}{parts.hostname or ''}{port}"


def _examine_keyring(settings: Settings) -> Section:
    if not settings.keyring:
        return {"used": False}
    import keyring  # noqa: PLC0415 -- importing it takes 35 ms
    from keyring.backends import fail  # noqa: PLC0415

    backend = keyring.get_keyring()
    return {
        "used": not isinstance(backend, fail.Keyring),
        "backend": f"{type(backend).__module__}.{type(backend).__qualname__}",
    }
