"""The key bindings of the app and its pages. Each has an id: under this id, `[keys]` in the settings changes its keys.

The ids are a public interface: `group.action`. Widgets declare their own bindings (`table.down`) next to their actions.
"""

from collections.abc import Iterator, Mapping

from textual.binding import Binding

from flattr_tui.ui.modes import MODES

GROUPS: Mapping[str, str] = {
    "page": "This page",
    "list": "This list",
    "search": "Search",
    "find": "Find",
    "query": "Query",
    "marks": "Bookmarks",
    "changes": "Changes",
    "review": "Review",
    "act": "Acting",
    "own": "Own commands",
    "console": "Console",
    "answer": "Response",
    "field": "Field",
    "body": "Moving",
    "options": "Moving",
    "profile": "Moving",
    "table": "Moving",
    "chart": "Moving",
    "bars": "Moving",
    "calendar": "Moving",
    "heat": "Moving",
    "mode": "Places",
    "app": "Program",
}
"""Headings of the key list in the help, in the order of display, by the first part of a binding's id.

Keys of the current screen come before those that work everywhere.
"""

OWN_COMMAND = "own_command"
"""The action of the keys that run the user's own commands (`[[commands]]` in the settings)."""

APP: tuple[Binding, ...] = (
    *(
        Binding(mode.key, f"mode('{mode.id}')", mode.label, show=False, id=f"mode.{mode.id}", tooltip=mode.label)
        for mode in MODES
    ),
    Binding("u", "ask_user", "user", tooltip="Go to a user", id="app.user"),
    Binding("ctrl+f", "find", "find", show=False, tooltip="Search everything saved", id="app.find"),
    Binding("L", "account", "account", show=False, tooltip="Log in, switch account or log out", id="app.account"),
    Binding("B", "marks", "bookmarks", show=False, tooltip="Bookmarks and recently opened pages", id="app.marks"),
    Binding("C", "changes", "changes", show=False, tooltip="What has changed in saved data", id="app.changes"),
    Binding("ctrl+s", "sync", "sync", show=False, tooltip="Fetch whole lists for offline use", id="app.sync"),
    Binding("question_mark", "help", "help", key_display="?", tooltip="The keys of this screen", id="app.help"),
    Binding("ctrl+p,colon", "command_palette", "commands", show=False, tooltip="List all commands", id="app.commands"),
    Binding("q,ctrl+q", "quit", "quit", show=False, tooltip="Quit", id="app.quit"),
    Binding("ctrl+c", "quit_twice", "quit", show=False, tooltip="Quit (press twice)", id="app.interrupt"),
    Binding("ctrl+l", "redraw", "redraw", show=False, tooltip="Redraw the screen", id="app.redraw"),
    Binding(
        "ctrl+z", "suspend_process", "suspend", show=False, tooltip="Suspend and return to the shell", id="app.suspend"
    ),
)

PAGE: tuple[Binding, ...] = (
    Binding("r", "refresh", "refresh", tooltip="Fetch what is new", id="page.refresh"),
    Binding("R", "refresh_all", "all", show=False, tooltip="Fetch the whole list again", id="page.refresh_all"),
    Binding("o", "browse", "browser", tooltip="Open in the browser", id="page.browser"),
    Binding("y", "copy", "copy", tooltip="Copy the address", id="page.copy"),
    Binding("p", "person", "person", show=False, tooltip="Open its user's page", id="page.person"),
    Binding(
        "vertical_line",
        "app.pager",
        "pager",
        show=False,
        key_display="|",
        tooltip="Show this list or text in $PAGER",
        id="page.pager",
    ),
    Binding("b", "app.bookmark", "bookmark", show=False, tooltip="Add or remove a bookmark", id="page.bookmark"),
    Binding("escape,backspace", "back", "back", show=False, tooltip="Back", id="page.back"),
)

LIST: tuple[Binding, ...] = (
    Binding("slash", "filter", "filter", key_display="/", tooltip="Filter saved rows as you type", id="list.filter"),
    Binding("s", "sort", "sort", tooltip="Sort by the next column", id="list.sort"),
    Binding("S", "sort_back", "sort back", show=False, tooltip="Reverse the sort order", id="list.sort_back"),
    Binding("N", "next_new", "next new", tooltip="Go to the next new item", id="list.next_new"),
    Binding("ctrl+o", "save_query", "save", tooltip="Save the filter with a name", id="list.save_query"),
    Binding("A", "mark_seen", "all seen", show=False, tooltip="Mark all as seen", id="list.mark_seen"),
)

