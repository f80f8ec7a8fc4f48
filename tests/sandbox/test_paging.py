"""Tests of pages of flattrs: together they are the list, also after changes by this program or another."""

from pathlib import Path

import pytest

from flattr_tui.sandbox.world import World
from tests.sandbox.sandbox_requests import untouched_ids

SIZE = 7


@pytest.fixture
def other_world(world: World, tmp_path: Path) -> World:
    """The same data in another program; `world` has created the file."""
    return World.open(tmp_path / "world.sqlite")


def list_ids(world: World, count: int, *pages: int) -> list[int]:
    return [row.id for page in pages for row in world.flattrs_of("ada", count=count, page=page)]


def test_pages_in_order_are_the_whole_list(world: World) -> None:
    whole = list_ids(world, 1000, 1)
    assert len(whole) > 5 * SIZE
    assert list_ids(world, SIZE, *range(1, len(whole) // SIZE + 2)) == whole
    assert list_ids(world, SIZE, 3, 2, 1, 4) == whole[14:21] + whole[7:14] + whole[:7] + whole[21:28]
    assert list_ids(world, 2 * SIZE, 2) == whole[14:28]


@pytest.mark.parametrize("is_other", [False, True], ids=["this program", "another program"])
def test_the_next_page_sees_a_change(world: World, other_world: World, is_other: bool) -> None:
    before = list_ids(world, SIZE, 1, 2)
    (other_world if is_other else world).flattr("ada", untouched_ids(world, "melodia")[0])
    assert list_ids(world, SIZE, 3)[0] == before[-1]
    other_world.close()
