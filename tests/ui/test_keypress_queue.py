"""Tests that keys that are read at once are delivered one after another, each after the previous one was handled."""

import asyncio
from collections.abc import Callable

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static

from flattr_tui.ui import keypress_queue
from flattr_tui.ui.keypress_queue import KeyPassed, KeypressQueue

TAB = "tab"


class OrderedApp(App[None]):
    """An app with two fields, and keys that open a dialog, open a slow page, and mount a field. It logs all keys."""

    BINDINGS = [  # noqa: RUF012 -- Textual's declaration
        Binding("d", "dialog", "dialog"),
        Binding("p", "page", "page"),
        Binding("f", "field", "field"),
        Binding("j", "count", "count"),
        Binding("e", "quit", "quit"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.keypresses = KeypressQueue(self, lambda: self.call_later(self.pass_keys))
        self.counted = 0

    def compose(self) -> ComposeResult:
        yield Static("no field")

    def on_mount(self) -> None:
        self.set_focus(None)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self.keypresses.add(event)
            await self.pass_keys()
        else:
            await super().on_event(event)

    async def pass_keys(self) -> None:
        while (key := self.keypresses.next_key()) is not None:
            await super().on_event(key)

    async def on_key_passed(self, event: KeyPassed) -> None:
        self.keypresses.mark_returned(event)
        await self.pass_keys()

    def action_dialog(self) -> None:
        self.push_screen(Question())

    def action_page(self) -> None:
        self.push_screen(SlowPage())

    def action_field(self) -> None:
        field = Input(id="new")
        self.mount(field)
        self.call_after_refresh(field.focus)

    def action_count(self) -> None:
        self.counted += 1


class Question(ModalScreen[str]):
    """A dialog with two fields; enter closes it."""

    def compose(self) -> ComposeResult:
        yield Input(id="one")
        yield Input(id="two")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


class SlowPage(Screen[None]):
    """A page whose data arrives when the test sets it."""

    BINDINGS = [Binding("x", "mark", "mark"), Binding("q", "app.pop_screen", "back")]  # noqa: RUF012 -- Textual's

    def __init__(self) -> None:
        super().__init__()
        self.has_data = False
        self.questions = 0
        """How often the page was asked for its data."""
        self.marked: list[bool] = []

    @property
    def is_awaiting_data(self) -> bool:
        self.questions += 1
        return not self.has_data

    def action_mark(self) -> None:
        self.marked.append(self.has_data)


def send(app: App[None], *keys: str) -> None:
    """Post keys at once, as a driver does that has read all of them together."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


async def wait_until(condition: Callable[[], object]) -> None:
    """Wait until a condition is true; the limit only ends a hanging test."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


def values(app: App[None]) -> list[str]:
    """Return the texts in the fields on screen."""
    return [field.value for field in app.screen.query(Input)]


async def open_page(app: App[None], *keys: str) -> SlowPage:
    """Send the key that opens the slow page, and other keys with it, and wait until these wait for the page's data."""
    send(app, "p", *keys)
    await wait_until(lambda: isinstance(app.screen, SlowPage) and app.screen.questions > 2)
    assert isinstance(app.screen, SlowPage)
    return app.screen


async def test_letters_after_a_key_go_into_the_dialog_that_it_opens() -> None:
    async with OrderedApp().run_test() as pilot:
        send(pilot.app, "d", *"jdpf", TAB, *"two")
        await wait_until(lambda: values(pilot.app) == ["jdpf", "two"])


async def test_a_key_after_a_dialog_goes_to_what_is_below() -> None:
    app = OrderedApp()
    async with app.run_test():
        send(app, "d", "a", "enter", "j", "j")
        await wait_until(lambda: app.counted == 2)
        assert not isinstance(app.screen, Question)


async def test_letters_wait_for_a_field_that_takes_the_focus_after_it_is_drawn() -> None:
    async with OrderedApp().run_test() as pilot:
        send(pilot.app, "f", *"jdp")
        await wait_until(lambda: values(pilot.app) == ["jdp"])


async def test_a_paste_keeps_its_turn() -> None:
    async with OrderedApp().run_test() as pilot:
        send(pilot.app, "d", "a")
        pilot.app.post_message(events.Paste("pasted"))
        send(pilot.app, TAB, "b")
        await wait_until(lambda: values(pilot.app) == ["apasted", "b"])


async def test_a_burst_waits_for_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keypress_queue, "MAX_DATA_SECONDS", 600.0)
    async with OrderedApp().run_test() as pilot:
        page = await open_page(pilot.app, "x", "x")
        assert page.marked == []
        page.has_data = True
        await wait_until(lambda: page.marked == [True, True])


async def test_a_burst_soon_after_another_key_waits_for_data_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keypress_queue, "MAX_DATA_SECONDS", 600.0)
    async with OrderedApp().run_test() as pilot:
        before = events.Key("j", "j")
        before.time -= 2 * keypress_queue.BURST_SECONDS
        pilot.app.post_message(before)
        page = await open_page(pilot.app, "x", "x")
        assert page.marked == []
        page.has_data = True
        await wait_until(lambda: page.marked == [True, True])


