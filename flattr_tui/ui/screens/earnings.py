"""The page of earnings, the second page of the review: totals of revenue reports by month, thing and domain.

It shows the money that a user received. The first page of the review shows the flattrs that a user gave.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from flattr_tui.library.query.earnings import Earnings, EarningsReader, Group, Grouping, all_months, domain_of
from flattr_tui.library.query.list_feed import Row
from flattr_tui.model.entities import Entity, Thing, User
from flattr_tui.model.revenue import CURRENCY, RevenueRow, format_cents, read_owner
from flattr_tui.store.errors import StoreError
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.bindings import EARNINGS
from flattr_tui.ui.screens.base_page import DetailPane, Page
from flattr_tui.ui.screens.review import EVERYBODY, ReviewTabs
from flattr_tui.ui.widgets.bar_charts import (
    BarList,
    ClicksChart,
    MonthChart,
    PerClickChart,
    RevenueChart,
    format_euros,
    format_per_click,
)
from flattr_tui.ui.widgets.base_widgets import Heading, PageScroll, Placeholder, PlaceholderLine, Severity, Split
from flattr_tui.ui.widgets.charts import Bar
from flattr_tui.ui.widgets.heat_maps import HeatMap, HeatRow
from flattr_tui.ui.widgets.list_content import Column, RowList, RowStyle, add_star
from flattr_tui.ui.widgets.table import RowTable


class EarningsRow(Row, frozen=True, kw_only=True):
    """A table row that shows one entry of a revenue report. Its item is the thing that earned the money."""

    revenue: RevenueRow


class EarningsRows(RowList):
    """The table rows that show the entries of revenue reports, one row per entry, in the same order."""

    def __init__(self, rows: Sequence[RevenueRow]) -> None:
        super().__init__(
            [
                EarningsRow(make_thing(row), f"{row.month} {row.thing} {number}", 0.0, revenue=row)
                for number, row in enumerate(rows)
            ]
        )


def make_thing(row: RevenueRow) -> Thing:
    """Return the thing that a row of a report is about, with only the fields that this row contains."""
    return Thing(id=row.thing, title=row.title, url=row.url or None, link=row.flattr_url or None)


def _revenue(row: Row) -> RevenueRow:
    return row.revenue if isinstance(row, EarningsRow) else RevenueRow(month="", thing=0)


def _month(row: Row, look: RowStyle) -> Content:
    return Content.styled(fmt.month_name(_revenue(row).month), "$muted")


def _title(row: Row, look: RowStyle) -> Content:
    return add_star(Content(_revenue(row).title or "(no title)"), row.item, look)


def _domain(row: Row, look: RowStyle) -> Content:
    return Content.styled(domain_of(_revenue(row).url), "$muted")


def _clicks(row: Row, look: RowStyle) -> Content:
    return Content(fmt.number(_revenue(row).clicks))


def _amount(row: Row, look: RowStyle) -> Content:
    return Content(format_cents(_revenue(row).cents, thousands=","))


COLUMNS = (
    Column("month", "Month", _month, width=8, priority=7),
    Column("title", "Thing", _title, minimum=14, priority=9),
    Column("domain", "Domain", _domain, width=22, priority=3),
    Column("clicks", "Clicks", _clicks, width=7, align="right", priority=6),
    Column("revenue", "Revenue", _amount, width=9, align="right", priority=8),
)


PLACES = (
    ("Domains", Grouping.DOMAIN, False),
    ("Pages", Grouping.PAGE, False),
    ("Exact addresses", Grouping.PAGE, True),
)
"""The ways to group earnings by address: title, grouping, and whether variants of an address count separately."""
MAX_HEAT_ROWS = 200
"""Maximum number of things in the heat map, which shows the things with the most revenue."""


class EarningsRead(Message):
    """Message: the revenue reports of a user ("" for all users) were read and summed up."""

    def __init__(self, username: str, earnings: Earnings) -> None:
        super().__init__()
        self.username, self.earnings = username, earnings
        self.things = earnings.group_by(Grouping.THING)
        self.places = [earnings.group_by(grouping, exact=exact) for _, grouping, exact in PLACES]
        self.months = earnings.by_month


class OwnerRenamed(Message):
    """Message: the owner of revenue reports was renamed from `old` to `new`, or this has failed.

    `problem` says why it has failed; "" means that it has not.
    """

    def __init__(self, old: str, new: str, problem: str = "") -> None:
        super().__init__()
        self.old, self.new, self.problem = old, new, problem


class EarningsScreen(Page):
    """The page of earnings: the money that things have earned.

    They are the things of the shown user or, with `everybody`, of all users.
    """

    CRUMB = "Earnings"
    CSS_PATH = "earnings.tcss"
    REFRESH_FETCHES = False
    BINDINGS: ClassVar[list[BindingType]] = list(EARNINGS)
    AUTO_FOCUS = "#revenue"

    def __init__(self, *, everybody: bool = False) -> None:
        super().__init__()
        self.everybody = everybody
        self._totals: EarningsRead | None = None
        self._place = 0
        """Index of the grouping in `PLACES`."""

    @property
    def username(self) -> str:
        """Name of the user whose earnings are shown; "" for all users."""
        return "" if self.everybody else self.user

    def body(self) -> ComposeResult:
        with PageScroll(classes="earnings", can_focus=False):
            yield ReviewTabs("earnings")
            yield Heading()
            yield Static(Content(""), classes="best", markup=False)
            yield PlaceholderLine()
            with Vertical(classes="drawn"):
                yield RevenueChart("Revenue by month", id="revenue")
                with Grid():
                    yield ClicksChart("Clicks by month", id="clicks")
                    yield PerClickChart("Revenue per click by month", id="per-click")
                    yield BarList(f"Things, {CURRENCY}", id="thing")
                    yield BarList(f"{PLACES[0][0]}, {CURRENCY}", id="domain")
                yield HeatMap("Things by month", id="heat")

    def on_mount(self) -> None:
        super().on_mount()
        self._reload()

    def watch_user(self) -> None:
        if self.is_mounted and not self.everybody:
            self._reload()

    def source_changed(self) -> None:
        """Read the revenue reports of the source that the app shows now."""
        self._reload()

    def _reload(self) -> None:
        self._totals = None
        reader = app_of(self).library.earnings
        if reader is not None:
            app_of(self).run_in_thread(_read_job(reader, self.username), self, "reading reports")
        self._update()

    def on_earnings_read(self, event: EarningsRead) -> None:
        event.stop()
        if event.username == self.username:
            self._totals = event
            self._update()

    # -- drawing

    def _update(self) -> None:
        read = self._totals
        earnings = read.earnings if read is not None else None
        who = self.username or EVERYBODY
        total = f"  {format_euros(earnings.cents)}" if earnings and earnings.months else ""
        title = Content.assemble(("Received by ", "bold"), (who, "bold $accent"), (total, "bold $success"))
        count = Content.styled(_count_text(earnings) if earnings is not None else "", "$muted")
        self.query_one(Heading).show(title, count)
        self.query_one(".best", Static).update(_highlights(earnings) if earnings is not None else Content(""))
        is_empty = earnings is None or not earnings.months
        self.query_one(".best").display = not is_empty
        line = self.query_one(PlaceholderLine)
        line.placeholder, line.fills_pane = self._make_placeholder(), is_empty
        self.query_one(".drawn").display = not is_empty
        if read is not None and not is_empty:
            self._update_charts(read)

    def _update_charts(self, read: EarningsRead) -> None:
        cents = read.earnings.cents
        self.query_one("#revenue", MonthChart).months = [(month, value) for month, _, value in read.months]
        self.query_one("#clicks", MonthChart).months = [(month, clicks) for month, clicks, _ in read.months]
        self.query_one("#per-click", PerClickChart).show(read.months)
        self.query_one("#thing", BarList).bars = [_make_bar(group, cents) for group in read.things]
        self._update_places(read)
        months = all_months(read.earnings.months)
        self.query_one(HeatMap).show(months, [_make_heat_row(group, months) for group in read.things[:MAX_HEAT_ROWS]])
        if self.focused is None:
            self.query_one("#revenue").focus(scroll_visible=False)  # so that the heading stays on screen
        self.refresh_bindings()

    def _update_places(self, read: EarningsRead) -> None:
        bars = self.query_one("#domain", BarList)
        bars.title = f"{PLACES[self._place][0]}, {CURRENCY}"
        bars.bars = [_make_bar(group, read.earnings.cents) for group in read.places[self._place]]
        bars.refresh()

    def _make_placeholder(self) -> Placeholder | None:
        reader = app_of(self).library.earnings
        if reader is None:
            return Placeholder("No revenue reports can be read here.", "", Severity.INFO)
        if self._totals is None:
            return Placeholder("⋯ reading revenue reports")
        if self._totals.earnings.months:
            return None
        owners = [name for name in reader.owners() if name.casefold() != self.username.casefold()]
        advice = "Import Flattr's monthly CSV files: flattr-tui import FILE… --user NAME"
        if reader.is_readable and owners:
            advice = f"There are reports of {', '.join(owners[:5])}: press u to choose a user, a to show all."
        elif reader.owners():
            advice = "The source “saved” has reports: flattr-tui --source saved"
        return Placeholder(f"No revenue report of {self.username or EVERYBODY} is saved.", advice)

    # -- opening a bar

    @on(MonthChart.Opened)
    def _month_opened(self, event: MonthChart.Opened) -> None:
        event.stop()
        first, last = event.period.first, event.period.last
        self._open_matching(event.period.label, lambda row: first <= row.month <= last)

    @on(BarList.Opened)
    def _bar_opened(self, event: BarList.Opened) -> None:
        event.stop()
        if self._totals is not None:
            is_thing = event.bars.id == "thing"
            group = (self._totals.things if is_thing else self._totals.places[self._place])[event.index]
            self._open_rows(group.title or "(no address)", group.rows)

    @on(HeatMap.Opened)
    def _cell_opened(self, event: HeatMap.Opened) -> None:
        event.stop()
        key, month = event.key, event.month
        self._open_matching(fmt.month_name(month), lambda row: str(row.thing) == key and row.month == month)

    def _open_matching(self, title: str, is_meant: Callable[[RevenueRow], bool]) -> None:
        if self._totals is not None:
            self._open_rows(title, [row for row in self._totals.earnings.rows if is_meant(row)])

    def _open_rows(self, title: str, rows: Sequence[RevenueRow]) -> None:
        self.app.push_screen(EarningsRowsScreen(self.username or EVERYBODY, title, rows))

    # -- keys

    @property
    def subject(self) -> Entity | None:
        """The user whose earnings are shown; None for all users."""
        return User(username=self.username) if self.username else None

    def action_everybody(self, everybody: bool) -> None:
        """Show the earnings of all users if `everybody` is true, otherwise those of the shown user."""
        self.everybody = everybody
        self.refresh_bindings()
        self._reload()

    def action_switch_grouping(self) -> None:
        """Change how the earnings are grouped: from domains to pages, to exact addresses, and back to domains."""
        self._place = (self._place + 1) % len(PLACES)
        if self._totals is not None:
            self.query_one("#domain", BarList).cursor = 0
            self._update_places(self._totals)

    def action_given(self) -> None:
        app_of(self).go_back()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable renaming if the reports of all users are shown, and grouping if there are no reports."""
        if action == "everybody":
            return parameters != (self.everybody,)
        if action == "switch_grouping":
            return self._totals is not None and bool(self._totals.earnings.months)
        if action == "rename":
            reader = app_of(self).library.earnings
            is_shown = self._totals is not None and bool(self._totals.earnings.months)
            return is_shown and bool(self.username) and reader is not None and reader.rename is not None
        return super().check_action(action, parameters)

    def action_rename(self) -> None:
        """Ask for a new name for the owner of the revenue reports on the page, and rename the owner in the reports."""
        from flattr_tui.ui.widgets.dialogs import PromptDialog  # noqa: PLC0415 -- imported when it is shown

        reader, old = app_of(self).library.earnings, self.username
        rename = reader.rename if reader is not None else None

        def take(answer: str | None) -> None:
            if not answer or rename is None:
                return
            try:
                new = read_owner(answer)
            except ValueError as error:
                app_of(self).notify_user(f"{error}.", "warning")
                return
            app_of(self).run_in_thread(_rename_job(rename, old, new), self, "renaming")

        self.app.push_screen(PromptDialog(f"A new name for {old}, the owner of these reports"), take)

    def on_owner_renamed(self, event: OwnerRenamed) -> None:
        event.stop()
        if event.problem:
            app_of(self).notify_user(event.problem, "error")
        elif event.old == self.user:
            app_of(self).user = event.new

    def on_review_tabs_chosen(self, event: ReviewTabs.Chosen) -> None:
        event.stop()
        if event.page != "earnings":
            self.action_given()

    def action_refresh(self) -> None:
        self._reload()