ACT: tuple[Binding, ...] = (
    Binding("f", "flattr", "flattr", tooltip="Flattr it", id="act.flattr"),
    Binding("w", "subscribe", "subscribe", tooltip="Subscribe; pause or resume the subscription", id="act.subscribe"),
    Binding("W", "unsubscribe", "unsubscribe", show=False, tooltip="End the subscription", id="act.unsubscribe"),
    Binding("n", "create", "new", show=False, tooltip="Add a thing of your own", id="act.create"),
    Binding("E", "edit", "edit", tooltip="Edit your own thing", id="act.edit"),
    Binding("D", "delete", "delete", show=False, tooltip="Delete your own thing", id="act.delete"),
)

ACTIVITIES: tuple[Binding, ...] = (
    Binding(
        "t",
        "toggle_incoming",
        "in/out",
        tooltip="Switch between outgoing and incoming",
        id="list.incoming",
    ),
)

USER: tuple[Binding, ...] = (
    Binding("t", "things", "things", tooltip="The user's things", id="page.things"),
    Binding("F", "flattrs", "flattrs", tooltip="The user's flattrs", id="page.flattrs"),
    Binding("a", "activities", "activities", tooltip="The user's activities", id="page.activities"),
    Binding("w", "subscriptions", "subscriptions", tooltip="My subscriptions", id="page.subscriptions"),
    Binding("h", "adopt", "show everywhere", show=False, tooltip="Show this user in places 1 to 4", id="page.adopt"),
)

PROFILE: tuple[Binding, ...] = (
    Binding(
        "k,up,pageup,ctrl+u",
        "scroll_page(-1)",
        "further up",
        show=False,
        priority=True,
        tooltip="From the first row: up to the statistics",
        id="profile.up",
    ),
    Binding(
        "j,down,pagedown,ctrl+d",
        "scroll_page(1)",
        "further down",
        show=False,
        priority=True,
        tooltip="Without rows: scroll down",
        id="profile.down",
    ),
)
"""Keys that scroll the whole profile page.

They replace the keys of its list while the cursor is on the first row, or if the list has no rows.
"""

SEARCH: tuple[Binding, ...] = (
    Binding("slash", "query", "query", key_display="/", tooltip="Back to the fields", id="search.query"),
    Binding("c", "categories", "category", tooltip="Choose categories", id="search.categories"),
    Binding("l", "languages", "language", tooltip="Choose languages", id="search.languages"),
    Binding("s", "order", "sort", tooltip="The next sort order", id="search.order"),
    Binding("x", "clear", "clear", tooltip="Clear all fields", id="search.clear"),
    Binding("ctrl+o", "save_query", "save", tooltip="Save the search with a name", id="search.save_query"),
)

SEARCH_FORM: tuple[Binding, ...] = (
    Binding("down", "screen.results", "results", tooltip="Go to the results", id="search.results"),
    Binding("up", "screen.recall", "history", tooltip="The previous query", id="search.recall"),
)

SEARCH_FIELD: tuple[Binding, ...] = (Binding("enter", "submit", "search", tooltip="Search", id="search.run"),)

SEARCH_PICKER: tuple[Binding, ...] = (
    Binding("enter,space", "pick", "choose", tooltip="Choose", id="search.pick"),
    Binding("delete,backspace", "empty", "any", show=False, tooltip="Clear the selection", id="search.any"),
)

SEARCH_ORDER: tuple[Binding, ...] = (
    Binding("right,enter,space", "turn(1)", "next", tooltip="The next sort order", id="search.next_order"),
    Binding("left", "turn(-1)", "previous", show=False, tooltip="The previous sort order", id="search.previous_order"),
)

FILTER_FIELD: tuple[Binding, ...] = (Binding("enter", "submit", "list", tooltip="Go to the list", id="query.rows"),)

QUERY_FIELD: tuple[Binding, ...] = (
    Binding(
        "f1",
        "explain",
        "syntax",
        key_display="f1",
        tooltip="Explain queries: year:2012, -word …",
        id="query.help",
    ),
    Binding(
        "question_mark",
        "explain_empty",
        "syntax",
        show=False,
        priority=True,
        key_display="?",
        tooltip="Explain queries, in an empty field",
        id="query.help_empty",
    ),
)

