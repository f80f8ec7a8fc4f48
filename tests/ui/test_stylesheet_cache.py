"""Tests that the stylesheet cache skips unchanged nodes, and that every node looks the same as without the cache."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.color import Color
from textual.containers import Vertical
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from flattr_tui.ui.textual_private import CachedStylesheet

STYLES = """
.loud Static { color: red; }
.loud.low Static, .loud Label { color: $warning; }
Static { color: $foreground; height: 1; }
Label:first-child { text-style: bold; }
Static:disabled { color: $error; }
Input:focus { background: $accent; }
Vertical:focus-within { border: solid $primary; }
#second.odd { height: 2; }
.loud Input > .input--placeholder { color: $warning; }
#first.wide { background: $panel; }
"""


class StyledApp(App[None]):
    """An app with a few nodes and CSS rules of every kind."""

    CSS = STYLES

    def __init__(self) -> None:
        super().__init__()
        self.stylesheet = CachedStylesheet(variables=self.get_css_variables())

    def compose(self) -> ComposeResult:
        with Vertical(id="first"):
            yield Static("one")
            yield Static("two", id="second")
        with Vertical(id="other"):
            yield Label("three")
            yield Input()


def _toggle(selector: str, name: str) -> Callable[[App[None]], object]:
    return lambda app: app.query_one(selector).toggle_class(name)


def _disable(app: App[None]) -> None:
    app.query_one("#first").disabled = not app.query_one("#first").disabled


def _change_theme(app: App[None]) -> None:
    app.theme = "textual-light" if app.theme != "textual-light" else "nord"


ACTIONS: dict[str, Callable[[App[None]], object]] = {
    "toggle .loud": _toggle("#first", "loud"),
    "toggle .low": _toggle("#first", "low"),
    "toggle .wide": _toggle("#first", "wide"),
    "toggle a class without rules": _toggle("#first", "unheard-of"),
    "toggle .odd": _toggle("#second", "odd"),
    "toggle .loud of the screen": lambda app: app.screen.toggle_class("loud"),
    "focus": lambda app: app.query_one(Input).focus(),
    "blur": lambda app: app.set_focus(None),
    "disable": _disable,
    "read styles": lambda app: [*node_styles(app)],
    "change the theme": _change_theme,
    "mount a label first": lambda app: app.query_one("#other").mount(Label("new"), before=0),
    "mount a static": lambda app: app.query_one("#first").mount(Static("new")),
    "mount an input": lambda app: app.query_one("#other").mount(Input()),
    "update all": lambda app: app.stylesheet.update(app.screen),
}


@pytest.fixture
def fully_styled(monkeypatch: pytest.MonkeyPatch) -> list[DOMNode]:
    """The nodes for which Textual has applied all rules so far."""
    nodes: list[DOMNode] = []
    apply_all = Stylesheet.apply

    def apply(self: Stylesheet, node: DOMNode, **options: object) -> None:
        nodes.append(node)
        apply_all(self, node, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Stylesheet, "apply", apply)
    return nodes


def node_styles(app: App[None]) -> Iterator[tuple[object, ...]]:
    """Yield for every node its rules, the rules of its component classes, and the style in which it is drawn."""
    for node in app.screen.walk_children(Widget, with_self=True):
        parts = {name: {**node.get_component_styles(name).base.get_rules()} for name in node._get_component_classes()}
        yield {**node.styles.base.get_rules()}, parts, node.visual_style


@settings(max_examples=20, deadline=None)
@given(actions=st.lists(st.sampled_from(sorted(ACTIONS)), min_size=2, max_size=12))
def test_nodes_look_as_without_the_cache(actions: list[str]) -> None:
    async def play() -> None:
        app = StyledApp()
        async with app.run_test() as pilot:
            for action in actions:
                ACTIONS[action](app)
                await pilot.pause()
            seen = [*node_styles(app)]
            for node in app.screen.walk_children(with_self=True):
                Stylesheet.apply(app.stylesheet, node)
            assert seen == [*node_styles(app)]

    asyncio.run(play())


async def test_unchanged_nodes_are_not_styled_again(fully_styled: list[DOMNode]) -> None:
    """Nodes whose rules depend on their position are the exception: the cache does not track positions."""
    app = StyledApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        fully_styled.clear()
        app.stylesheet.update(app.screen)
        assert {*fully_styled} == {app.query_one(Label), *app.query(Vertical)}


async def test_another_theme_styles_all_nodes_again(fully_styled: list[DOMNode]) -> None:
    """The rules contain the theme's variables, so they change with the theme."""
    app = StyledApp()
    async with app.run_test() as pilot:
        text = app.query_one("#second")
        app.theme = "nord"
        await pilot.pause()
        before = text.styles.color
        fully_styled.clear()
        app.theme = "textual-light"
        await pilot.pause()
        assert text.styles.color != before
        assert {*app.query("*")} <= {*fully_styled}


async def test_a_screens_own_stylesheet_is_read_when_it_is_first_shown(
    tmp_path: Path, fully_styled: list[DOMNode]
) -> None:
    """The stylesheet applies only to that screen: nodes of other screens are not styled again."""
    sheet = tmp_path / "own.tcss"
    sheet.write_text("OwnScreen { color: #040506; } OwnScreen Static { color: #010203; }")

    class OwnScreen(Screen[None]):
        CSS_PATH = sheet

        def compose(self) -> ComposeResult:
            yield Static("own")

    app = StyledApp()
    async with app.run_test() as pilot:
        field = app.query_one(Input)
        fully_styled.clear()
        await app.push_screen(OwnScreen())
        await pilot.pause()
        assert app.screen.query_one(Static).styles.color == Color.parse("#010203")
        assert app.screen.styles.color == Color.parse("#040506")
        assert field not in fully_styled


async def test_a_scroll_bar_is_not_styled_as_that_lays_out_the_screen() -> None:
    app = StyledApp()
    async with app.run_test() as pilot:
        scrolled = app.query_one("#first", Vertical)
        scrolled.styles.overflow_y = "scroll"
        await pilot.pause()
        assert scrolled.show_vertical_scrollbar
        layouts: list[object] = []
        app.screen.screen_layout_refresh_signal.subscribe(app, layouts.append)
        app.screen.update_node_styles()
        await pilot.pause()
        assert layouts == []


async def test_a_widget_is_not_styled_before_it_is_mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    styled: list[DOMNode] = []
    apply = Stylesheet.apply

    def count_call(self: Stylesheet, node: DOMNode, **options: Any) -> None:
        styled.append(node)
        apply(self, node, **options)

    app = StyledApp()
    async with app.run_test() as pilot:
        monkeypatch.setattr(Stylesheet, "apply", count_call)
        entry = Input(compact=True)
        assert entry not in styled
        await app.mount(entry)
        await pilot.pause()
        assert entry in styled
