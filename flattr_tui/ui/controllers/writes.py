"""Asks the user to confirm writes, sends them in a worker of the app, and shows their results as notices."""

from collections.abc import Sequence

from msgspec.structs import replace

from flattr_tui.library.account.optimistic_writes import Write
from flattr_tui.library.account.write_service import WriteService, needs_login, own_thing_refusal, refusal
from flattr_tui.library.errors import FlattrError, is_already_flattred, is_already_subscribed, is_correctable
from flattr_tui.library.query.list_feed import Feed
from flattr_tui.model.api_request import ApiRequest, fold_username
from flattr_tui.model.entities import Entity, Receipt, Subscription, Thing, User, thing_of
from flattr_tui.model.pasted_address import clean_address, is_web
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import Checks, ControllerHost
from flattr_tui.ui.controllers.accounts import AccountsController
from flattr_tui.ui.controllers.bookmarks import BookmarksController

_VERBS = {
    "flattr": "flattr",
    "subscribe": "subscribe to",
    "unsubscribe": "unsubscribe from",
    "edit": "edit",
    "delete": "delete",
}
"""For each action on a thing, its verb in a sentence."""
REFUSABLE = frozenset(_VERBS)
"""Names of the actions that can be impossible for a thing. Their keys then show a notice that says why."""


