"""The queue: order, joining, dropping, its bound."""

import pytest

from flattr_tui.library.fetch.queue import Ask, DroppedError, Priority, Queue
from flattr_tui.model.api_request import Request


def ask(name: str, page: int = 1) -> Ask:
    return Ask(Request.of("user-flattrs", username=name), page, 30)


def anything(_: Ask) -> bool:
    return True


def taken(queue: Queue[int]) -> list[str]:
    names = []
    while (job := queue.take(0.0, anything)) is not None:
        names.append(job.ask.request.get("username"))
    return names


async def test_what_is_on_screen_comes_before_its_neighbours_before_a_sync() -> None:
    queue: Queue[int] = Queue()
    for name, priority in [
        ("c", Priority.BACKGROUND),
        ("b", Priority.NEAR),
        ("a", Priority.SCREEN),
        ("z", Priority.SCREEN),
    ]:
        queue.join(ask(name), priority)
    assert taken(queue) == ["a", "z", "b", "c"]


async def test_equal_asks_are_one_and_its_urgency_that_of_the_most_urgent() -> None:
    queue: Queue[int] = Queue()
    waiters = [queue.join(ask("a"), Priority.BACKGROUND), queue.join(ask("b"), Priority.NEAR)]
    waiters.append(queue.join(ask("a"), Priority.SCREEN))
    assert len(queue) == 2
    job = queue.take(0.0, anything)
    assert job is not None
    late = queue.join(ask("a"), Priority.NEAR)
    assert queue.active_limited == 1
    assert len(queue) == 1
    job.answer(7)
    assert [await waiter for waiter in (waiters[0], waiters[2], late)] == [7, 7, 7]


async def test_what_nobody_waits_for_is_dropped_unless_it_was_sent() -> None:
    queue: Queue[int] = Queue()
    first, second = queue.join(ask("a"), Priority.NEAR), queue.join(ask("a"), Priority.NEAR)
    queue.leave(ask("a"), first)
    assert len(queue) == 1
    queue.leave(ask("a"), second)
    assert len(queue) == 0
    sent = queue.join(ask("b"), Priority.NEAR)
    job = queue.take(0.0, anything)
    queue.leave(ask("b"), sent)
    assert job is not None
    assert queue.active_limited == 1
    queue.put_back(job)
    assert (queue.active_limited, len(queue)) == (0, 0)


async def test_hurried_is_treated_as_on_screen() -> None:
    queue: Queue[int] = Queue()
    for name in "ab":
        queue.join(ask(name), Priority.NEAR)
    queue.hurry(lambda asked: asked.request.get("username") == "b")
    assert taken(queue) == ["b", "a"]


async def test_what_rests_is_left_until_its_time() -> None:
    queue: Queue[int] = Queue()
    queue.join(ask("a"), Priority.SCREEN)
    job = queue.take(0.0, anything)
    assert job is not None
    queue.put_back(job, not_before=5.0)
    assert queue.take(4.9, anything) is None
    assert queue.take(5.0, anything) is job


async def test_what_rests_for_longer_than_anything_does_is_ready() -> None:
    queue: Queue[int] = Queue()
    queue.join(ask("a"), Priority.SCREEN)
    job = queue.take(0.0, anything)
    assert job is not None
    queue.put_back(job, not_before=365 * 86_400.0)  # the clock was set back
    assert queue.take(0.0, anything) is job


async def test_without_room_the_least_urgent_gives_way() -> None:
    queue: Queue[int] = Queue(limit=2)
    first = queue.join(ask("a"), Priority.BACKGROUND)
    queue.join(ask("b"), Priority.NEAR)
    queue.join(ask("c"), Priority.SCREEN)
    with pytest.raises(DroppedError):
        await first
    last = queue.join(ask("d"), Priority.BACKGROUND)
    with pytest.raises(DroppedError):
        await last
    assert taken(queue) == ["c", "b"]


async def test_dropping_fails_those_only() -> None:
    queue: Queue[int] = Queue()
    gone, kept = queue.join(ask("a"), Priority.NEAR), queue.join(ask("b"), Priority.NEAR)
    queue.drop(lambda asked: asked.request.get("username") == "a")
    with pytest.raises(DroppedError):
        await gone
    assert not kept.done()
    assert taken(queue) == ["b"]


async def test_put_back_it_waits_for_those_who_were_not_told() -> None:
    queue: Queue[int] = Queue()
    told = queue.join(ask("a"), Priority.NEAR)
    job = queue.take(0.0, anything)
    assert job is not None
    job.fail(DroppedError())
    with pytest.raises(DroppedError):
        await told
    queue.put_back(job)
    assert len(queue) == 0
