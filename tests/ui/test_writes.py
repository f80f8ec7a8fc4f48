"""Logging in and acting by keyboard: asked once, shown at once, told, taken back with the reason."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flattr_tui.sandbox.world import World
from flattr_tui.ui.screens.login import ConsentScreen
from flattr_tui.ui.screens.pick import Pick
from flattr_tui.ui.screens.write import DraftScreen
from tests.ui.conftest import Driver, clock
from tests.ui.somebody import Desk


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seeded") / "world.sqlite"
    World.open(path).close()
    return path


@pytest.fixture
def desk(tmp_path: Path, seeded: Path) -> Iterator[Desk]:
    with World.open(Path(shutil.copy(seeded, tmp_path / "world.sqlite")), clock=clock) as world:
        yield Desk(world, tmp_path)


async def go_to(driver: Driver, number: int) -> str:
    driver.app.open_thing(number)
    await driver.settle()
    return driver.text


async def log_in(driver: Driver, name: str = "ada") -> str:
    await driver.press("L")
    assert isinstance(driver.app.screen, ConsentScreen)
    await driver.type(name)
    return await driver.press("enter")


async def test_from_a_fresh_state_everything_by_keyboard(desk: Desk) -> None:
    """Log in, flattr, see it in both lists, subscribe, pause, end it, add, edit, delete, log out."""
    number, world = desk.fresh(), desk.world
    row = world.thing(number)
    assert row is not None
    async with desk.sits() as driver:
        await log_in(driver)
        assert "You are ada at sandbox." in driver.notices
        assert "ada@sandbox" in driver.text
        await go_to(driver, number)
        assert driver.app.screen.subject.title == row.title  # type: ignore[attr-defined]
        assert "by melodia?" in await driver.press("f")
        await driver.press("enter")
        assert f"Flattred “{row.title}” by melodia." in driver.notices
        text = await driver.press("3")
        assert "My flattrs" in text
        assert driver.app.screen.subject.thing.id == number  # type: ignore[attr-defined]
        incoming = world.activities_of("melodia", incoming=True)
        assert incoming[0].actor.username == "ada"

        await go_to(driver, number)
        assert "Subscribe to" in await driver.press("w")
        await driver.press("enter")
        assert "Pause the subscription to" in await driver.press("w")
        await driver.press("enter")
        driver.app.show_subscriptions()
        await driver.settle()
        assert driver.text.count("‖ paused") == 2
        assert "Resume the subscription to" in await driver.press("w")
        await driver.press("enter")
        assert "● every month" in driver.text
        assert "End the subscription to" in await driver.press("W")
        await driver.press("enter")
        assert world.has_subscribed("ada", [number]) == set()

        await driver.press("2", "n")
        assert isinstance(driver.app.screen, DraftScreen)
        await driver.type("https://new.example/")
        await driver.press("tab")
        await driver.type("Brand new")
        assert "Add “Brand new” to Flattr, as yours?" in await driver.press("ctrl+s")
        await driver.press("enter")
        assert "Added “Brand new”." in driver.notices
        assert "Brand new" in driver.text
        assert driver.app.screen.subject.title == "Brand new"  # type: ignore[attr-defined]
        await driver.press("E")
        assert isinstance(driver.app.screen, DraftScreen)
        await driver.press("end")
        await driver.type(" too")
        assert "Change title of “Brand new”" in await driver.press("ctrl+s")
        text = await driver.press("enter")
        assert "Brand new too" in text
        assert "Delete “Brand new too”" in await driver.press("D")
        await driver.press("enter")
        assert world.lookup("https://new.example/") is None

        await driver.press("L")
        assert "You are ada at sandbox." in driver.text
        await driver.press("k", "enter")
        assert isinstance(driver.app.screen, Pick)
        await driver.press("j", "enter")
        assert desk.removed == ["ada"]
        assert desk.tokens.accounts("sandbox") == ()
        assert "ada@sandbox" not in driver.text
