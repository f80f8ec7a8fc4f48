"""Writes the settings file: a template for a new file, or one setting in an existing file."""

import re
from pathlib import Path
from typing import Any

import msgspec

from flattr_tui.cli.setting_options import SETTINGS
from flattr_tui.paths import exists
from flattr_tui.settings import BadSettingError, Settings
from flattr_tui.store.shared_files import replace_file


def make_template() -> str:
    """Return the content of a new settings file: every setting with its default and its meaning, commented out."""
    defaults = Settings()
    lines = ["# Settings of flattr-tui. Remove the # in front of a line to change its value.", ""]
    for name, setting in SETTINGS.items():
        value = msgspec.json.encode(getattr(defaults, name)).decode()  # JSON and TOML write these types alike
        if value == "null":  # None means that the terminal decides; TOML has no such value
            lines += [f"# {setting.help}", f"# {name}: true or false; the default depends on the terminal", ""]
            continue
        lines += [f"# {setting.help}", f"# {name} = {value}", ""]
    return "\n".join(lines)


def write_setting(file: Path, name: str, value: str) -> None:
    """Set `name` to the text `value` in the settings file. Everything else in the file stays as it is.

    The line that sets `name` is replaced. If no line does, the line in which the setting is commented out is replaced.
    If there is no such line either, a line is inserted at the top. A missing file is created. Raises `BadSettingError`
    if the file can't be read, written, or changed in this way.
    """
    import tomllib  # noqa: PLC0415 -- needed only when a setting is written

    wanted = msgspec.json.encode(value).decode()  # JSON and TOML write these texts alike
    by_hand = f"Set {name} = {wanted} there yourself, with `flattr-tui settings`."
    try:
        text = file.read_bytes().decode("utf-8-sig") if exists(file) else make_template()
        before = tomllib.loads(text)
    except OSError as error:
        raise BadSettingError(f"{file} can't be read ({error.strerror}).") from error
    except ValueError as error:  # no UTF-8, or no TOML
        raise BadSettingError(f"{file} is not valid TOML ({error}). {by_hand}") from error
    for start in ("", "#"):
        pattern = rf"""(?m)^[ \t]*{start}[ \t]*{name}[ \t]*=[ \t]*(?:"[^"\\\r\n]*"|'[^'\r\n]*')"""
        changed, count = re.subn(pattern, lambda _: f"{name} = {wanted}", text, count=1)
        if count and _sets_only(changed, before, name, value):
            break
    else:
        changed = f"{name} = {wanted}\n{text}"
        if not _sets_only(changed, before, name, value):
            raise BadSettingError(f"{file} sets {name} in a way that the program can't change. {by_hand}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(file.resolve(), changed.encode(), durable=True)  # it may be a link into a folder of dotfiles
    except OSError as error:
        raise BadSettingError(f"{file} can't be written ({error.strerror}).") from error


def _sets_only(text: str, before: dict[str, Any], name: str, value: str) -> bool:
    """Whether the TOML document `text` equals `before` in all values but `name`, and has `value` for `name`."""
    import tomllib  # noqa: PLC0415

    try:
        return tomllib.loads(text) == {**before, name: value}
    except tomllib.TOMLDecodeError:
        return False
