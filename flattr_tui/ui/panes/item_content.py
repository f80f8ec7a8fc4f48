"""An item in words and numbers, as content to be shown: server text goes in as text, never as markup."""

from collections.abc import Iterable
from datetime import UTC, tzinfo

from textual.content import Content

from flattr_tui.model.entities import Activity, Entity, Flattr, Thing, User
from flattr_tui.ui import format as fmt
from flattr_tui.ui.item_links import address_of, thing_of, username_of

DOT = Content.styled(" · ", "$muted")
BLANK = Content("")
STAR = Content.styled(" ★", "$accent")
"""Beside what is bookmarked."""


def dotted(parts: Iterable[str], style: str = "") -> Content:
    """Put what is there on one line, with dots between."""
    return DOT.join(Content.styled(part, style) if style else Content(part) for part in parts if part)


def labelled(label: str, value: Content, width: int = 8) -> Content:
    """Put a quiet name before a value."""
    return Content.styled(label.ljust(width), "$muted") + value


def describe(item: Entity | None, now: float, tz: tzinfo = UTC, *, marked: bool = False) -> Content:
    """Describe any item for the pane beside a list; one that is bookmarked (`marked`) has a star at its name."""
    described = _described(item, now, tz)
    if not marked:
        return described
    first, *rest = described.split("\n", allow_blank=True)
    return Content("\n").join([first + STAR, *rest])


def _described(item: Entity | None, now: float, tz: tzinfo) -> Content:
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
    """Describe a thing, whole or mini: only what is known of it is said."""
    by = [f"by {username_of(thing)}" if thing.owner else "", fmt.category(thing.category), fmt.language(thing.language)]
    lines = [Content.styled(thing.title or "(no title)", "bold $accent"), dotted(by, "$secondary"), BLANK]
    if thing.flattrs is not None:
        people = f" by {fmt.plural(thing.flattrs_user_count, 'person', 'people')}" if thing.flattrs_user_count else ""
        count = fmt.plural(thing.flattrs, "flattr")
        lines += [Content.assemble((count, "bold"), (people, "$muted")), BLANK]
    if thing.description:
        lines += [Content(thing.description), BLANK]
    if thing.tags:
        lines.append(labelled("tags", dotted(thing.tags)))
    if thing.created_at:
        lines.append(labelled("added", Content(fmt.day(thing.created_at, tz))))
    if thing.last_flattr_at:
        lines.append(labelled("last", Content(f"flattred {fmt.when(thing.last_flattr_at, now, tz)}")))
    if did := dotted(["flattred it" if thing.flattred else "", "subscribed" if thing.subscribed else ""]):
        lines.append(labelled("you", did.stylize("$success")))
    if thing.hidden:
        lines.append(labelled("", Content.styled("hidden from public lists", "$warning")))
    if address := address_of(thing):
        lines += [BLANK, Content.styled(address, "underline $secondary")]
    return Content("\n").join(lines)


def describe_activity(activity: Activity, now: float, tz: tzinfo = UTC) -> Content:
    """Describe an activity: the sentence, and what it is about."""
    lines = [
        Content.styled(activity.title or activity.verb, "bold $accent"),
        Content.styled(fmt.when(activity.published, now, tz), "$muted"),
        BLANK,
    ]
    if activity.actor_name and activity.actor_name not in activity.title:
        lines.append(labelled("who", Content.styled(activity.actor_name, "$secondary")))
    if activity.object_name and activity.object_name not in activity.title:
        lines.append(labelled("what", Content(activity.object_name)))
    if activity.object_url:
        lines += [BLANK] if lines[-1] != BLANK else []
        lines.append(Content.styled(activity.object_url, "underline $secondary"))
    return Content("\n").join(lines)


def describe_user(user: User, tz: tzinfo = UTC) -> Content:
    """Describe a user: who, where, what about."""
    name = user.name if user.name != user.username else ""
    lines = [Content.styled(user.username, "bold $accent")]
    if told := dotted([name, ", ".join(part for part in (user.city, user.country) if part)]):
        lines.append(told)
    if user.about:
        lines.append(Content.styled(f"“{user.about}”", "italic"))
    if user.url:
        lines.append(Content.styled(user.url, "underline $secondary"))
    if user.email:
        lines.append(Content.styled(user.email, "$muted"))
    if user.registered_at:
        lines.append(Content.styled(f"since {fmt.month(user.registered_at, tz)}", "$muted"))
    return Content("\n").join(lines)
