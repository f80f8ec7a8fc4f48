"""Keys that come faster than the focus moves, given to what has the focus when their turn comes."""

from textual import events
from textual.message import Message
from textual.message_pump import MessagePump

from flattr_tui.ui.key_replay import KeyReplay


class Receiver(MessagePump):
    """Notes what is posted to it."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: list[Message] = []

    def post_message(self, message: Message) -> bool:
        self.posted.append(message)
        return True


class Key(events.Key):
    """A key that comes back to the app as often as a test says so."""

    has_come_back = False

    @property
    def is_forwarded(self) -> bool:
        return self.has_come_back


class Focus:
    """What has the focus: first a list, and a field once `/` was pressed."""

    def __init__(self) -> None:
        self.list, self.field = Receiver(), Receiver()
        self.now = self.list
        self.replay = KeyReplay(lambda: self.now)


def test_a_key_that_comes_back_unused_goes_to_what_has_the_focus_since() -> None:
    focus, letter = Focus(), Key("a", "a")
    assert not focus.replay.redirect(letter)  # the list gets it, which has no use for it
    focus.now = focus.field
    letter.has_come_back = True
    assert focus.replay.redirect(letter)
    assert focus.field.posted == [letter]


def test_a_key_goes_to_the_same_place_once() -> None:
    focus, letter = Focus(), Key("a", "a")
    focus.replay.redirect(letter)
    focus.now = focus.field
    letter.has_come_back = True
    focus.replay.redirect(letter)
    assert not focus.replay.redirect(letter)
    assert focus.field.posted == [letter]


def test_a_key_that_nobody_uses_where_the_focus_stays_is_the_app_s() -> None:
    focus, letter = Focus(), Key("a", "a")
    focus.replay.redirect(letter)
    letter.has_come_back = True
    assert not focus.replay.redirect(letter)
    assert focus.list.posted == []


def test_a_key_that_was_never_given_to_anybody_is_left_alone() -> None:
    focus, letter = Focus(), Key("a", "a")
    letter.has_come_back = True
    assert not focus.replay.redirect(letter)
    assert focus.list.posted == []