async def test_a_burst_waits_for_data_for_a_limited_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keypress_queue, "MAX_DATA_SECONDS", 1.0)
    async with OrderedApp().run_test() as pilot:
        page = await open_page(pilot.app, "x", "x")
        await wait_until(lambda: page.marked == [False, False])


async def test_a_key_that_is_typed_by_itself_ends_the_wait_for_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keypress_queue, "MAX_DATA_SECONDS", 600.0)
    async with OrderedApp().run_test() as pilot:
        page = await open_page(pilot.app, "x")
        later = events.Key("q", "q")
        later.time += 2 * keypress_queue.BURST_SECONDS
        pilot.app.post_message(later)
        await wait_until(lambda: pilot.app.screen is not page)
        assert page.marked == [False]


async def test_a_letter_that_quits_waits_for_no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keypress_queue, "MAX_DATA_SECONDS", 600.0)
    async with OrderedApp().run_test() as pilot:
        send(pilot.app, "p", "e")
        await wait_until(lambda: pilot.app._exit)


async def test_a_key_that_quits_lets_those_before_it_pass_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keypress_queue, "MAX_DATA_SECONDS", 600.0)
    monkeypatch.setattr(keypress_queue, "MAX_WAIT_SECONDS", 600.0)
    async with OrderedApp().run_test() as pilot:
        page = await open_page(pilot.app, "x", "x")
        monkeypatch.setattr(keypress_queue, "_is_settled", lambda app: False)
        send(pilot.app, "x", "ctrl+c")
        await wait_until(lambda: page.marked == [False, False, False])


async def test_a_mark_that_is_lost_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mark is lost if it is among the unhandled messages of a widget that is removed."""
    app = OrderedApp()
    async with app.run_test():
        lost: list[KeyPassed] = []
        return_mark = app.keypresses.mark_returned

        def lose_first(mark: KeyPassed) -> None:
            return_mark(mark) if lost else lost.append(mark)

        monkeypatch.setattr(app.keypresses, "mark_returned", lose_first)
        send(app, "d", "a")
        await wait_until(lambda: values(app) == ["a", ""])
        assert lost


async def test_a_key_never_waits_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keypress_queue, "MAX_WAIT_SECONDS", 0.2)
    app = OrderedApp()
    async with app.run_test():
        monkeypatch.setattr(app.keypresses, "mark_returned", lambda mark: None)
        send(app, "j", "j")
        await wait_until(lambda: app.counted == 2)


async def test_slow_keys_send_no_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    app, marks = OrderedApp(), list[KeyPassed]()
    async with app.run_test():
        monkeypatch.setattr(app.keypresses, "mark_returned", marks.append)
        send(app, "j")
        later = events.Key("j", "j")
        later.time += 2 * keypress_queue.RECENT_SECONDS
        app.post_message(later)
        await wait_until(lambda: app.counted == 2)
        assert marks == []


async def test_letters_in_a_field_send_no_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    app, marks = OrderedApp(), list[KeyPassed]()
    async with app.run_test():
        send(app, "d", "a")
        await wait_until(lambda: values(app) == ["a", ""])
        monkeypatch.setattr(app.keypresses, "mark_returned", marks.append)
        send(app, *"bcdefg")
        await wait_until(lambda: values(app) == ["abcdefg", ""])
        assert marks == []


async def test_a_mark_that_comes_back_after_the_program_has_closed_its_screens_is_ignored() -> None:
    app = OrderedApp()
    async with app.run_test():
        for letter in "jp":
            app.keypresses.add(events.Key(letter, letter))
        assert app.keypresses.next_key()
        assert app.keypresses.next_key() is None  # the first mark was sent
    app.keypresses.mark_returned(KeyPassed(1))
    assert app.keypresses.next_key() is None
