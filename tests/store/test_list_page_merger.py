"""Tests that the pages of a list that changes between two requests are merged, in whatever order they are fetched."""

from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.changing_list import SANDBOX, Reader, key_of, open_reader
from tests.store.sample_responses import ADA

fetches = st.tuples(st.just("fetch"), st.integers(1, 9))
growth = st.tuples(st.just("grow"), st.integers(0, 7))
losses = st.tuples(st.just("lose"), st.integers(0, 60))


@settings(max_examples=12, deadline=None)
@given(items=st.integers(0, 33), steps=st.lists(fetches | growth, max_size=12))
def test_while_the_list_only_grows_no_gap_is_hidden(items: int, steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        for reader in open_reader(folder, items):
            for kind, number in steps:
                if kind == "grow":
                    reader.server.grow(number)
                    reader.fetch_new()
                else:
                    reader.fetch(number)
                reader.check_rows()
                check_gaps(reader)


def check_gaps(reader: Reader) -> None:
    """Assert that missing rows between two others show as a gap, and that an incomplete list is not called complete."""
    places = {key_of(item): place for place, item in enumerate(reader.server.items)}
    above, is_gap, gap_size = -1, True, None  # rows above the first one may be unknown
    for row in reader.rows():
        if row.item is None:
            is_gap, gap_size = True, row.missing
            continue
        between = places[row.key] - above - 1
        assert between >= 0, "in the server's order"
        assert is_gap or not between
        assert gap_size is None or between <= gap_size
        above, is_gap, gap_size = places[row.key], False, None
    if reader.catalogue.list_stats(SANDBOX, ADA).ended:
        assert above in {-1, len(reader.server.items) - 1}


@settings(max_examples=10, deadline=None)
@given(
    items=st.integers(0, 33),
    steps=st.lists(fetches | growth | losses, max_size=10),
    meanwhile=st.lists(growth | losses, max_size=20),
)
def test_whatever_happened_a_complete_refresh_ends_with_the_servers_list(
    items: int, steps: list[tuple[str, int]], meanwhile: list[tuple[str, int]]
) -> None:
    with TemporaryDirectory() as folder:
        for reader in open_reader(folder, items):
            for kind, number in steps:
                if kind == "fetch":
                    reader.fetch(number)
                else:
                    reader.change(iter([(kind, number)]))
                reader.check_rows()
            reader.refresh(iter(meanwhile))
            reader.check_rows()
            reader.refresh(iter(()))
            assert reader.check_rows() == [key_of(item) for item in reader.server.items]
            stats = reader.catalogue.list_stats(SANDBOX, ADA)
            assert (stats.ended, stats.saved) == (True, len(reader.server.items))
            state = reader.state()
            reader.catalogue.rebuild()
            assert reader.state() == state, "rebuilt from the responses alone, the list is the same"