class EarningsRowsScreen(Page):
    """The page that opens for a bar of an earnings chart. It lists the entries of revenue reports behind the bar."""

    CSS_PATH = "earnings.tcss"
    AUTO_FOCUS = "RowTable"

    def __init__(self, receiver: str, title: str, rows: Sequence[RevenueRow]) -> None:
        """Show `rows`, the revenue of `receiver`: a user name or the title of a thing.

        `title` is the name of the bar in the chart that sums up these rows.
        """
        super().__init__()
        self._receiver, self._title = receiver, title
        self._rows = rows

    @property
    def breadcrumb(self) -> str:
        """The name of this page in the breadcrumbs: the name of the bar that was opened in the chart."""
        return self._title

    def copy(self) -> "EarningsRowsScreen":
        """Return a new page with the same rows."""
        return EarningsRowsScreen(self._receiver, self._title, self._rows)

    def body(self) -> ComposeResult:
        with Split():
            with Vertical(classes="list earnings-rows"):
                yield Heading()
                yield RowTable(COLUMNS)
            yield DetailPane(classes="detail")

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self.query_one(RowTable), "highlighted", self.show_row)
        self.query_one(RowTable).source = EarningsRows(self._rows)
        title = Content.assemble(
            ("Received by ", "bold"), (self._receiver, "bold $accent"), (f" · {self._title}", "bold")
        )
        clicks, cents = sum(row.clicks for row in self._rows), sum(row.cents for row in self._rows)
        text = f"{fmt.plural(clicks, 'click')}, {format_euros(cents)}"
        self.query_one(Heading).show(title, Content.styled(text, "$muted"))


