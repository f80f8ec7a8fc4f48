"""What a move of the cursor reads: what is known of a thing is put together once, for who shows it."""

from typing import Any

import pytest

from flattr_tui.library.local import LocalLibrary
from tests.ui.conftest import Start


@pytest.mark.parametrize("account", ["", "ada"])
async def test_a_move_reads_what_is_known_of_the_thing_once(
    start: Start, monkeypatch: pytest.MonkeyPatch, account: str
) -> None:
    async with start() as driver:
        await driver.press("3")
        library = driver.app.library
        assert isinstance(library, LocalLibrary)
        library.account = account
        read, record = [], library.catalogue.record

        def counting(*asked: Any) -> Any:
            read.append(asked)
            return record(*asked)

        monkeypatch.setattr(library.catalogue, "record", counting)
        await driver.press("j")
        assert len(read) == 1