FIND: tuple[Binding, ...] = (
    Binding("slash", "words", "words", key_display="/", tooltip="Back to the search field", id="find.words"),
    Binding("s", "kind", "kind", tooltip="Show one kind only, or all", id="find.kind"),
    Binding("ctrl+o", "save_query", "save", tooltip="Save the query with a name", id="find.save_query"),
)

FIND_FIELD: tuple[Binding, ...] = (
    Binding("enter", "submit", "open", tooltip="Open the highlighted result", id="find.open"),
    Binding("enter", "ask_server", "search the server", tooltip="Search the server", id="find.server"),
    Binding("down", "move(1)", "down", show=False, tooltip="The next result", id="find.down"),
    Binding("up", "move(-1)", "up", show=False, tooltip="The previous result", id="find.up"),
    Binding("pagedown", "page(1)", "page down", show=False, tooltip="A page down", id="find.page_down"),
    Binding("pageup", "page(-1)", "page up", show=False, tooltip="A page up", id="find.page_up"),
)

MARKS: tuple[Binding, ...] = (
    Binding("slash", "filter", "filter", key_display="/", tooltip="Filter as you type", id="marks.filter"),
    Binding("D,delete", "remove", "remove", tooltip="Remove it; U puts it back", id="marks.remove"),
    Binding("N", "rename", "rename", tooltip="Rename the search or filter", id="marks.rename"),
    Binding("U", "put_back", "put back", tooltip="Put back what was removed last", id="marks.put_back"),
)

OPTION_MOVES: tuple[Binding, ...] = (
    Binding("j", "cursor_down", "down", show=False, tooltip="Down", id="options.down"),
    Binding("k", "cursor_up", "up", show=False, tooltip="Up", id="options.up"),
    Binding("ctrl+d", "page_down", "page down", show=False, tooltip="A page down", id="options.page_down"),
    Binding("ctrl+u", "page_up", "page up", show=False, tooltip="A page up", id="options.page_up"),
    Binding("g", "first", "top", show=False, tooltip="To the top", id="options.top"),
    Binding("G", "last", "end", show=False, tooltip="To the end", id="options.end"),
)
"""Keys of an option list on a page, besides those of Textual: arrows, page up and down, home and end."""

OPTIONS: tuple[Binding, ...] = (
    Binding("enter", "select", "open", tooltip="Open", id="options.open"),
    *OPTION_MOVES,
)

CHANGES: tuple[Binding, ...] = (
    Binding("slash", "filter", "filter", key_display="/", tooltip="Filter as you type", id="changes.filter"),
    Binding("s", "kind", "kind", tooltip="Show one kind only, or all", id="changes.kind"),
    Binding("N", "next_new", "next new", tooltip="The next new change", id="changes.next_new"),
)

REVIEW: tuple[Binding, ...] = (
    Binding("a", "everybody(True)", "everybody", tooltip="Count everybody's", id="review.everybody"),
    Binding("a", "everybody(False)", "one user", tooltip="Count this user's alone", id="review.one_user"),
)

GIVEN: tuple[Binding, ...] = (
    Binding("e", "earnings", "earnings", tooltip="Show earnings: revenue received", id="review.earnings"),
)

EARNINGS: tuple[Binding, ...] = (
    *REVIEW,
    Binding("e", "given", "flattrs", tooltip="Back to the flattrs that were given", id="review.given"),
    Binding("d", "switch_grouping", "pages", tooltip="Sum up by domain, page or exact address", id="review.grouping"),
    Binding("N", "rename", "rename", show=False, tooltip="Rename the reports' owner", id="review.rename"),
)

CHART: tuple[Binding, ...] = (
    Binding("right,l", "move(1)", "later", show=False, tooltip="The next bar", id="chart.right"),
    Binding("left,h", "move(-1)", "earlier", show=False, tooltip="The previous bar", id="chart.left"),
    Binding("g,home", "edge(False)", "first", show=False, tooltip="The first bar", id="chart.first"),
    Binding("G,end", "edge(True)", "last", show=False, tooltip="The last bar", id="chart.last"),
    Binding("enter", "open", "list", tooltip="List what this bar counts", id="chart.open"),
)

BARS: tuple[Binding, ...] = (
    Binding("down,j", "move(1)", "down", show=False, tooltip="The next bar", id="bars.down"),
    Binding("up,k", "move(-1)", "up", show=False, tooltip="The previous bar", id="bars.up"),
    Binding("g,home", "edge(False)", "first", show=False, tooltip="The first bar", id="bars.first"),
    Binding("G,end", "edge(True)", "last", show=False, tooltip="The last bar", id="bars.last"),
    Binding("enter", "open", "list", tooltip="List what this bar counts", id="bars.open"),
)

