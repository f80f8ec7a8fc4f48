"""The queue: order, joining, dropping, its bound."""

import pytest

from flattr_tui.library.fetch.queue import DroppedError, FetchQueue, FetchRequest, Priority
from flattr_tui.model.api_request import Request


def ask(name: str, page: int = 1) -> FetchRequest:
    return FetchRequest(Request.of("user-flattrs", username=name), page, 30)


def anything(_: FetchRequest) -> bool:
    return True


def taken(queue: FetchQueue[int]) -> list[str]:
    names = []
    while (job := queue.pop(0.0, anything)) is not None:
        names.append(job.request.request.get("username"))
    return names


async def test_what_is_on_screen_comes_before_its_neighbours_before_a_sync() -> None:
    queue: FetchQueue[int] = FetchQueue()
    for name, priority in [
        ("c", Priority.BACKGROUND),
        ("b", Priority.NEAR),
        ("a", Priority.SCREEN),
        ("z", Priority.SCREEN),
    ]:
        queue.join(ask(name), priority)
    assert taken(queue) == ["a", "z", "b", "c"]


async def test_equal_asks_are_one_and_its_urgency_that_of_the_most_urgent() -> None:
    queue: FetchQueue[int] = FetchQueue()
    waiters = [queue.join(ask("a"), Priority.BACKGROUND), queue.join(ask("b"), Priority.NEAR)]
    waiters.append(queue.join(ask("a"), Priority.SCREEN))
    assert len(queue) == 2
    job = queue.pop(0.0, anything)
    assert job is not None
    late = queue.join(ask("a"), Priority.NEAR)
    assert queue.active_limited == 1
    assert len(queue) == 1
    job.set_result(7)
    assert [await waiter for waiter in (waiters[0], waiters[2], late)] == [7, 7, 7]


async def test_what_nobody_waits_for_is_dropped_unless_it_was_sent() -> None:
    queue: FetchQueue[int] = FetchQueue()
    first, second = queue.join(ask("a"), Priority.NEAR), queue.join(ask("a"), Priority.NEAR)
    queue.abandon(ask("a"), first)
    assert len(queue) == 1
    queue.abandon(ask("a"), second)
    assert len(queue) == 0
    sent = queue.join(ask("b"), Priority.NEAR)
    job = queue.pop(0.0, anything)
    queue.abandon(ask("b"), sent)
    assert job is not None
    assert queue.active_limited == 1
    queue.requeue(job)
    assert (queue.active_limited, len(queue)) == (0, 0)


async def test_hurried_is_treated_as_on_screen() -> None:
    queue: FetchQueue[int] = FetchQueue()
    for name in "ab":
        queue.join(ask(name), Priority.NEAR)
    queue.raise_priority(lambda asked: asked.request.get("username") == "b")
    assert taken(queue) == ["b", "a"]


async def test_what_rests_is_left_until_its_time() -> None:
    queue: FetchQueue[int] = FetchQueue()
    queue.join(ask("a"), Priority.SCREEN)
    job = queue.pop(0.0, anything)
    assert job is not None
    queue.requeue(job, not_before=5.0)
    assert queue.pop(4.9, anything) is None
    assert queue.pop(5.0, anything) is job


async def test_what_rests_for_longer_than_anything_does_is_ready() -> None:
    queue: FetchQueue[int] = FetchQueue()
    queue.join(ask("a"), Priority.SCREEN)
    job = queue.pop(0.0, anything)
    assert job is not None
    queue.requeue(job, not_before=365 * 86_400.0)  # the clock was set back
    assert queue.pop(0.0, anything) is job


async def test_without_room_the_least_urgent_gives_way() -> None:
    queue: FetchQueue[int] = FetchQueue(limit=2)
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
    queue: FetchQueue[int] = FetchQueue()
    gone, kept = queue.join(ask("a"), Priority.NEAR), queue.join(ask("b"), Priority.NEAR)
    queue.drop(lambda asked: asked.request.get("username") == "a")
    with pytest.raises(DroppedError):
        await gone
    assert not kept.done()
    assert taken(queue) == ["b"]


async def test_put_back_it_waits_for_those_who_were_not_told() -> None:
    queue: FetchQueue[int] = FetchQueue()
    told = queue.join(ask("a"), Priority.NEAR)
    job = queue.pop(0.0, anything)
    assert job is not None
    job.set_error(DroppedError())
    with pytest.raises(DroppedError):
        await told
    queue.requeue(job)
    assert len(queue) == 0
