"""The command `cache`: verifies, recovers, compresses and deletes saved responses, and rebuilds the catalogue."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from flattr_tui.cli.command_output import NOTHING, ProgressLine, format_columns, format_date
from flattr_tui.cli.errors import echo_done, echo_error
from flattr_tui.model.data_source import BadSourceError, parse_source
from flattr_tui.model.text_sanitizer import single_line
from flattr_tui.paths import Paths, make_data_folder
from flattr_tui.ui.format import byte_size, plural

if TYPE_CHECKING:
    from flattr_tui.library.bookmarks import Bookmarks
    from flattr_tui.store.catalogue import Catalogue
    from flattr_tui.store.response_store import ResponseStore
    from flattr_tui.store.response_store_reader import StoreInfo
    from flattr_tui.store.store_maintenance import PruneSelection

DAY = 86_400


@click.group(
    "cache",
    epilog="""\b
Examples:
  flattr-tui cache info                   # how much is saved, for whom
  flattr-tui cache verify                 # whether all of it can be read
  flattr-tui cache rebuild                # rebuild the catalogue from saved responses
  flattr-tui cache rescue                 # recover what was set aside
  flattr-tui cache prune --source https://flattr.example/rest/v2
  flattr-tui cache prune --older-than 365 --yes
  ls $(flattr-tui cache path | cut -f2)
""",
)
def cache_command() -> None:
    """Check, repair and clean up saved data. Only `prune` deletes any of it, after asking."""


@cache_command.command(
    "path",
    short_help="Print where data is saved.",
    epilog="""\b
Examples:
  flattr-tui cache path
  du -sh $(flattr-tui cache path | cut -f2)
""",
)
def path() -> None:
    """Print the folder of the saved responses, and the file of the catalogue made from them."""
    paths = Paths.standard()
    click.echo(f"responses\t{paths.responses}")
    click.echo(f"catalogue\t{paths.catalogue}")


@cache_command.command(
    "info",
    short_help="Show how much is saved, for whom and since when.",
    epilog="""\b
Examples:
  flattr-tui cache info
  flattr-tui cache info --json | jq '.accounts[].source'

\b
With --json, dates are Unix seconds and sizes are bytes.
""",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def info(as_json: bool) -> None:
    """Show how many responses are saved, how much space they take, and how old they are."""
    from flattr_tui.store import response_store_reader  # noqa: PLC0415 -- imports the store, which --help does not need

    paths = Paths.standard()
    with ProgressLine() as progress_line:
        found = response_store_reader.collect_info(paths.responses, paths.catalogue, progress_line)
    if as_json:
        import msgspec  # noqa: PLC0415

        click.echo(msgspec.json.encode(found))
        return
    for text in _describe_info(found):
        click.echo(text)


def _describe_info(found: "StoreInfo") -> Iterator[str]:
    sizes = found.bytes
    yield (
        f"{plural(found.responses, 'response')} saved: {byte_size(sizes.bodies)} of them in"
        f" {byte_size(sizes.files)} of files, and {byte_size(sizes.index)} for the catalogue."
    )
    if sizes.set_aside:
        yield f"{byte_size(sizes.set_aside)} were set aside; `flattr-tui cache verify` lists it."
    if found.accounts:
        yield ""
        yield from format_columns(
            ("SOURCE", "ACCOUNT", "RESPONSES", "SIZE", "OLDEST", "NEWEST"),
            [
                (
                    one.source,
                    one.account or NOTHING,
                    f"{one.responses:,}",
                    byte_size(one.bytes),
                    format_date(one.oldest),
                    format_date(one.newest),
                )
                for one in found.accounts
            ],
        )


@cache_command.command(
    "verify",
    short_help="Check that everything saved can be read.",
    epilog="""\b
Examples:
  flattr-tui cache verify
  flattr-tui cache verify --sweep         # also remove files that belong to no response

\b
Exit code 1: something is wrong, and each line says what to do about it.
""",
)
@click.option("--sweep", is_flag=True, help="Remove files of the store that belong to no response.")
@click.pass_context
def verify(context: click.Context, sweep: bool) -> None:
    """Read every saved response and the whole catalogue, and report what is damaged.

    Nothing is changed without --sweep. Files that were set aside earlier are listed; they are not an error.
    """
    from flattr_tui.store import integrity_check  # noqa: PLC0415 -- imports the store, which --help does not need

    paths = Paths.standard()
    with ProgressLine() as progress_line:
        done = integrity_check.verify(paths.responses, paths.catalogue, progress_line, sweep=sweep)
    for finding in done.findings:
        echo_error(finding)
    if done.swept:
        echo_done(f"{plural(done.swept, 'file')} without a response removed.")
    click.echo(f"{plural(done.responses, 'response')} can be read{'.' if done.findings else '; all is well.'}")
    for aside in done.set_aside:
        shown = f"{single_line(str(aside.path))} ({byte_size(aside.bytes)})"
        rescue_it = "`flattr-tui cache rescue` recovers it, " if aside.path.is_dir() else ""
        click.echo(f"Set aside: {shown}. {rescue_it}`flattr-tui cache prune --set-aside` removes it.")
    context.exit(1 if done.findings else 0)


@cache_command.command(
    "rebuild",
    short_help="Rebuild the catalogue.",
    epilog="""\b
