"""Keys typed faster than the focus moves go to the widget that has the focus by the time they are handled."""

from textual import events
from textual.message import Message
from textual.message_pump import MessagePump

from flattr_tui.ui.key_replay import KeyReplay


class Receiver(MessagePump):
    """A widget that records the messages posted to it."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: list[Message] = []

    def post_message(self, message: Message) -> bool:
        self.posted.append(message)
        return True


class Key(events.Key):
    """A key whose return to the app, unused by the focused widget, is set by the test."""

    has_come_back = False

    @property
    def is_forwarded(self) -> bool:
        return self.has_come_back


class Focus:
    """The widget that has the focus (`now`): first a list, later a field."""

    def __init__(self) -> None:
        self.list, self.field = Receiver(), Receiver()
        self.now = self.list
        self.replay = KeyReplay(lambda: self.now)


def test_an_unused_key_goes_to_the_widget_that_got_the_focus() -> None:
    focus, letter = Focus(), Key("a", "a")
    assert not focus.replay.redirect(letter)  # the list gets it first, and does not use it
    focus.now = focus.field
    letter.has_come_back = True
    assert focus.replay.redirect(letter)
    assert focus.field.posted == [letter]


def test_a_key_goes_to_the_same_widget_once() -> None:
    focus, letter = Focus(), Key("a", "a")
    focus.replay.redirect(letter)
    focus.now = focus.field
    letter.has_come_back = True
    focus.replay.redirect(letter)
    assert not focus.replay.redirect(letter)
    assert focus.field.posted == [letter]


def test_an_unused_key_is_left_to_the_app_if_the_focus_stayed() -> None:
    focus, letter = Focus(), Key("a", "a")
    focus.replay.redirect(letter)
    letter.has_come_back = True
    assert not focus.replay.redirect(letter)
    assert focus.list.posted == []


def test_a_key_that_was_not_forwarded_before_is_left_alone() -> None:
    focus, letter = Focus(), Key("a", "a")
    letter.has_come_back = True
    assert not focus.replay.redirect(letter)
    assert focus.list.posted == []