def _rename_job(rename: Callable[[str, str], int], old: str, new: str) -> Callable[[], Message]:
    def work() -> Message:
        try:
            rename(old, new)
        except StoreError as error:
            return OwnerRenamed(old, new, str(error))
        return OwnerRenamed(old, new)

    return work


def _read_job(reader: EarningsReader, username: str) -> Callable[[], Message]:
    return lambda: EarningsRead(username, reader.read(username))


def _count_text(earnings: Earnings) -> str:
    return fmt.plural(earnings.clicks, "click") if earnings.months else ""


def _highlights(earnings: Earnings) -> Content:
    month, thing = earnings.best_month, earnings.best_thing
    if month is None or thing is None:
        return Content("")
    each = format_per_click(earnings.cents, earnings.clicks)
    covered = f"{earnings.coverage}{f' · {each} per click' if each else ''}"
    best_month = f"best month {month.title} {format_euros(month.cents)}"
    best_thing = f"best thing {thing.title or thing.key} {format_euros(thing.cents)}"
    return Content.styled(f"{covered}\n{best_month} · {best_thing}", "$muted")


def _make_bar(group: Group, cents: int) -> Bar:
    return Bar(
        group.title or "(no address)",
        max(0, group.cents),
        fmt.percent(max(0, group.cents), cents),
        format_cents(group.cents),
    )


def _make_heat_row(group: Group, months: Sequence[str]) -> HeatRow:
    values = dict.fromkeys(months, -1)
    for row in group.rows:
        values[row.month] = max(0, values[row.month]) + max(0, row.cents)
    return HeatRow(group.key, group.title or group.key, list(values.values()))