Examples:
  flattr-tui cache rebuild
""",
)
def rebuild() -> None:
    """Rebuild the catalogue (lists, search, counts) from the saved responses.

    If it is stopped (ctrl+c), it continues when the catalogue is next needed. Other programs may run meanwhile.
    """
    try:
        with open_store() as (_, catalogue), ProgressLine() as progress_line:
            number = catalogue.rebuild(lambda done, of: progress_line("adding to the catalogue", done, of))
            catalogue.check_permanent()
    except KeyboardInterrupt:
        echo_error("Stopped. The rest is added to the catalogue when the program next starts.")
        raise
    echo_done(f"The catalogue was rebuilt from {plural(number, 'response')}.")


@cache_command.command(
    "rescue",
    short_help="Recover responses from damaged stores.",
    epilog="""\b
Examples:
  flattr-tui cache rescue
""",
)
def rescue() -> None:
    """Recover responses from stores that were set aside, and from a store whose database is damaged or missing.

    If there is anything to recover, a new store is written and the current one is set aside, so nothing is lost.
    Quit other programs that use the library first.
    """
    from flattr_tui.store import store_maintenance as rescuer  # noqa: PLC0415 -- imports the store, which --help does not need

    paths = Paths.standard()
    make_data_folder(paths.data, paths.responses)
    with ProgressLine() as progress_line:
        done = rescuer.rescue(paths.responses, notice=echo_error, progress=progress_line)
    if done.unreadable:
        echo_error(f"{plural(done.unreadable, 'file or row', 'files or rows')} could not be read.")
    if not done.rescued:
        click.echo(f"There is nothing to recover: {plural(done.responses, 'response')} saved.")
        return
    with open_store() as (_, catalogue), ProgressLine() as progress_line:
        catalogue.rebuild(lambda number, of: progress_line("adding to the catalogue", number, of))
    echo_done(f"{plural(done.rescued, 'response')} recovered; {done.responses:,} are saved now.")


@cache_command.command(
    "pack",
    short_help="Compress what older versions saved.",
    epilog="""\b
Examples:
  flattr-tui cache pack
""",
)
def pack() -> None:
    """Compress the responses that older versions saved uncompressed, or compressed less.

    New responses are compressed when they are saved. You can stop this (ctrl+c) and run it again at any time.
    """
    with open_store() as (responses, _), ProgressLine() as progress_line:
        count = responses.pack(lambda done, of: progress_line("packing", done, of))
    echo_done(f"Packed {plural(count, 'response')}.")


@cache_command.command(
    "prune",
    short_help="Delete saved data for good.",
    epilog="""\b
Examples:
  flattr-tui cache prune --older-than 365
  flattr-tui cache prune --source sandbox --account ada
  flattr-tui cache prune --account ''     # public responses, of all sources
  flattr-tui cache prune --set-aside --yes
  flattr-tui cache prune --history        # opened pages and searches

\b
Responses are deleted only if they meet all the conditions. --set-aside and
--history delete other data, in addition to responses.
""",
)
@click.option("--source", metavar="SOURCE", help="Responses of this source.")
@click.option("--account", metavar="NAME", help="Only responses for this account; '' means public ones.")
@click.option("--older-than", type=click.FloatRange(0), metavar="DAYS",
              help="Responses neither fetched nor confirmed within this many days.")  # fmt: skip
@click.option("--set-aside", is_flag=True, help="Damaged data that was set aside.")
@click.option("--history", is_flag=True, help="Opened pages and searches; bookmarks are kept.")
@click.option("--yes", is_flag=True, help="Delete without asking.")
@click.pass_context
def prune(
    context: click.Context,
    source: str | None,
    account: str | None,
    older_than: float | None,
    set_aside: bool,
    history: bool,
    yes: bool,
) -> None:
    """Delete the chosen saved responses, or other data that an option names. Nothing else is deleted.

    Without --yes, the command first shows what would be deleted, and asks. Afterwards it rebuilds the catalogue.
    """
    conditions = (source, account, older_than)
    if not set_aside and not history and all(given is None for given in conditions):
        options = "--source, --account, --older-than, --set-aside or --history"
        raise click.UsageError(f"Say what to delete: {options}.", context)
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask on. Use --yes to delete without asking.", context)
    other = _OtherData(list_set_aside_files() if set_aside else [], _open_history() if history else None)
    if all(given is None for given in conditions):
        _prune(None, other, yes=yes)
        return
    before = None if older_than is None else time.time() - older_than * DAY
    from flattr_tui.store.store_maintenance import PruneRequest, select_responses  # noqa: PLC0415 -- imports the store, which --help does not need

    with open_store() as (responses, catalogue):
        wanted = PruneRequest(None if source is None else _read_source_name(source), account, before)
        with ProgressLine() as progress_line:
            chosen = select_responses(responses, wanted, progress_line)
        _prune((responses, catalogue, chosen), other, yes=yes)


def list_set_aside_files() -> list[Path]:
    """Return the paths of damaged files and stores that the program has set aside (renamed instead of deleted)."""
    from flattr_tui.store.shared_files import list_set_aside  # noqa: PLC0415 -- imports the store, which --help does not need

    return list_set_aside(Paths.standard().data)


def _open_history() -> "Bookmarks | None":
    """Return the bookmarks file's content, which includes the history; None if there is no history to delete."""
    from flattr_tui.library.bookmarks import Bookmarks  # noqa: PLC0415 -- not needed for --help

    kept = Bookmarks.open(Paths.standard().bookmarks, notice=echo_error)
    return kept if kept.opened or kept.queries else None


