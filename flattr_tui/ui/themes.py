"""The program's own looks: Flattr's green and orange, quiet, readable on a dark and on a light terminal."""

from textual.color import Color
from textual.theme import Theme

DARK = Theme(
    name="flattr-dark",
    primary="#8fbf4f",
    secondary="#7fa8b8",
    accent="#f2a03d",
    warning="#e8b64c",
    error="#f0806e",
    success="#8fbf4f",
    foreground="#dcdfd6",
    background="#14171a",
    surface="#191d20",
    panel="#22272b",
    dark=True,
    variables={
        "muted": "#949d96",
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
    accent="#a85400",
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

THEMES: tuple[Theme, ...] = (DARK, LIGHT)

OWN_VARIABLES = ("muted", "line", "cursor", "cursor-blurred")
"""The variables that are ours, and not Textual's."""

_ANSI = ("ansi_bright_black", "ansi_bright_black", "ansi_bright_black", "ansi_bright_black")
"""What they are in a theme that leaves the colours to the terminal."""


def own_variables(theme: Theme) -> dict[str, str]:
    """Return our own variables for a theme that is not ours, taken from its own colours."""
    if theme in THEMES:
        return {name: theme.variables[name] for name in OWN_VARIABLES}
    if theme.ansi:
        return dict(zip(OWN_VARIABLES, _ANSI, strict=True))
    made = theme.to_color_system().generate()
    muted = Color.parse(made["background"]).blend(Color.parse(made["foreground"]), 0.7).hex
    return dict(
        zip(OWN_VARIABLES, (muted, made["panel"], made["primary-muted"], made["panel"]), strict=True),
    )


FEW_COLOURS = "ansi-dark"
"""The theme for terminals with 8 or 16 colours, as the Linux console: those nearest to ours would look alike."""
NAMES: tuple[str, ...] = (
    *(theme.name for theme in THEMES),
    "ansi-dark",
    "ansi-light",
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
