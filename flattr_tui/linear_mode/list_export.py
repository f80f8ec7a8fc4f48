"""The command `export` of linear mode, which writes the items of a page to a file."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from flattr_tui.api.method_table import BY_NAME
from flattr_tui.library.import_export.exporter import ExportFormat, format_items, write_file
from flattr_tui.linear_mode.pages import FeedPage, Page
from flattr_tui.linear_mode.text_io import TextOutput
from flattr_tui.ui import format as fmt

ENDINGS = ", ".join(f".{form.value}" for form in ExportFormat)


async def export_page(page: Page, name: str, output: TextOutput, confirm: Callable[[str], Awaitable[bool]]) -> None:
    """Write all saved items of a page to the file `name`, and print to `output` how many, or why that failed.

    The suffix of the file's name decides the format. If the file exists, it is replaced only if `confirm`, which is
    called with a question, returns True.
    """
    target = Path(name)
    ending = target.suffix.lstrip(".").lower()
    if ending not in set(ExportFormat):
        output.write(f"Say to which file, with one of the endings {ENDINGS}, for example: export list.csv.")
        return
    if await asyncio.to_thread(target.exists) and not await confirm(f"{target} exists already. Replace it?"):
        output.write("Nothing was written.")
        return
    method = BY_NAME.get(page.request.method) if isinstance(page, FeedPage) else None
    written = 0

    def write() -> None:
        nonlocal written
        records = list(page.records())
        written = len(records)
        write_file(target, format_items(records, ExportFormat(ending), kind=method.response_kind if method else None))

    try:
        await asyncio.to_thread(write)
    except OSError as error:
        output.write(f"{target} can't be written: {error.strerror or error}.")
    else:
        output.write(f"{fmt.plural(written, 'row')} written to {target}.")
