"""Tests that the app's own themes are readable: enough contrast, and no ANSI colour close to the background."""

from itertools import product

import pytest
import rich.color
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import Theme

from flattr_tui.ui import themes
from tests.ui.conftest import Start
from tests.ui.driver import Driver

BACKGROUNDS = ("background", "surface", "panel", "cursor", "cursor-blurred", "block-cursor-background")
TEXTS = ("foreground", "muted", "primary", "secondary", "accent", "warning", "error", "success")
COLOUR_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
OWN = [theme for theme in themes.THEMES if not theme.ansi]
ANSI = [theme for theme in themes.THEMES if theme.ansi]


def color_of(theme: Theme, name: str) -> Color:
    return Color.parse(theme.variables.get(name) or getattr(theme, name))


def luminance(color: Color) -> float:
    """Return the relative luminance of a colour, from 0 to 1 (WCAG 2.2)."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (color.r / 255, color.g / 255, color.b / 255)
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
def test_text_has_enough_contrast_on_every_background(theme: Theme) -> None:
    least = 7.0 if theme is themes.CONTRAST else 4.5
    low = {
        (text, background): round(ratio, 2)
        for text, background in product(TEXTS, BACKGROUNDS)
        if (ratio := contrast(color_of(theme, text), color_of(theme, background))) < least
    }
    assert not low


def in_256_colors(color: Color) -> Color:
    """Return the colour that is shown in a terminal with 256 colours."""
    shown = rich.color.Color.from_rgb(color.r, color.g, color.b).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
    return Color(shown.red, shown.green, shown.blue)


@pytest.mark.parametrize("theme", [*themes.IN_256_COLOURS, themes.CONTRAST], ids=lambda theme: theme.name)
def test_text_has_enough_contrast_in_256_colours(theme: Theme) -> None:
    low = {
        (text, background): round(ratio, 2)
        for text, background in product(TEXTS, BACKGROUNDS)
        if (ratio := contrast(*(in_256_colors(color_of(theme, name)) for name in (text, background)))) < 4.5
    }
    assert not low


@pytest.mark.parametrize("theme", ANSI, ids=lambda theme: theme.name)
def test_ansi_themes_use_no_text_colour_close_to_the_background(theme: Theme) -> None:
    colors = {name: theme.variables.get(name) or getattr(theme, name) for name in (*TEXTS, *BACKGROUNDS)}
    cursor = "ansi_blue" if theme.dark else "ansi_white"
    assert {colors[name] for name in BACKGROUNDS} == {theme.background, cursor}
    unreadable = {"ansi_black", "ansi_blue"} if theme.dark else {"ansi_white", "ansi_yellow", "ansi_cyan"}
    assert not {colors[name] for name in TEXTS} & (unreadable | {"ansi_bright_black"})


def test_every_theme_of_ours_can_be_chosen() -> None:
    assert {theme.name for theme in themes.THEMES} <= set(themes.NAMES)
    assert len(set(themes.NAMES)) == len(themes.NAMES)


def test_the_theme_for_few_colours_does_not_depend_on_the_terminals_background() -> None:
    """The default background of xterm is white. The text of a dark ANSI theme can't be read on it."""
    theme = next(theme for theme in themes.THEMES if theme.name == themes.FEW_COLOURS)
    names = ("foreground", "background", "surface", "panel", "muted", "line", "cursor", "cursor-blurred")
    assert "ansi_default" not in {theme.variables.get(name) or getattr(theme, name) for name in names}


def default_coloured(driver: Driver) -> list[str]:
    """Return the texts on screen whose colour, or the colour behind them, is the terminal's own."""
    return [
        segment.text
        for strip in driver.app.screen._compositor.render_strips()
        for segment in strip
        if segment.style is None
        or segment.style.bgcolor is None
        or segment.style.bgcolor.is_default
        or (segment.text.strip() and (segment.style.color is None or segment.style.color.is_default))
    ]


@pytest.mark.parametrize("theme", [themes.ANSI_BLACK, *themes.IN_16_COLOURS], ids=lambda theme: theme.name)
async def test_fields_and_dialogs_do_not_depend_on_the_terminals_colours(start: Start, theme: Theme) -> None:
    """In an xterm with 8 colours, dialogs were white on white, and typed text was black on black."""
    async with start() as driver:
        driver.app.register_theme(theme)
        driver.app.theme = theme.name
        await driver.settle_undrawn()
        found = {"profile": default_coloured(driver)}
        for key in ("u", "L", "question_mark", "ctrl+p", "7", "5", "ctrl+f"):
            await driver.press(key, "a")
            found[key] = default_coloured(driver)
            await driver.press("escape")
        assert not {key: texts for key, texts in found.items() if texts}


@pytest.mark.parametrize("theme", [themes.ANSI_DARK, themes.ANSI_LIGHT], ids=lambda theme: theme.name)
def test_muted_text_is_plain_on_the_terminals_own_background(theme: Theme) -> None:
    assert theme.background == theme.variables["muted"] == "ansi_default"


XTERM: dict[str, str] = {
    **dict(
        zip(
            COLOUR_NAMES,
            ["#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5"],
            strict=True,
        )
    ),
    **dict(
        zip(
            (f"bright_{name}" for name in COLOUR_NAMES),
            ["#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff"],
            strict=True,
        )
    ),
}
"""The default values of the 16 ANSI colours in xterm."""


@pytest.mark.parametrize("theme", [*ANSI, *themes.IN_16_COLOURS], ids=lambda theme: f"{theme.name} {theme.ansi}")
def test_ansi_themes_are_readable_with_the_colours_of_an_xterm(theme: Theme) -> None:
    own = (
        {"default": "#000000", "background": "#ffffff"}
        if not theme.dark
        else {"default": "#e5e5e5", "background": "#000000"}
    )

    def color(name: str) -> Color:
        value = theme.variables.get(name) or getattr(theme, name)
        plain = str(value).removeprefix("ansi_")
        if plain == "default":
            return Color.parse(own["background" if name in BACKGROUNDS else "default"])
        return Color.parse(XTERM[plain])

    plain = [name for name in BACKGROUNDS if name != "block-cursor-background"]
    pairs = [*product(TEXTS, plain), ("block-cursor-foreground", "block-cursor-background")]
    low = {pair: round(ratio, 2) for pair in pairs if (ratio := contrast(*map(color, pair))) < 4.5}
    assert not low


@pytest.mark.parametrize(
    ("name", "colours", "shown"),
    [
        ("ansi-dark", "0;15", "ansi-light"),
        ("ansi-dark", "0;default;15", "ansi-light"),
        ("ansi-light", "15;0", "ansi-dark"),
        ("ansi-dark", "15;0", "ansi-dark"),
        ("ansi-dark", "", "ansi-dark"),
        ("ansi-dark", "default;default", "ansi-dark"),
        ("ansi-black", "0;15", "ansi-black"),
        ("nord", "0;15", "nord"),
    ],
)
def test_an_ansi_theme_is_chosen_for_the_terminals_background(name: str, colours: str, shown: str) -> None:
    assert themes.fit_background(name, colours) == shown


@pytest.mark.parametrize("theme", ANSI, ids=lambda theme: theme.name)
async def test_no_second_line_of_the_palette_is_dimmed_in_an_ansi_theme(start: Start, theme: Theme) -> None:
    async with start(theme=theme.name) as driver:
        await driver.press("ctrl+p")
        assert not driver.app.screen.get_component_rich_style("command-palette--help-text").dim
