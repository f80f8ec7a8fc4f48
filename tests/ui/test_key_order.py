"""Keys read at once are held back while the one before them is being handled."""

import asyncio
from collections.abc import Sequence

import pytest
from textual import events
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widgets import Input

from flattr_tui.ui.key_order import LOST_SECONDS, KeyOrder, KeyPassed


class Field(Input):
    """A field that records the messages posted to it."""

    def __init__(self, *, is_removed: bool = False) -> None:
        super().__init__()
        self.marks = 0
        self._is_removed = is_removed

    def post_message(self, message: Message) -> bool:
        self.marks += isinstance(message, KeyPassed)
        return not self._is_removed


def letter(character: str) -> events.Key:
    return events.Key(character, character)


TAB = events.Key("tab", "\t")


def take(order: KeyOrder, keys: Sequence[events.Key]) -> list[str]:
    """Add keys, and return those that may pass now."""
    for key in keys:
        order.add(key)
    passed = []
    while (key_ := order.next_key()) is not None:
        passed.append(key_.key)
    return passed


async def test_letters_pass_at_once() -> None:
    field = Field()
    assert take(KeyOrder(lambda: field, lambda: None), [letter("a"), letter("b"), letter("c")]) == ["a", "b", "c"]
    assert field.marks == 0


async def test_a_letter_after_a_tab_waits_for_two_marks() -> None:
    field = Field()
    order = KeyOrder(lambda: field, lambda: None)
    assert take(order, [TAB, letter("a")]) == ["tab"]
    assert take(order, [letter("b")]) == []
    order.mark_returned()
    assert take(order, []) == []
    order.mark_returned()
    assert take(order, []) == ["a", "b"]
    assert field.marks == 2


async def test_a_tab_after_a_letter_waits_for_one() -> None:
    field = Field()
    order = KeyOrder(lambda: field, lambda: None)
    assert take(order, [letter("a"), TAB]) == ["a"]
    order.mark_returned()
    assert take(order, []) == ["tab"]


@pytest.mark.parametrize("focused", [None, MessagePump(), Field(is_removed=True)])
async def test_nothing_waits_for_what_takes_no_letters(focused: MessagePump | None) -> None:
    assert take(KeyOrder(lambda: focused, lambda: None), [TAB, letter("a"), TAB]) == ["tab", "a", "tab"]


async def test_a_mark_that_is_lost_is_given_up() -> None:
    resumed = asyncio.Event()
    order = KeyOrder(Field, resumed.set)
    assert take(order, [TAB, letter("a")]) == ["tab"]
    async with asyncio.timeout(20 * LOST_SECONDS):
        await resumed.wait()
    assert take(order, []) == ["a"]
