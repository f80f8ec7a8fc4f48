"""The program's own themes: dark, light and high contrast in Flattr's green and orange, and some with ANSI colours."""

import os
from dataclasses import replace

from rich.console import Console
from textual.color import Color
from textual.constants import COLOR_SYSTEM
from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="flattr-dark",
    primary="#8fbf4f",
    secondary="#86aebd",
    accent="#f2a03d",
    warning="#e8b64c",
    error="#f28a79",
    success="#8fbf4f",
    foreground="#dcdfd6",
    background="#14171a",
    surface="#191d20",
    panel="#22272b",
    dark=True,
    variables={
        "muted": "#a0a9a2",
        "line": "#343b3d",
        "cursor": "#2f3d26",
        "cursor-blurred": "#24292c",
        "block-cursor-background": "#2f3d26",
        "block-cursor-foreground": "#dcdfd6",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#24292c",
        "input-selection-background": "#8fbf4f 35%",
        "scrollbar": "#3b4345",
        "scrollbar-background": "#191d20",
        "scrollbar-hover": "#556062",
        "scrollbar-active": "#8fbf4f",
    },
)

LIGHT = Theme(
    name="flattr-light",
    primary="#3f6f12",
    secondary="#2f6577",
    accent="#9b4d00",
    warning="#8a5a00",
    error="#b3261e",
    success="#3f6f12",
    foreground="#23281f",
    background="#fbfaf6",
    surface="#f4f3ec",
    panel="#eae9e0",
    dark=False,
    variables={
        "muted": "#5f665c",
        "line": "#cfcfc2",
        "cursor": "#dbe8c6",
        "cursor-blurred": "#e9e8de",
        "block-cursor-background": "#dbe8c6",
        "block-cursor-foreground": "#23281f",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#e9e8de",
        "input-selection-background": "#3f6f12 30%",
        "scrollbar": "#c4c4b6",
        "scrollbar-background": "#f4f3ec",
        "scrollbar-hover": "#a2a294",
        "scrollbar-active": "#3f6f12",
    },
)

CONTRAST = Theme(
    name="flattr-contrast",
    primary="#a6e85c",
    secondary="#8fe0ff",
    accent="#ffc04d",
    warning="#ffe14d",
    error="#ff9d8f",
    success="#a6e85c",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#141414",
    dark=True,
    variables={
        "muted": "#d6d6d6",
        "line": "#8a8a8a",
        "cursor": "#00283f",
        "cursor-blurred": "#2b2b2b",
        "block-cursor-background": "#00283f",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#2b2b2b",
        "input-selection-background": "#005a8c",
        "scrollbar": "#8a8a8a",
        "scrollbar-background": "#141414",
        "scrollbar-hover": "#bdbdbd",
        "scrollbar-active": "#a6e85c",
    },
)


def _with_readable_text(theme: Theme, text: str, cursor: str, cursor_text: str) -> Theme:
    """Return a copy of the ANSI theme `theme` with other colours for muted text, lines and the cursor.

    `text` is the colour of muted text and lines. `cursor` and `cursor_text` are the colours of the cursor's row and of
    the text in it. They can't be replaced by reversed text, because Textual's `get_visual_style` (8.2.8) ignores
    `text-style: reverse`.
    """
    variables = {
        "muted": text,
        "line": text,
        "cursor": "ansi_default",
        "cursor-blurred": "ansi_default",
        "block-cursor-foreground": cursor_text,
        "block-cursor-background": cursor,
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-foreground": cursor_text,
        "block-cursor-blurred-background": cursor,
    }
    return replace(theme, variables=theme.variables | variables)


# Textual's own ANSI themes write in bright black, and in blue on black. Many terminals show these colours nearly like
# the background.
ANSI_DARK = replace(
    _with_readable_text(BUILTIN_THEMES["ansi-dark"], "ansi_default", "ansi_blue", "ansi_bright_white"),
    primary="ansi_bright_green",
    secondary="ansi_bright_cyan",
    accent="ansi_bright_yellow",
    warning="ansi_bright_yellow",
    error="ansi_bright_red",
    success="ansi_bright_green",
)
ANSI_LIGHT = replace(
    _with_readable_text(BUILTIN_THEMES["ansi-light"], "ansi_default", "ansi_white", "ansi_black"),
    secondary="ansi_blue",
    warning="ansi_magenta",
    success="ansi_blue",
)


def _with_own_background(theme: Theme, background: str, text: str) -> Theme:
    """Return a variant of the ANSI theme `theme` with the colours `background` and `text` instead of the terminal's.

    For an ANSI theme, Textual (8.2.8) makes `surface`, `panel` and `boost` transparent. Then dialogs would show the
    background of the terminal. The variant therefore sets these colours as variables.
    """
    backgrounds = dict.fromkeys(("surface", "panel", "boost", "cursor", "cursor-blurred"), background)
    texts = dict.fromkeys(("text", "muted", "line"), text)
    return replace(theme, background=background, foreground=text, variables=theme.variables | backgrounds | texts)