def _read_source_name(text: str) -> str:
    """Return the name of a source, as the response store knows it. `text` is the source as the user typed it.

    If `text` is no valid source, it is returned unchanged.
    """
    try:
        return parse_source(text, allow_http=True).name
    except BadSourceError:
        return text


class _OtherData(NamedTuple):
    """What the user wants to delete besides responses: files that were set aside, and the history."""

    aside: Sequence[Path]
    """Files and stores that were set aside."""
    history: "Bookmarks | None"
    """The bookmarks, of which only the history is deleted; None to keep the history."""

    def describe(self) -> Iterator[str]:
        """Yield a line for each file to delete, and a line for the history if it is to be cleared."""
        from flattr_tui.store.response_store_reader import size_of  # noqa: PLC0415

        for file in self.aside:
            yield f"Set aside: {single_line(str(file))} ({byte_size(size_of(file))})"
        if self.history is not None:
            opened, queries = len(self.history.opened), len(self.history.queries)
            yield f"History: {plural(opened, 'page')} opened, {plural(queries, 'query', 'queries')} searched for"

    def remove(self) -> Iterator[str]:
        """Delete the files that were set aside, and clear the history, as far as the user wants that.

        Yields sentences that say what was deleted.
        """
        from flattr_tui.store import store_maintenance  # noqa: PLC0415

        store_maintenance.remove_set_aside(self.aside)
        if self.aside:
            yield "Deleted what had been set aside."
        if self.history is not None:
            self.history.forget_all()
            self.history.save()
            if not self.history.unsaved:  # a failure was reported when it was saved
                yield "The history of opened pages and searches is cleared."


def _prune(selected: "tuple[ResponseStore, Catalogue, PruneSelection] | None", other: _OtherData, *, yes: bool) -> None:
    """Show what would be deleted, and delete it if the user agrees. With `yes`, the user is not asked.

    `selected` is the store, its catalogue and the responses to delete; None to delete only the data in `other`.
    """
    from flattr_tui.store import store_maintenance  # noqa: PLC0415 -- imports the store, which --help does not need

    sizes = selected[2].sizes if selected is not None else ()
    lines = list(other.describe())
    if not sizes and not lines:
        click.echo("Nothing matches, so nothing was removed. `flattr-tui cache info` shows what is saved.")
        return
    if sizes:
        shown = [(one.source, one.account or NOTHING, f"{one.responses:,}", byte_size(one.bytes)) for one in sizes]
        for text in format_columns(("SOURCE", "ACCOUNT", "RESPONSES", "SIZE"), shown):
            click.echo(text)
    for text in lines:
        click.echo(text)
    if not yes and not click.confirm("Delete this for good?", default=False, err=True):
        click.echo("Nothing was removed.")
        return
    if selected is not None and sizes:
        with ProgressLine() as progress_line:
            removed = store_maintenance.prune(*selected, progress_line)
        echo_done(f"{plural(removed, 'response')} removed.")
    for text in other.remove():
        echo_done(text)
    if other.history is not None and other.history.unsaved:
        click.get_current_context().exit(1)


@contextmanager
def open_store() -> "Iterator[tuple[ResponseStore, Catalogue]]":
    """Yield the response store and its catalogue for a `with` block. Both are closed at the end of the block."""
    from flattr_tui.store.catalogue import Catalogue  # noqa: PLC0415 -- imports the store, which --help does not need
    from flattr_tui.store.response_store import ResponseStore  # noqa: PLC0415

    paths = Paths.standard()
    make_data_folder(paths.data, paths.responses)
    responses = ResponseStore.open(paths.responses, notice=echo_error)
    try:
        catalogue = Catalogue.open(paths.catalogue, responses, notice=echo_error)
        try:
            yield responses, catalogue
        finally:
            catalogue.close()
    finally:
        responses.close()
