"""Tests that the app has every attribute of the protocols for pages, panes and the command palette."""

from flattr_tui.ui.app import FlattrApp
from flattr_tui.ui.app_protocol import AppServices, app_of
from flattr_tui.ui.command_providers import PaletteApp
from tests.ui.conftest import Start


def _palette_app(app: FlattrApp) -> PaletteApp:
    return app  # mypy compares the signatures


async def test_the_app_has_what_pages_and_the_palette_use(start: Start) -> None:
    async with start() as driver:
        names = {name for kind in (AppServices, PaletteApp) for name in (*vars(kind), *kind.__annotations__)}
        wanted = {name for name in names if not name.startswith("_")}
        assert len(wanted) > 40
        assert [name for name in sorted(wanted) if not hasattr(driver.app, name)] == []
        assert app_of(driver.app.screen) is _palette_app(driver.app)
