"""Describes items as content. Server text is never parsed as markup."""

from collections.abc import Iterable
from datetime import UTC, tzinfo

from textual.content import Content

from flattr_tui.model.entities import Activity, Entity, Flattr, Thing, User
from flattr_tui.ui import format as fmt
from flattr_tui.ui.item_links import address_of, thing_of, username_of

DOT = Content.styled(" · ", "$muted")
BLANK = Content("")
STAR = Content.styled(" ★", "$accent")
"""Follows the name of a bookmarked item."""


def join_parts(parts: Iterable[str], style: str = "") -> Content:
    """Join the parts that are not empty with dots."""
    return DOT.join(Content.styled(part, style) if style else Content(part) for part in parts if part)


def label_value(label: str, value: Content, width: int = 8) -> Content:
    """Return a value after a muted label."""
    return Content.styled(label.ljust(width), "$muted") + value


def describe(item: Entity | None, now: float, tz: tzinfo = UTC, *, bookmarked: bool = False) -> Content:
    """Return the description of any item for the detail pane. A bookmarked one has a star after its name."""
    described = _describe_item(item, now, tz)
    if not bookmarked:
        return described
    first, *rest = described.split("\n", allow_blank=True)
    return Content("\n").join([first + STAR, *rest])


def _describe_item(item: Entity | None, now: float, tz: tzinfo) -> Content:
    match item:
        case Flattr():
            who = item.owner.username if item.owner else "somebody"
            did = Content.assemble(
                (who, "$secondary"), (f" flattred it {fmt.when(item.created_at, now, tz)}", "$muted")
            )
            return Content("\n").join([describe_thing(item.thing, now, tz), BLANK, did])
        case Activity():
            return describe_activity(item, now, tz)
        case User():
            return describe_user(item, tz)
    thing = thing_of(item)
    return describe_thing(thing, now, tz) if thing is not None else BLANK


def describe_thing(thing: Thing, now: float, tz: tzinfo = UTC) -> Content:
    """Return the description of a thing, from the fields that are known."""
    by = [f"by {username_of(thing)}" if thing.owner else "", fmt.category(thing.category), fmt.language(thing.language)]
    lines = [Content.styled(thing.title or "(no title)", "bold $accent"), join_parts(by, "$secondary"), BLANK]
    if thing.flattrs is not None:
        people = f" by {fmt.plural(thing.flattrs_user_count, 'person', 'people')}" if thing.flattrs_user_count else ""
        count = fmt.plural(thing.flattrs, "flattr")
        lines += [Content.assemble((count, "bold"), (people, "$muted")), BLANK]
    if thing.description:
        lines += [Content(thing.description), BLANK]
    if thing.tags:
        lines.append(label_value("tags", join_parts(thing.tags)))
    if thing.created_at:
        lines.append(label_value("added", Content(fmt.day(thing.created_at, tz))))
    if thing.last_flattr_at:
        lines.append(label_value("last", Content(f"flattred {fmt.when(thing.last_flattr_at, now, tz)}")))
    if did := join_parts(["flattred it" if thing.flattred else "", "subscribed" if thing.subscribed else ""]):
        lines.append(label_value("you", did.stylize("$success")))
    if thing.hidden:
        lines.append(label_value("", Content.styled("hidden from public lists", "$warning")))
    if address := address_of(thing):
        lines += [BLANK, Content.styled(address, "underline $secondary")]
    return Content("\n").join(lines)


def describe_activity(activity: Activity, now: float, tz: tzinfo = UTC) -> Content:
    """Return the description of an activity: its sentence and what it is about."""
    lines = [
        Content.styled(activity.title or activity.verb, "bold $accent"),
        Content.styled(fmt.when(activity.published, now, tz), "$muted"),
        BLANK,
    ]
    if activity.actor_name and activity.actor_name not in activity.title:
        lines.append(label_value("who", Content.styled(activity.actor_name, "$secondary")))
    if activity.object_name and activity.object_name not in activity.title:
        lines.append(label_value("what", Content(activity.object_name)))
    if activity.object_url:
        lines += [BLANK] if lines[-1] != BLANK else []
        lines.append(Content.styled(activity.object_url, "underline $secondary"))
    return Content("\n").join(lines)


def describe_user(user: User, tz: tzinfo = UTC) -> Content:
    """Return the description of a user: names, place, and what they say about themselves."""
    name = user.name if user.name != user.username else ""
    lines = [Content.styled(user.username, "bold $accent")]
    if text := join_parts([name, ", ".join(part for part in (user.city, user.country) if part)]):
        lines.append(text)
    if user.about:
        lines.append(Content.styled(f"“{user.about}”", "italic"))
    if user.url:
        lines.append(Content.styled(user.url, "underline $secondary"))
    if user.email:
        lines.append(Content.styled(user.email, "$muted"))
    if user.registered_at:
        lines.append(Content.styled(f"since {fmt.month(user.registered_at, tz)}", "$muted"))
    return Content("\n").join(lines)
