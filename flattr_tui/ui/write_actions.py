"""The app's actions that write: each is confirmed, sent by a worker of the app, and its result is notified."""

from collections.abc import Mapping

from msgspec.structs import replace
from textual.message import Message

from flattr_tui.library.account.write_commands import Write
from flattr_tui.library.account.write_service import WriteService, needs_login, refusal, refuse_own
from flattr_tui.library.errors import FlattrError, is_already_subscribed, is_correctable
from flattr_tui.library.query.feed import Feed
from flattr_tui.model.api_request import Request, fold_username
from flattr_tui.model.entities import Entity, Receipt, Subscription, Thing
from flattr_tui.model.pasted_address import clean_address
from flattr_tui.ui.account_actions import AccountActions
from flattr_tui.ui.item_links import is_web, thing_of

THING_ACTIONS = frozenset({"flattr", "subscribe", "unsubscribe"})
OWNER_ACTIONS = frozenset({"edit", "delete"})


class WriteCompleted(Message):
    """A write succeeded with `receipt`, or failed with `error`."""

    def __init__(self, write: Write, receipt: Receipt | None, error: FlattrError | None = None) -> None:
        super().__init__()
        self.write, self.receipt, self.error = write, receipt, error


class WriteActions(AccountActions, inherit_bindings=False):
    """Confirms, sends and reports writes. Leaving a page does not cancel a write."""

    # -- what is shown

    def with_pending_writes(self, feed: Feed) -> Feed:
        """Return a feed with pending writes applied to its rows."""
        return self.actions.with_changes(feed) if self.actions is not None else feed

    def item_with_pending_writes(self, item: Entity | None, fetched_at: float | None) -> Entity | None:
        """Return an item with the writes applied that were made since it was fetched."""
        if item is None or self.actions is None:
            return item
        return self.actions.changes.apply_to(item, fetched_at)

    @property
    def actions(self) -> WriteService | None:
        """The write service of the current library; None if it can't write."""
        return self.library.writes

    @property
    def _selected_thing(self) -> Thing | None:
        """The thing that a key acts on, as far as the list contains it: enough to list the keys."""
        return thing_of(getattr(self.screen, "subject", None))

    @property
    def thing(self) -> Thing | None:
        """The thing that a key acts on, with its full record if that is saved."""
        thing = self._selected_thing
        if thing is None:
            return None
        record = self.library.record(Request.of("thing", id=str(thing.id)))
        known = record.entity if isinstance(record.entity, Thing) else thing
        seen = self.item_with_pending_writes(known, record.fetched_at)
        return seen if isinstance(seen, Thing) else thing

    def is_own(self, thing: Thing) -> bool:
        """Whether a thing belongs to the account."""
        account = self.library.account
        if not account:
            return False
        return self.screen_lists_own() or (
            thing.owner is not None and fold_username(thing.owner.username) == fold_username(account)
        )

    def _is_selected_own(self) -> bool:
        """Whether the thing is the account's: read up only where the list does not say whose it is."""
        thing = self._selected_thing
        if thing is None or not self.library.account:
            return False
        known = thing if thing.owner is not None or self.screen_lists_own() else self.thing
        return known is not None and self.is_own(known)

    def screen_lists_own(self) -> bool:
        """Whether the page lists the account's own things: the service leaves their owner out."""
        request = getattr(self.screen, "request", None)
        return isinstance(request, Request) and request.method == "my-things"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in THING_ACTIONS:
            return self.actions is not None and self._selected_thing is not None
        if action in OWNER_ACTIONS:
            return self.actions is not None and self._is_selected_own()
        if action == "create":
            return self.actions is not None
        return super().check_action(action, parameters)

    # -- keys

    def action_flattr(self) -> None:
        """Flattr the thing."""
        thing = self.thing
        if thing is None:
            return
        write = Write.on("flattr", thing)
        if self.is_own(thing):
            self.notify_user(refuse_own(write), "warning")
        else:
            self.confirm_write(write)

    def action_subscribe(self) -> None:
        """Subscribe to the thing, or pause or resume that."""
        thing, held = self.thing, getattr(self.screen, "subject", None)
        if thing is None:
            return
        if isinstance(held, Subscription):
            self.confirm_write(Write.on("toggle-subscription", thing, active=held.active))
        elif thing.subscribed:
            self.confirm_write(Write.on("toggle-subscription", thing, active=self._is_subscription_active(thing)))
        elif self.is_own(thing):
            self.notify_user(refuse_own(Write.on("subscribe", thing)), "warning")
        else:
            self.confirm_write(Write.on("subscribe", thing))

    def _is_subscription_active(self, thing: Thing) -> bool | None:
        """Return from saved data whether a subscription is active; None if it is not known."""
        feed = self.with_pending_writes(self.library.feed(Request.of("my-subscriptions")))
        at = feed.find_row(thing.key)
        for row in feed.rows(at, at + 1) if at is not None else ():
            item = getattr(row, "item", None)
            if isinstance(item, Subscription):
                return item.active
        return None

    def action_unsubscribe(self) -> None:
        """End the subscription to the thing."""
        if (thing := self.thing) is not None:
            self.confirm_write(Write.on("unsubscribe", thing))

    def action_delete(self) -> None:
        """Delete the thing."""
        if (thing := self.thing) is not None:
            self.confirm_write(Write.on("delete-thing", thing))

    def action_create(self) -> None:
        """Add a thing."""
        self._edit_thing(None)

    def action_edit(self) -> None:
        """Change the thing."""
        if (thing := self.thing) is not None:
            self._edit_thing(thing)

    def _edit_thing(self, thing: Thing | None, problem: str = "") -> None:
        """Open the form of a thing, with the draft that was not sent."""
        from flattr_tui.ui.screens.thing_form import ThingFormScreen  # noqa: PLC0415 -- imported when it is shown

        def take(values: dict[str, str] | None) -> None:
            if values is None:
                return
            if thing is not None:
                self.confirm_write(
                    replace(Write.on("update-thing", thing), arguments=(("id", thing.key), *values.items()))
                )
            else:
                self.confirm_write(Write("create-thing", tuple(values.items())))

        if self._can_write(Write("create-thing", (("url", "https://example.org/"),))):
            self.push_screen(
                ThingFormScreen(thing, self._draft_key(thing.key if thing is not None else ""), problem), take
            )

    def _draft_key(self, thing: str) -> str:
        """Name the draft of a thing's form, by its id, or of the form of a new one."""
        return f"{self.library.source.name} {thing or 'new'}"

    def _forget_draft(self, write: Write) -> None:
        if self._is_thing_form(write):
            self.keep_draft(self._draft_key(write.thing.key if write.thing is not None else ""), {})
            self.save_bookmarks()

    def draft(self, key: str) -> Mapping[str, str]:
        """Return what was typed into a form that was not sent."""
        return {}

    def keep_draft(self, key: str, values: Mapping[str, str]) -> None:
        """Remember what was typed into a form; without `values` forget it."""

    def _resume_form(self, write: Write) -> None:
        """Return to the form that a write came from, if it came from one."""
        if self._is_thing_form(write):
            self._edit_thing(write.thing)

    def flattr_address(self, address: str) -> None:
        """Flattr the thing of an address, or an auto-submit address."""
        address = clean_address(address)
        if is_web(address):
            self.confirm_write(Write("flattr-url", (("url", address),)))
        else:
            self.notify_user(f"{address} is no address that begins with https://.", "warning")

    # -- asking, sending, telling

    def _can_write(self, write: Write) -> bool:
        try:
            if self.actions is not None:
                self.actions.check(write)
        except FlattrError as error:
            self.notify_user(refusal(write, error), "warning")
            return False
        return self.actions is not None

    def confirm_write(self, write: Write) -> None:
        """Ask for confirmation, then send the write."""
        from flattr_tui.ui.widgets.choice_dialog import ConfirmDialog  # noqa: PLC0415 -- imported when it is shown

        def take(yes: bool | None) -> None:
            if yes:
                self.send(write)
            else:
                self._resume_form(write)

        if self._can_write(write):
            self.push_screen(ConfirmDialog(write.question), take)

    def send(self, write: Write) -> None:
        """Send a confirmed write; its result arrives as `WriteCompleted`."""
        actions = self.actions
        if actions is None:
            return
        actions.set_listener(self._on_writes_changed)

        async def work() -> None:
            try:
                receipt = await actions.perform(write)
            except FlattrError as error:
                self.post_message(WriteCompleted(write, None, error))
            else:
                self.post_message(WriteCompleted(write, receipt))

        self._start_worker(work, f"what was to be {write.done}", "writes")

    def _on_writes_changed(self) -> None:
        self.call_later(self.items_changed)

    def items_changed(self) -> None:
        """Show all pages as they are with what was done."""

    def on_write_completed(self, message: WriteCompleted) -> None:
        write, error = message.write, message.error
        if error is None:
            self._forget_draft(write)
            self.notify_user(write.confirmation(message.receipt or Receipt()))
            return
        if needs_login(error):
            why = refusal(write, error) if self.library.account else ""
            self.log_in(lambda: self.send(write), why, otherwise=lambda: self._resume_form(write))
            return
        self.notify_user(refusal(write, error), "error")
        if write.thing is not None and is_already_subscribed(error):
            self.confirm_write(
                Write.on("toggle-subscription", write.thing, active=self._is_subscription_active(write.thing))
            )
        elif self._is_thing_form(write) and is_correctable(error):
            self._edit_thing(write.thing, str(error)[:1].upper() + str(error)[1:])

    @staticmethod
    def _is_thing_form(write: Write) -> bool:
        return write.method in {"create-thing", "update-thing"}
