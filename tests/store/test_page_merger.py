"""Pages of a list that changes between two requests, laid over each other in any order."""

from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.changing_list import SANDBOX, Reader, key, reader
from tests.store.sample_responses import ADA

fetches = st.tuples(st.just("fetch"), st.integers(1, 9))
growth = st.tuples(st.just("grow"), st.integers(0, 7))
losses = st.tuples(st.just("lose"), st.integers(0, 60))


@settings(max_examples=12, deadline=None)
@given(items=st.integers(0, 33), steps=st.lists(fetches | growth, max_size=12))
def test_while_the_list_only_grows_no_gap_is_hidden(items: int, steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        for one in reader(folder, items):
            for what, number in steps:
                if what == "grow":
                    one.server.grow(number)
                    one.top()
                else:
                    one.fetch(number)
                one.check()
                check_gaps(one)


def check_gaps(one: Reader) -> None:
    """See that what is missing between two rows, or below the last one, shows as a hole, or as no end."""
    places = {key(item): place for place, item in enumerate(one.server.items)}
    above, hole, room = -1, True, None  # there may be anything above the first row
    for row in one.rows():
        if row.item is None:
            hole, room = True, row.missing
            continue
        between = places[row.key] - above - 1
        assert between >= 0, "in the server's order"
        assert hole or not between
        assert room is None or between <= room
        above, hole, room = places[row.key], False, None
    if one.catalogue.list_stats(SANDBOX, ADA).ended:
        assert above in {-1, len(one.server.items) - 1}


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
        for one in reader(folder, items):
            for what, number in steps:
                if what == "fetch":
                    one.fetch(number)
                else:
                    one.change(iter([(what, number)]))
                one.check()
            one.refresh(iter(meanwhile))
            one.check()
            one.refresh(iter(()))
            assert one.check() == [key(item) for item in one.server.items]
            facts = one.catalogue.list_stats(SANDBOX, ADA)
            assert (facts.ended, facts.saved) == (True, len(one.server.items))
            state = one.state()
            one.catalogue.rebuild()
            assert one.state() == state, "made from the responses alone, it is the same"