class WritesController:
    """Lets the user confirm writes, such as flattring a thing, and sends them. Leaving a page cancels no write."""

    def __init__(self, host: ControllerHost, accounts: AccountsController, bookmarks: BookmarksController) -> None:
        self._host = host
        self._accounts = accounts
        self._bookmarks = bookmarks
        """Stores the drafts of forms."""

    @property
    def service(self) -> WriteService | None:
        """The write service of the current library; None if it can't write."""
        return self._host.library.writes

    @property
    def checks(self) -> Checks:
        """For each action, by its name, a function that returns whether the action can be run now."""
        on_own = dict.fromkeys(("edit", "delete"), self._can_change)
        return {
            "flattr": self._can_flattr,
            "subscribe": self._can_subscribe,
            "unsubscribe": self._can_act,
            "create": lambda: self.service is not None,
            **on_own,
        }

    def explain_refusal(self, action: str) -> None:
        """Show a notice that says why an action can't be run on what is under the cursor.

        `action` is the name of the action, one of `REFUSABLE`.
        """
        verb, thing = _VERBS[action], self._selected_thing
        if self.service is None:
            why = f"You can't {verb} anything here: the source “saved” has no server."
        elif thing is None:
            is_user = self._host.page is not None and isinstance(self._host.page.subject, User)
            what = f"You can {verb} things, not users. Open one of this user's things first."
            why = what if is_user else f"There is no thing here to {verb}."
        elif action in {"flattr", "subscribe"}:
            why = own_thing_refusal(Write.on(action, thing))
        elif not self._host.library.account:
            why = f"You can {verb} only your own things. Press L to log in."
        else:
            whose = f", and this one belongs to {thing.owner.username}" if thing.owner is not None else ""
            why = f"You can {verb} only your own things{whose}."
        self._host.notify_user(why, "warning")

    def _can_act(self) -> bool:
        return self.service is not None and self._selected_thing is not None

    def _can_subscribe(self) -> bool:
        thing = self._selected_thing if self.service is not None else None
        return thing is not None and not self._is_selected_own(thing)

    def _can_flattr(self) -> bool:
        return self._can_subscribe() or ((page := self._host.page) is not None and bool(page.marked_items))

    def _can_change(self) -> bool:
        thing = self._selected_thing if self.service is not None else None
        return thing is not None and self._is_selected_own(thing)

    # -- displaying pending writes

    def apply_to_feed(self, feed: Feed) -> Feed:
        """Return a list with the rows of `feed`, but with the effects of all pending writes on these rows."""
        return self.service.with_changes(feed) if self.service is not None else feed

    def apply_to_item(self, item: Entity | None, fetched_at: float | None) -> Entity | None:
        """Return `item` with the effects of all writes that were made after the item was fetched; None for None.

        `fetched_at` is the time at which the item was fetched, in Unix seconds; with None, all writes are applied.
        """
        service = self.service
        return service.changes.apply_to(item, fetched_at) if item is not None and service is not None else item

    @property
    def _selected_thing(self) -> Thing | None:
        """The thing that a key acts on, with only the fields that the list on screen contains; None for no thing.

        Saved data is not read, so that this is fast. These fields suffice to decide which keys are shown.
        """
        page = self._host.page
        return thing_of(page.subject) if page is not None else None

    @property
    def thing(self) -> Thing | None:
        """The thing that a key acts on, from its full record if that is saved; None if the key acts on no thing."""
        thing = self._selected_thing
        if thing is None:
            return None
        record = self._host.library.record(ApiRequest.of("thing", id=str(thing.id)))
        known = record.entity if isinstance(record.entity, Thing) else thing
        seen = self.apply_to_item(known, record.fetched_at)
        return seen if isinstance(seen, Thing) else thing

    def is_own(self, thing: Thing) -> bool:
        """Whether a thing belongs to the account."""
        account = self._host.library.account
        if not account:
            return False
        if thing.owner is None:
            return self.page_lists_own()
        return fold_username(thing.owner.username) == fold_username(account)

    def _is_selected_own(self, thing: Thing) -> bool:
        """Whether the account owns the thing that a key acts on.

        `thing` is this thing with only the fields that the list on screen contains. If the owner is not among them, the
        saved record of the thing is read.
        """
        if thing.owner is None and self._host.library.account and not self.page_lists_own():
            thing = self.thing or thing
        return self.is_own(thing)

    def page_lists_own(self) -> bool:
        """Whether the page lists the account's own things. In such lists the server omits the owner."""
        page = self._host.page
        request = page.request if page is not None else None
        return request is not None and request.method == "my-things"

    # -- keys

    def flattr(self) -> None:
        """Flattr the thing under the cursor or, if rows are marked, all marked things."""
        if self._host.page is not None and self._host.page.marked_items:
            self._flattr_all(self._host.page.marked_items)
            return
        thing = self.thing
        if thing is None:
            return
        self.confirm(Write.on("flattr", thing))

    def _flattr_all(self, items: Sequence[Entity]) -> None:
        """Ask once, then flattr the things of all items, except things that belong to the account."""
        from flattr_tui.ui.widgets.dialogs import ConfirmDialog  # noqa: PLC0415 -- imported when it is shown

        things = {thing.id: thing for item in items if (thing := thing_of(item)) is not None}
        writes = [Write.on("flattr", thing) for thing in things.values() if not self.is_own(thing)]
        if not writes:
            self._host.notify_user("You can't flattr your own things, and nothing else is marked.", "warning")
            return
        own = len(things) - len(writes)

        def take(yes: bool | None) -> None:
            if yes:
                self._send_all(writes)

        if self._can_write(writes[0]):
            note = f"{fmt.plural(own, 'thing')} of your own left out." if own else ""
            self._host.push_screen(ConfirmDialog(f"Flattr {fmt.plural(len(writes), 'thing')}?", note), take)

    def _send_all(self, writes: Sequence[Write], done: int = 0, refused: int = 0) -> None:
        """Send the confirmed flattrs in `writes` one after the other. If one fails, the rest is not sent.

        If this call continues after a login, `done` is the number of flattrs that were sent before the login, and
        `refused` the number that the server refused before because the things had already been flattred.
        """
        service = self.service
        if service is None:
            return
        service.set_listener(self._on_writes_changed)

        async def work() -> None:
            flattred, before = done, refused
            for at, write in enumerate(writes):
                try:
                    await service.perform(write)
                except FlattrError as error:
                    if not is_already_flattred(error):
                        self._host.call_later(self._on_batch_failed, writes[at:], error, flattred, before)
                        return
                    before += 1
                else:
                    flattred += 1
            rest_text = f" {before:,} were flattred this month already." if before else ""
            self._host.call_later(self._host.notify_user, f"Flattred {fmt.plural(flattred, 'thing')}.{rest_text}")

        self._host.start_worker(work, "flattring the marked things", "writes")

    def _on_batch_failed(self, rest: Sequence[Write], error: FlattrError, done: int, refused: int) -> None:
        """Show a notice that says why the first flattr in `rest` failed, and that those after it were not sent.

        If the flattr failed because it needs a login, let the user log in, then send all of `rest`. `done` is the
        number of flattrs that were sent before, and `refused` the number that the server refused as already made.
        """
        if needs_login(error):
            why = refusal(rest[0], error) if self._host.library.account else ""
            self._accounts.log_in(lambda: self._send_all(rest, done, refused), why)
            return
        counts = f"{fmt.plural(done, 'thing')} flattred before, {len(rest) - 1:,} not sent."
        self._host.notify_user(f"{refusal(rest[0], error)} {counts}", "error")

    def subscribe(self) -> None:
        """Subscribe to the thing. A subscription that exists already is paused or, if it is paused, resumed."""
        page, thing = self._host.page, self.thing
        if page is None or thing is None:
            return
        if isinstance(page.subject, Subscription):
            self.confirm(Write.on("toggle-subscription", thing, active=page.subject.active))
        elif thing.subscribed:
            self.confirm(Write.on("toggle-subscription", thing, active=self._is_subscription_active(thing)))
        else:
            self.confirm(Write.on("subscribe", thing))

    def _is_subscription_active(self, thing: Thing) -> bool | None:
        """Return whether, according to saved data, the subscription to a thing is active; None if that is unknown."""
        feed = self.apply_to_feed(self._host.library.feed(ApiRequest.of("my-subscriptions")))
        at = feed.find_row(thing.key)
        for row in feed.rows(at, at + 1) if at is not None else ():
            item = getattr(row, "item", None)
            if isinstance(item, Subscription):
                return item.active
        return None

    def unsubscribe(self) -> None:
        """End the subscription to the thing."""
        if (thing := self.thing) is not None:
            self.confirm(Write.on("unsubscribe", thing))

    def delete(self) -> None:
        """Ask for a confirmation, then delete the thing."""
        if (thing := self.thing) is not None:
            self.confirm(Write.on("delete-thing", thing))

    def create(self) -> None:
        """Open the form for a new thing."""
        self._edit_thing(None)

    def edit(self) -> None:
        """Open the form in which the thing's values can be changed."""
        if (thing := self.thing) is not None:
            self._edit_thing(thing)

    def _edit_thing(self, thing: Thing | None, problem: str = "") -> None:
        """Open the form in which `thing` can be changed; if `thing` is None, the form for a new thing.

        The form is filled in with the unsent draft, if there is one. It shows the error message `problem`; "" for none.
        """
        from flattr_tui.ui.screens.thing_form_dialog import ThingFormDialog  # noqa: PLC0415 -- imported when it is shown

        def take(values: dict[str, str] | None) -> None:
            if values is None:
                return
            if thing is not None:
                self.confirm(replace(Write.on("update-thing", thing), arguments=(("id", thing.key), *values.items())))
            else:
                self.confirm(Write("create-thing", tuple(values.items())))

        if self._can_write(Write("create-thing", (("url", "https://example.org/"),))):
            self._host.push_screen(
                ThingFormDialog(thing, self._draft_key(thing.key if thing is not None else ""), problem), take
            )

    def _draft_key(self, thing: str) -> str:
        """Return the key under which a form's draft is stored. `thing` is the id of the thing; "" for a new thing."""
        return f"{self._host.library.source.name} {thing or 'new'}"

    def _forget_draft(self, write: Write) -> None:
        if self._is_thing_form(write):
            self._bookmarks.store.keep_draft(self._draft_key(write.thing.key if write.thing is not None else ""), {})
            self._bookmarks.save()

    def _resume_form(self, write: Write) -> None:
        """If a refused write came from a form, open that form again."""
        if self._is_thing_form(write):
            self._edit_thing(write.thing)

    def flattr_address(self, address: str) -> None:
        """Flattr the thing at an address or auto-submit link."""
        address = clean_address(address)
        if is_web(address):
            self.confirm(Write("flattr-url", (("url", address),)))
        else:
            self._host.notify_user(f"{address} is not an address that begins with https://.", "warning")

    # -- confirming and sending

    def _can_write(self, write: Write) -> bool:
        try:
            if self.service is not None:
                self.service.check(write)
        except FlattrError as error:
            self._host.notify_user(refusal(write, error), "warning")
            return False
        return self.service is not None

    def confirm(self, write: Write) -> None:
        """Ask for a confirmation, then send the write."""
        from flattr_tui.ui.widgets.dialogs import ConfirmDialog  # noqa: PLC0415 -- imported when it is shown

        def take(yes: bool | None) -> None:
            if yes:
                self.send(write)
            else:
                self._resume_form(write)

        if self._can_write(write):
            self._host.push_screen(ConfirmDialog(write.question), take)

    def send(self, write: Write) -> None:
        """Send a confirmed write, and show its result as a notice."""
        service = self.service
        if service is None:
            return
        service.set_listener(self._on_writes_changed)

        async def work() -> None:
            try:
                receipt = await service.perform(write)
            except FlattrError as error:
                self._host.call_later(self._on_failed, write, error)
            else:
                self._host.call_later(self._on_done, write, receipt)

        self._host.start_worker(work, f"the action on {write.target}", "writes")

    def _on_writes_changed(self) -> None:
        self._host.call_later(self._host.items_changed)

    def _on_done(self, write: Write, receipt: Receipt | None) -> None:
        self._forget_draft(write)
        self._host.notify_user(write.confirmation(receipt or Receipt()))

    def _on_failed(self, write: Write, error: FlattrError) -> None:
        if needs_login(error):
            why = refusal(write, error) if self._host.library.account else ""
            self._accounts.log_in(lambda: self.send(write), why, otherwise=lambda: self._resume_form(write))
            return
        self._host.notify_user(refusal(write, error), "error")
        if write.thing is not None and is_already_subscribed(error):
            self.confirm(Write.on("toggle-subscription", write.thing, active=self._is_subscription_active(write.thing)))
        elif self._is_thing_form(write) and is_correctable(error):
            self._edit_thing(write.thing, str(error)[:1].upper() + str(error)[1:])

    @staticmethod
    def _is_thing_form(write: Write) -> bool:
        return write.method in {"create-thing", "update-thing"}