# With a background of its own, because `ANSI_DARK` is not readable on white, the default background of xterm.
ANSI_BLACK = replace(_with_own_background(ANSI_DARK, "ansi_black", "ansi_white"), name="ansi-black")

THEMES: tuple[Theme, ...] = (DARK, LIGHT, CONTRAST, ANSI_DARK, ANSI_LIGHT, ANSI_BLACK)


def _with_cursor(theme: Theme, cursor: str, blurred: str) -> Theme:
    variables = {"cursor": cursor, "block-cursor-background": cursor, "cursor-blurred": blurred}
    return replace(theme, variables=theme.variables | variables)


IN_256_COLOURS: tuple[Theme, ...] = (
    _with_cursor(DARK, "#303030", DARK.variables["cursor-blurred"]),
    replace(_with_cursor(LIGHT, "#d7ffaf", "#ebebeb"), panel="#ebebeb"),
)
"""Variants of our themes for terminals with 256 colours.

There, the nearest colours to some of our backgrounds are too close to the colour of the text.
"""

IN_16_COLOURS: tuple[Theme, ...] = (
    replace(ANSI_BLACK, name=DARK.name),
    replace(ANSI_BLACK, name=CONTRAST.name),
    replace(
        _with_own_background(
            _with_readable_text(ANSI_LIGHT, "ansi_black", "ansi_black", "ansi_bright_white"),
            "ansi_bright_white",
            "ansi_black",
        ),
        name=LIGHT.name,
        primary="ansi_blue",
        accent="ansi_magenta",
    ),
)
"""Replacements of our themes for terminals with 8 or 16 colours.

There, the nearest colours to those of our themes would hide the cursor or the text.
"""


OWN_VARIABLES = ("muted", "line", "cursor", "cursor-blurred")
"""Names of the theme variables that this program adds to those of Textual."""

_ANSI = ("ansi_default", "ansi_default", "ansi_default", "ansi_default")
"""Values of `OWN_VARIABLES` for a theme of Textual's that leaves the colours to the terminal."""


def own_variables(theme: Theme) -> dict[str, str]:
    """Return the values of `OWN_VARIABLES` for a theme of Textual's, derived from the theme's colours.

    If the theme itself defines all these variables, its own values are returned.
    """
    if all(name in theme.variables for name in OWN_VARIABLES):
        return {name: theme.variables[name] for name in OWN_VARIABLES}
    if theme.ansi:
        return dict(zip(OWN_VARIABLES, _ANSI, strict=True))
    made = theme.to_color_system().generate()
    muted = Color.parse(made["background"]).blend(Color.parse(made["foreground"]), 0.7).hex
    return dict(
        zip(OWN_VARIABLES, (muted, made["panel"], made["primary-muted"], made["panel"]), strict=True),
    )


_LIGHT_COLOURS = frozenset({7, *range(9, 16)})
"""Numbers of the ANSI colours, from 0 to 15, on which dark text is readable."""

FEW_COLOURS = ANSI_BLACK.name
"""The theme for terminals with 8 or 16 colours, such as the Linux console, where our other themes are unreadable.

Like our other themes, it sets its own background, because it is unknown whether the terminal's background is dark.
"""
NAMES: tuple[str, ...] = (
    *(theme.name for theme in THEMES),
    "textual-dark",
    "textual-light",
    "nord",
    "gruvbox",
    "catppuccin-mocha",
    "catppuccin-latte",
    "dracula",
    "tokyo-night",
    "monokai",
    "solarized-dark",
    "solarized-light",
)
"""The themes that the settings and the command palette offer."""


def settle_colour_system() -> str | None:
    """Return Rich's name for the colours of this terminal: `truecolor`, `256`, `standard`, or None for no colours.

    The variables `COLORTERM` and `TERM` decide, unless `TEXTUAL_COLOR_SYSTEM` is set. In GNU screen, `COLORTERM` is
    first removed from the environment, so that Textual uses only `TERM`. `COLORTERM` describes the terminal around
    screen, but screen 4 reads 24-bit colours as faint, blinking or reversed text
    (findings/screen-blinks-in-true-colours.sh).
    """
    if os.environ.get("STY") and os.environ.get("TERM", "").startswith("screen"):
        os.environ.pop("COLORTERM", None)
    return Console(color_system=COLOR_SYSTEM, force_terminal=True).color_system  # type: ignore[arg-type]


def fit_background(name: str, colours: str) -> str:
    """Return the name of the ANSI theme, dark or light, that is readable on the background of the terminal.

    `name` is the name of the chosen theme. It is returned unchanged if the chosen theme is not one of the two ANSI
    themes, or if `colours` names no background. `colours` is the value of the environment variable COLORFGBG, such as
    `15;0` or `0;default;15`. Terminals such as rxvt and Konsole set it to the numbers of their text and background
    colours.
    """
    background = colours.rpartition(";")[2]
    if name not in {ANSI_DARK.name, ANSI_LIGHT.name} or not background.isdecimal():
        return name
    return ANSI_LIGHT.name if int(background) in _LIGHT_COLOURS else ANSI_DARK.name