CALENDAR: tuple[Binding, ...] = (
    Binding("right,l", "move(7)", "week", show=False, tooltip="A week later", id="calendar.later_week"),
    Binding("left,h", "move(-7)", "week", show=False, tooltip="A week earlier", id="calendar.earlier_week"),
    Binding("down,j", "move(1)", "day", show=False, tooltip="A day later", id="calendar.later"),
    Binding("up,k", "move(-1)", "day", show=False, tooltip="A day earlier", id="calendar.earlier"),
    Binding("pagedown", "move(364)", "year", show=False, tooltip="A year later", id="calendar.later_year"),
    Binding("pageup", "move(-364)", "year", show=False, tooltip="A year earlier", id="calendar.earlier_year"),
    Binding("n", "next(1)", "next", tooltip="The next day that has items", id="calendar.next"),
    Binding("N", "next(-1)", "last", show=False, tooltip="The previous day that has items", id="calendar.previous"),
    Binding("enter", "open", "list", tooltip="List what this day counts", id="calendar.open"),
)

HEAT: tuple[Binding, ...] = (
    Binding("right,l", "move(0, 1)", "later", show=False, tooltip="The next month", id="heat.later"),
    Binding("left,h", "move(0, -1)", "earlier", show=False, tooltip="The previous month", id="heat.earlier"),
    Binding("down,j", "move(1, 0)", "down", show=False, tooltip="The next thing", id="heat.down"),
    Binding("up,k", "move(-1, 0)", "up", show=False, tooltip="The previous thing", id="heat.up"),
    Binding("pagedown", "move(0, 12)", "year", show=False, tooltip="A year later", id="heat.later_year"),
    Binding("pageup", "move(0, -12)", "year", show=False, tooltip="A year earlier", id="heat.earlier_year"),
    Binding("enter", "open", "list", tooltip="List what this month counts", id="heat.open"),
)

CONSOLE: tuple[Binding, ...] = (
    Binding("ctrl+s,ctrl+r,ctrl+enter", "send", "send", tooltip="Send the request", id="console.send"),
    Binding("escape", "stop", "stop", tooltip="Stop waiting for the response", id="console.stop"),
    Binding("r", "refresh", "again", tooltip="Send the shown request again", id="console.again"),
    Binding("escape,backspace", "back", "back", tooltip="Back: to the form, to the methods", id="console.back"),
    Binding("y,ctrl+y", "copy_as", "copy", tooltip="Copy as curl, httpx or flattr-tui get", id="console.copy"),
    Binding("i", "form", "form", tooltip="Go to the parameters", id="console.form"),
    Binding("a", "answer", "response", tooltip="Go to the response", id="console.answer"),
    Binding("m", "methods", "methods", tooltip="Go to the methods", id="console.methods"),
    Binding("x", "clear", "clear", show=False, tooltip="Clear all fields", id="console.clear"),
)

METHODS: tuple[Binding, ...] = (
    Binding("enter", "select", "fill in", tooltip="Fill in the method's parameters", id="console.choose"),
    Binding("slash", "find", "find", key_display="/", tooltip="Find a method as you type", id="console.find_method"),
)

METHOD_FILTER: tuple[Binding, ...] = (
    Binding("enter", "submit", "fill in", tooltip="Fill in the method's parameters", id="console.take"),
    Binding("down", "screen.focus_methods", "methods", show=False, tooltip="Go to the matches", id="console.found"),
)

FIELD: tuple[Binding, ...] = (
    Binding("enter", "submit", "send", show=False, tooltip="Send the request", id="field.send"),
    Binding("down", "screen.field(1)", "next", show=False, tooltip="The next field", id="field.next"),
    Binding("up", "screen.field(-1)", "previous", show=False, tooltip="The previous field", id="field.previous"),
)

TEXT_FIELD: tuple[Binding, ...] = (
    Binding(
        "ctrl+n",
        "send_empty",
        "send empty",
        tooltip="Send the field empty (to clear it), or leave it out",
        id="field.empty",
    ),
)

CHOICE: tuple[Binding, ...] = (
    Binding("space,right", "turn(1)", "change", tooltip="The next choice, or a list of them", id="field.next_choice"),
    Binding("left", "turn(-1)", "before", show=False, tooltip="The previous choice", id="field.previous_choice"),
    Binding("delete,backspace", "empty", "none", show=False, tooltip="Clear the selection", id="field.none"),
)

