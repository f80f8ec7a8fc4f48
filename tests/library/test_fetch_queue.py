"""Tests of the fetch queue: its order, joined and dropped requests, and its limit."""

import pytest

from flattr_tui.library.fetch.fetch_queue import DroppedError, FetchQueue, FetchRequest, Priority
from flattr_tui.model.api_request import ApiRequest


def make_request(name: str, page: int = 1) -> FetchRequest:
    return FetchRequest(ApiRequest.of("user-flattrs", username=name), page, 30)


def accept_all(_: FetchRequest) -> bool:
    return True


def pop_all(queue: FetchQueue[int]) -> list[str]:
    names = []
    while (job := queue.pop(0.0, accept_all)) is not None:
        names.append(job.request.request.get("username"))
    return names


async def test_requests_on_screen_come_before_near_ones_and_before_background_ones() -> None:
    queue: FetchQueue[int] = FetchQueue()
    for name, priority in [
        ("c", Priority.BACKGROUND),
        ("b", Priority.NEAR),
        ("a", Priority.SCREEN),
        ("z", Priority.SCREEN),
    ]:
        queue.join(make_request(name), priority)
    assert pop_all(queue) == ["a", "z", "b", "c"]


async def test_equal_requests_are_one_with_the_highest_priority() -> None:
    queue: FetchQueue[int] = FetchQueue()
    waiters = [queue.join(make_request("a"), Priority.BACKGROUND), queue.join(make_request("b"), Priority.NEAR)]
    waiters.append(queue.join(make_request("a"), Priority.SCREEN))
    assert len(queue) == 2
    job = queue.pop(0.0, accept_all)
    assert job is not None
    late = queue.join(make_request("a"), Priority.NEAR)
    assert queue.active_limited == 1
    assert len(queue) == 1
    job.set_result(7)
    assert [await waiter for waiter in (waiters[0], waiters[2], late)] == [7, 7, 7]


async def test_an_abandoned_request_is_dropped_unless_it_was_sent() -> None:
    queue: FetchQueue[int] = FetchQueue()
    first, second = queue.join(make_request("a"), Priority.NEAR), queue.join(make_request("a"), Priority.NEAR)
    queue.abandon(make_request("a"), first)
    assert len(queue) == 1
    queue.abandon(make_request("a"), second)
    assert len(queue) == 0
    sent = queue.join(make_request("b"), Priority.NEAR)
    job = queue.pop(0.0, accept_all)
    queue.abandon(make_request("b"), sent)
    assert job is not None
    assert queue.active_limited == 1
    queue.requeue(job)
    assert (queue.active_limited, len(queue)) == (0, 0)


async def test_a_request_with_raised_priority_comes_first() -> None:
    queue: FetchQueue[int] = FetchQueue()
    for name in "ab":
        queue.join(make_request(name), Priority.NEAR)
    queue.raise_priority(lambda request: request.request.get("username") == "b")
    assert pop_all(queue) == ["b", "a"]


async def test_a_requeued_request_waits_for_its_time() -> None:
    queue: FetchQueue[int] = FetchQueue()
    queue.join(make_request("a"), Priority.SCREEN)
    job = queue.pop(0.0, accept_all)
    assert job is not None
    queue.requeue(job, not_before=5.0)
    assert queue.pop(4.9, accept_all) is None
    assert queue.pop(5.0, accept_all) is job


async def test_a_request_with_an_implausibly_late_time_is_ready() -> None:
    queue: FetchQueue[int] = FetchQueue()
    queue.join(make_request("a"), Priority.SCREEN)
    job = queue.pop(0.0, accept_all)
    assert job is not None
    queue.requeue(job, not_before=365 * 86_400.0)  # the clock was set back
    assert queue.pop(0.0, accept_all) is job


async def test_a_full_queue_drops_the_request_with_the_lowest_priority() -> None:
    queue: FetchQueue[int] = FetchQueue(limit=2)
    first = queue.join(make_request("a"), Priority.BACKGROUND)
    queue.join(make_request("b"), Priority.NEAR)
    queue.join(make_request("c"), Priority.SCREEN)
    with pytest.raises(DroppedError):
        await first
    last = queue.join(make_request("d"), Priority.BACKGROUND)
    with pytest.raises(DroppedError):
        await last
    assert pop_all(queue) == ["c", "b"]


async def test_only_the_dropped_requests_fail() -> None:
    queue: FetchQueue[int] = FetchQueue()
    gone, kept = queue.join(make_request("a"), Priority.NEAR), queue.join(make_request("b"), Priority.NEAR)
    queue.drop(lambda request: request.request.get("username") == "a")
    with pytest.raises(DroppedError):
        await gone
    assert not kept.done()
    assert pop_all(queue) == ["b"]


async def test_a_requeued_request_without_waiters_is_dropped() -> None:
    queue: FetchQueue[int] = FetchQueue()
    waiter = queue.join(make_request("a"), Priority.NEAR)
    job = queue.pop(0.0, accept_all)
    assert job is not None
    job.set_error(DroppedError())
    with pytest.raises(DroppedError):
        await waiter
    queue.requeue(job)
    assert len(queue) == 0
