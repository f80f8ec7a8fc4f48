"""The page of the people whose data is saved. The app opens with it if there is no server."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.screens.base_page import Page
from flattr_tui.ui.widgets.base_widgets import Heading, Placeholder, PlaceholderLine
from flattr_tui.ui.widgets.inputs import PageOptionList

if TYPE_CHECKING:
    from flattr_tui.store.saved_people import SavedPerson

READING = Placeholder("⋯ Reading saved data.")
NONE = Placeholder(
    "No user's data is saved yet.", "Press ctrl+f to search everything saved; `flattr-tui import FILE` adds data."
)


class PeopleListed(Message):
    """Message: the list of the people whose data is saved was read."""

    def __init__(self, people: "Sequence[SavedPerson]") -> None:
        super().__init__()
        self.people = people


class SavedPeopleScreen(Page):
    """The page that lists one person per line: name, what is saved, and when it was fetched. Enter shows the person."""

    CRUMB = "People"
    CSS_PATH = "bookmarks.tcss"
    AUTO_FOCUS = "OptionList"

    def __init__(self) -> None:
        super().__init__()
        self._people: Sequence[SavedPerson] = ()

    def body(self) -> ComposeResult:
        """Compose the title and the list."""
        with Vertical(classes="marks"):
            yield Heading("People whose data is saved")
            yield PlaceholderLine()
            yield PageOptionList(markup=False, compact=True)

    def on_mount(self) -> None:
        """Read the list in a thread."""
        super().on_mount()
        self._read()

    def _read(self) -> None:
        line = self.query_one(PlaceholderLine)
        line.placeholder, line.fills_pane = READING, True
        app = app_of(self)
        search = app.library.search
        if search is not None:
            app.run_in_thread(lambda: PeopleListed(search.list_people()), self, "listing people", when_ready=True)

    def on_people_listed(self, event: PeopleListed) -> None:
        """Show the list that was read. The cursor stays on its person."""
        event.stop()
        options = self.query_one(OptionList)
        before = self._person
        self._people = event.people
        options.set_options([Option(self._describe(person)) for person in self._people])
        names = [person.name for person in self._people]
        options.highlighted = names.index(before) if before in names else (0 if names else None)
        self.fetched_at = max((person.fetched_at for person in self._people), default=0.0) or None
        line = self.query_one(PlaceholderLine)
        line.placeholder, line.fills_pane = None if names else NONE, not names
        options.display = bool(names)
        count = fmt.plural(len(names), "person", "people") if names else ""
        self.query_one(Heading).show(None, Content.styled(count, "$muted"))

    def _describe(self, person: "SavedPerson") -> Content:
        app = app_of(self)
        parts = [
            fmt.plural(count, noun, plural)
            for count, noun, plural in (
                (person.things, "thing", "things"),
                (person.flattrs, "flattr", "flattrs"),
                (person.activities, "activity", "activities"),
            )
            if count
        ]
        if person.months:
            parts.append(f"earnings of {fmt.plural(person.months, 'month')}")
        if person.fetched_at:
            parts.append(f"saved {fmt.when(person.fetched_at, app.clock(), app.tz)}")
        return Content.assemble(person.name, (f"  {' · '.join(parts)}", "$muted"))

    @property
    def _person(self) -> str:
        at = self.query_one(OptionList).highlighted
        return self._people[at].name if at is not None and at < len(self._people) else ""

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        app_of(self).show_user(self._person)

    @property
    def is_awaiting_data(self) -> bool:
        """Whether the list is still being read."""
        return self.query_one(PlaceholderLine).placeholder is READING

    def source_changed(self) -> None:
        """List the people whose data is saved for the source that the app shows now."""
        self._read()
