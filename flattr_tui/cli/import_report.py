"""Reports an import: what was imported, from whom, how to view it, and what was left out and why."""

import json
import shlex
from collections.abc import Iterator, Sequence
from typing import Any, Final

import click

from flattr_tui.cli.errors import NAME, echo_done, echo_error
from flattr_tui.library.transfer.import_outcome import ImportOutcome
from flattr_tui.model.revenue import UNNAMED

MAX_NAMED: Final = 10
"""How many skipped entries are named without --verbose."""
MAX_PEOPLE: Final = 5
"""How many people are named."""
_KINDS: Final = ("things", "flattrs", "activities", "subscriptions", "lookups", "choices")


def echo_outcome(outcome: ImportOutcome, *, verbose: bool) -> None:
    """Write what was imported to stdout, and what was left out to stderr."""
    echo_done(f"{_counts(outcome.new, outcome.already_stored, outcome.skipped_count, outcome.bookmarks)}.")
    if not (outcome.new or outcome.already_stored or outcome.skipped_count or outcome.bookmarks or outcome.stopped):
        echo_error("Nothing was found that could be imported.")
    if verbose and len(outcome.files) > 1:
        for file, counts in outcome.files.items():
            echo_done(f"{file}: {_counts(counts.new, counts.known, counts.left_out)}")
    if sentence := describe_contents(outcome):
        echo_done(f"{sentence}. See them: {view_command(outcome)}")
    if UNNAMED in outcome.earnings:
        echo_done(f"The files do not say who {UNNAMED!r} is: {NAME} library rename {UNNAMED} NAME")
    for remark in outcome.remarks:
        echo_done(remark)
    if outcome.stopped:
        echo_error("Stopped. What was read so far is kept; import again to go on.")
    _echo_left_out(outcome, verbose=verbose)


def _counts(new: int, known: int, left_out: int, bookmarks: int = 0) -> str:
    parts = [f"{new:,} imported"]
    parts += [f"{known:,} already there"] if known else []
    parts += [f"{left_out:,} left out"] if left_out else []
    parts += [f"{bookmarks:,} bookmarks added"] if bookmarks else []
    return ", ".join(parts)


def _echo_left_out(outcome: ImportOutcome, *, verbose: bool) -> None:
    if verbose or outcome.skipped_count <= MAX_NAMED:
        for left_out in outcome.skipped:
            echo_error(f"left out: {left_out}")
        if (more := outcome.skipped_count - len(outcome.skipped)) > 0:
            echo_error(f"… and {more:,} more.")
        return
    reasons = outcome.reasons.most_common()
    for reason, number in reasons[:MAX_NAMED]:
        echo_error(f"left out, {'once' if number == 1 else f'{number:,} times'}: {reason}")
    more = sum(number for _, number in reasons[MAX_NAMED:])
    echo_error(f"{f'… and {more:,} more for other reasons. ' if more else ''}--verbose names each.")


def describe_contents(outcome: ImportOutcome) -> str:
    """Describe the imported items, as `5 things and 30 flattrs of ada, 3 months of earnings of ada`; "" for none."""
    people = _rank_people(outcome)
    parts = [part for name in people[:MAX_PEOPLE] if (part := _describe_person(name, outcome.people[name]))]
    if len(people) > MAX_PEOPLE:
        parts.append(f"and of {len(people) - MAX_PEOPLE:,} other people")
    for name, months in sorted(outcome.earnings.items()):
        parts.append(f"{_count(len(months), 'months')} of earnings of {name}")
    return "; ".join(parts)


def _describe_person(name: str, kinds: dict[str, set[str]]) -> str:
    counted = [_count(len(kinds[kind]), kind) for kind in _KINDS if kinds.get(kind)]
    if kinds.get("people") and name:
        counted.append("the profile")
    said = " and ".join([", ".join(counted[:-1]), counted[-1]] if len(counted) > 1 else counted)
    return f"{said} of {name}" if said and name else said


def _rank_people(outcome: ImportOutcome) -> list[str]:
    """Return the people, the one with most items first, and items without an owner last."""
    return sorted(
        outcome.people, key=lambda name: (not name, -sum(map(len, outcome.people[name].values())), name.casefold())
    )


def _count(number: int, plural: str) -> str:
    singular = plural.removesuffix("ies") + "y" if plural.endswith("ies") else plural.removesuffix("s")
    return f"{number:,} {plural if number != 1 else singular}"


def view_command(outcome: ImportOutcome) -> str:
    """Return the command that shows what was imported."""
    people = [name for name in _rank_people(outcome) if name]
    if not people and outcome.earnings and not outcome.people:
        return f"{NAME} earnings {shlex.quote(min(outcome.earnings))}"
    user = f" --user {shlex.quote(people[0])}" if people else ""
    return f"{NAME} --source saved{user}"


def echo_json(outcome: ImportOutcome) -> None:
    """Print the outcome as one JSON object, for scripts."""
    click.echo(json.dumps(_to_data(outcome), ensure_ascii=False, indent=2))


def _to_data(outcome: ImportOutcome) -> dict[str, Any]:
    return {
        "imported": outcome.new,
        "already_there": outcome.already_stored,
        "left_out": outcome.skipped_count,
        "bookmarks": outcome.bookmarks,
        "stopped": outcome.stopped,
        "people": {
            name: {kind: len(keys) for kind, keys in outcome.people[name].items()} for name in _rank_people(outcome)
        },
        "earnings": {name: sorted(months) for name, months in sorted(outcome.earnings.items())},
        "see": view_command(outcome) if outcome.people or outcome.earnings else None,
        "files": [
            {"file": file, "imported": counts.new, "already_there": counts.known, "left_out": counts.left_out}
            for file, counts in outcome.files.items()
        ],
        "reasons": dict(outcome.reasons.most_common()),
        "named": [{"file": one.file, "place": one.place, "reason": one.reason} for one in outcome.skipped],
        "remarks": outcome.remarks,
    }


def format_table(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Format the table of file formats."""
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for row in rows:
        yield f"{row[0].ljust(widths[0])}  {row[1].ljust(widths[1])}  {row[2]}".rstrip()