ANSWER: tuple[Binding, ...] = (
    Binding("b", "view('body')", "body", show=False, tooltip="The formatted body", id="answer.body"),
    Binding("d", "view('records')", "records", show=False, tooltip="The decoded records", id="answer.records"),
    Binding(
        "h",
        "view('headers')",
        "headers",
        show=False,
        tooltip="The headers of request and response",
        id="answer.headers",
    ),
    Binding("w", "view('raw')", "raw", show=False, tooltip="The raw body", id="answer.raw"),
    Binding(
        "vertical_line",
        "app.pager",
        "pager",
        show=False,
        key_display="|",
        tooltip="Show this text in $PAGER",
        id="answer.pager",
    ),
    Binding("l", "view('history')", "history", show=False, tooltip="Earlier requests", id="answer.history"),
    Binding("slash", "find", "find", key_display="/", tooltip="Find in this text as you type", id="answer.find"),
    Binding("n", "found(1)", "next", tooltip="The next match", id="answer.next_found"),
    Binding("N", "found(-1)", "before", show=False, tooltip="The previous match", id="answer.previous_found"),
    Binding("right_square_bracket", "turn(1)", "next view", key_display="]", tooltip="Next view", id="answer.next"),
    Binding(
        "left_square_bracket", "turn(-1)", "previous view", show=False, tooltip="Previous view", id="answer.before"
    ),
)

HISTORY: tuple[Binding, ...] = (
    Binding("enter", "select", "show", tooltip="Show its response", id="answer.show"),
    Binding("r", "replay", "send again", tooltip="Send it again", id="answer.replay"),
    Binding("space", "mark", "mark", tooltip="Mark it for comparison", id="answer.mark"),
    Binding("c", "compare", "compare", tooltip="Compare it with the marked or shown response", id="answer.compare"),
)

BODY: tuple[Binding, ...] = (
    Binding("j,down", "move(1)", "down", show=False, tooltip="Down", id="body.down"),
    Binding("k,up", "move(-1)", "up", show=False, tooltip="Up", id="body.up"),
    Binding("ctrl+d", "page(0.5)", "half down", show=False, tooltip="Half a page down", id="body.half_down"),
    Binding("ctrl+u", "page(-0.5)", "half up", show=False, tooltip="Half a page up", id="body.half_up"),
    Binding("pagedown", "page(1.0)", "page down", show=False, tooltip="A page down", id="body.page_down"),
    Binding("pageup", "page(-1.0)", "page up", show=False, tooltip="A page up", id="body.page_up"),
    Binding("g,home", "edge(False)", "top", show=False, tooltip="To the top", id="body.top"),
    Binding("G,end", "edge(True)", "end", show=False, tooltip="To the end", id="body.end"),
    Binding("right", "aside(8)", "right", show=False, tooltip="Scroll right", id="body.right"),
    Binding("left", "aside(-8)", "left", show=False, tooltip="Scroll left", id="body.left"),
    Binding("enter,space,z", "fold", "fold", tooltip="Fold or unfold this part", id="body.fold"),
    Binding("Z", "fold_all", "fold all", show=False, tooltip="Fold all, or unfold all", id="body.fold_all"),
)

DECLARED: tuple[tuple[Binding, ...], ...] = (
    APP,
    PAGE,
    LIST,
    ACT,
    ACTIVITIES,
    USER,
    PROFILE,
    SEARCH,
    SEARCH_FORM,
    SEARCH_FIELD,
    SEARCH_PICKER,
    SEARCH_ORDER,
    FILTER_FIELD,
    QUERY_FIELD,
    FIND,
    FIND_FIELD,
    MARKS,
    CHANGES,
    OPTIONS,
    REVIEW,
    GIVEN,
    EARNINGS[len(REVIEW) :],
    CHART,
    BARS,
    CALENDAR,
    HEAT,
    CONSOLE,
    METHODS,
    METHOD_FILTER,
    FIELD,
    TEXT_FIELD,
    CHOICE,
    ANSWER,
    HISTORY,
    BODY,
)


KEY_NAMES: Mapping[str, str] = {
    "enter": "enter",
    "escape": "esc",
    "backspace": "backspace",
    "space": "space",
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "vertical_line": "|",
    "pagedown": "page down",
    "pageup": "page up",
}
"""Names of keys for which Textual shows a symbol that not every font has."""


def declared_bindings() -> Iterator[Binding]:
    """Yield every binding of this module once."""
    for group in DECLARED:
        yield from group
