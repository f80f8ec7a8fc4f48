"""Tests that pages show saved data as soon as the catalogue has been rebuilt from it, also offline."""

import pytest

from tests.ui.scenes import library_with_all
from tests.ui.workspace import Workspace


@pytest.mark.parametrize(("key", "text"), [("1", "411 flattrs"), ("3", "Slow privacy"), ("6", "Most supported")])
async def test_offline_a_page_shows_what_the_rebuilt_catalogue_contains(
    workspace: Workspace, key: str, text: str
) -> None:
    async with workspace.run_app(library_with_all(workspace)) as driver:
        await driver.press("3", key)
    for library in workspace.libraries:
        await library.aclose()
    (workspace.folder / "catalogue.sqlite").unlink()
    async with workspace.run_app(library_with_all(workspace, offline=True), user="ada") as driver:
        await driver.pilot.press(key)
        await driver.app.library.ready()
        await driver.settle()
        assert text in driver.text
