"""Tests that commands and the first screen import no package before they need it, each in a new process."""

import asyncio
import subprocess
import sys
from importlib.util import find_spec

import pytest

from flattr_tui.cli.library_factory import open_library
from flattr_tui.settings import Settings
from tests.cli.conftest import list_imports

LATE = ("httpx", "authlib", "keyring", "starlette", "uvicorn", "yaml", "defusedxml", "multipart", "warcio")


def test_version_and_help_import_no_large_package() -> None:
    for argument in ("--version", "--help"):
        code = f"from flattr_tui.cli.root_command import run\nrun([{argument!r}])"
        assert list_imports(code, [*LATE, "textual", "rich", "diskcache", "sqlite3"]) == set()


def test_commands_import_no_textual() -> None:
    for arguments in (["methods"], ["serve", "--help"], ["sync", "--help"], ["get", "--help"], ["doctor", "--help"]):
        code = f"from flattr_tui.cli.root_command import run\nrun({arguments!r})"
        assert list_imports(code, ["textual", "rich", "httpx", "keyring"]) == set()


async def _save_pages() -> None:
    from flattr_tui.model.api_request import ApiRequest, user_flattrs_request  # noqa: PLC0415

    library = open_library(Settings(rate_limit=0))
    worker = asyncio.create_task(library.run())
    for request in (ApiRequest.of("user", username="ada"), user_flattrs_request("ada")):
        library.observe(request)
    await library.ready()
    async with asyncio.timeout(30):
        while library.record(ApiRequest.of("user", username="ada")).entity is None or not len(
            library.feed(user_flattrs_request("ada"))
        ):
            await asyncio.sleep(0)
    worker.cancel()
    await library.aclose()


PAINT = """
import asyncio
import subprocess
import sys
from flattr_tui.cli.library_factory import NoticeQueue, open_library
from flattr_tui.cli.app_start import make_app
from flattr_tui.settings import Settings

async def paint():
    settings = Settings(offline={offline}, user="ada")
    app = make_app(open_library(settings, notices=NoticeQueue(at_once=False)), settings)
    seen = []
    def look():
        text = "\\n".join(strip.text for strip in app.screen._compositor.render_strips())
        if "Ada" in text and not seen:
            seen.append(sorted({{name.partition(".")[0] for name, module in sys.modules.items() if module}} & {late!r}))
            app.exit(0)
    async with app.run_test(size=(120, 40)) as pilot:
        app.set_interval(0.001, look)
        async with asyncio.timeout(20):
            while not seen:
                await pilot.pause()
    return seen[0]

print(asyncio.run(paint()))
"""


async def test_saved_data_is_painted_before_the_network_is_imported() -> None:
    await _save_pages()
    code = PAINT.format(offline=True, late=set(LATE))
    assert list_imports(code, LATE) == set()


def test_the_first_screen_imports_no_module_that_only_later_ones_need() -> None:
    shown_later = (
        "model.revenue_csv",
        "ui.panes.change_table",
        "ui.widgets.dialogs",
        "ui.widgets.inputs",
    )
    fetched = (
        "api.client",
        "api.token_store",
        "library.fetch.fetcher",
        "model.entity_decoder",
        "store.response_ingestor",
    )
    late = ("linear_mode.command_loop", *shown_later, *fetched, "store.saved_list_sorter", "store.thing_search")
    foreign = ("textual.widgets._text_area", "html", "csv", "webbrowser")
    names = [*(f"flattr_tui.{name}" for name in late), *foreign]
    assert all(map(find_spec, names)), "a module has another name now"
    code = (
        "import flattr_tui.cli.linear_start, flattr_tui.cli.app_start, flattr_tui.ui.screens.profile\n"
        f"late = {{name for name in {names!r} if name in sys.modules}}\n"
        "assert not late, late"
    )
    assert list_imports(code, ["httpx"]) == set()


def test_the_network_is_imported_without_a_command_line_of_its_own() -> None:
    assert list_imports("import flattr_tui.api.http_transport", ["httpx", "pygments"]) == {"httpx"}


def test_a_package_that_turns_on_the_global_lock_is_not_worth_a_warning() -> None:
    code = """
import sys, warnings
from flattr_tui.cli import main
sys.abiflags = "t"
try:
    main(["--version"])
except SystemExit:
    warnings.warn("The global interpreter lock (GIL) has been enabled to load module 'm'", RuntimeWarning)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("flattr-tui ")
    assert done.stderr == ""


FIRST_REQUEST = """
import asyncio, sys, threading
from contextlib import nullcontext
from flattr_tui.api.http_transport import HttpTransport
from flattr_tui.cli.library_factory import run_coroutine
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.server import serving
from flattr_tui.sandbox.world import World

imported = []

class Recorder:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is threading.main_thread():
            imported.append(name)

async def send(root, app, loopback):
    http = await asyncio.to_thread(HttpTransport, app, loopback=loopback)
    sys.meta_path.insert(0, Recorder())
    response = await http.send("GET", f"{{root}}/rest/v2/users/ada", {{}})
    assert response.status == 200

with World.open(None) as world:
    app = create_app(world)
    with serving(app) if {network} else nullcontext("http://sandbox") as root:
        run_coroutine(send(root, None if {network} else app, {loopback}))
assert not imported, imported
"""


@pytest.mark.parametrize(
    ("network", "loopback"), [(False, False), (True, True), (True, False)], ids=["sandbox", "loopback", "network"]
)
def test_the_first_request_imports_nothing_on_the_event_loop(network: bool, loopback: bool) -> None:
    assert list_imports(FIRST_REQUEST.format(network=network, loopback=loopback), ["httpx"]) == {"httpx"}
