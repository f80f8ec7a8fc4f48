"""Makes the pictures in `screenshots/`: `python -m tests.screenshots` plays their scenes with a sandbox as the server.

The SVG pictures are the same byte for byte each time; `tests.ui.scenes` defines their scenes. The picture of the
browser is a screenshot of Chromium (PNG).
"""

import asyncio
import io
import os
import tempfile
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.animated_svg import assemble
from tests.conftest import SCRUBBED_PREFIXES, SCRUBBED_VARIABLES
from tests.e2e.browser import CHROMIUM, TerminalPage
from tests.e2e.web_process import run_web
from tests.ui.scenes import BY_NAME, DARK, HUGE, LIGHT, NARROW, TINY, WIDE, Shot, Studio, correct_text_lengths

FOLDER = Path(__file__).parents[1] / "screenshots"
WIDE_DARK = Shot(WIDE, DARK)
BROWSER = "browser.png"
TOUR = "tour.svg"
TOUR_SHOT = Shot(NARROW, DARK)
TOUR_SCENES = {
    "profile": "flattr-tui",
    "flattrs": "3  their flattrs",
    "filter": "/  filter as you type",
    "thing": "enter  a thing, and who flattred it",
    "search": "5  search",
    "find": "ctrl+f  search everything saved",
    "review": "6  what is saved, drawn",
    "answer": "7  call any method of the API",
}
"""The scenes of the moving picture, with the title above each."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG picture of a scene."""

    scene: str
    shot: Shot = WIDE_DARK

    @property
    def name(self) -> str:
        """The name of the scene. The picture's size and look follow, unless the picture is wide and dark."""
        return self.scene if self.shot == WIDE_DARK else f"{self.scene}-{self.shot.name}"

    @property
    def file(self) -> str:
        return f"{self.name}.svg"


LINEAR = "linear.svg"
LINEAR_LINES = ("3", "/year:2012 language:german", "s flattrs", "11", "y")
"""The lines typed for the picture of linear mode."""

PICTURES: tuple[Picture, ...] = (
    Picture("profile"),
    Picture("profile", Shot(WIDE, LIGHT)),
    Picture("profile", Shot(NARROW, DARK)),
    Picture("flattrs"),
    Picture("flattrs", Shot(TINY, DARK)),
    Picture("things"),
    Picture("search"),
    Picture("review"),
    Picture("review", Shot(HUGE, DARK)),
    Picture("console"),
    Picture("changes"),
    Picture("offline"),
    Picture("help", Shot(NARROW, DARK)),
    Picture("query-help", Shot(NARROW, DARK)),
)


async def take_all(folder: Path) -> None:
    """Write all SVG pictures to a folder, and remove all other SVG files in this folder."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.svg"):
        path.unlink()
    with tempfile.TemporaryDirectory() as home, Studio(Path(home)) as studio:
        for scene, pictures in groupby(PICTURES, key=lambda picture: picture.scene):
            scene_pictures = list(pictures)
            svgs = await studio.take_pictures(BY_NAME[scene], [picture.shot for picture in scene_pictures])
            for picture in scene_pictures:
                (folder / picture.file).write_text(svgs[picture.shot], encoding="utf-8")
        (folder / LINEAR).write_text(draw_text(await studio.print_lines(*LINEAR_LINES)), encoding="utf-8")
        frames = []
        for scene, title in TOUR_SCENES.items():
            # Start wide and resize, as the snapshots do.
            svgs = await studio.take_pictures(BY_NAME[scene], [WIDE_DARK, TOUR_SHOT])
            frames.append((title, svgs[TOUR_SHOT]))
        (folder / TOUR).write_text(assemble(frames), encoding="utf-8")


def draw_text(text: str) -> str:
    """Return an SVG of `text`, the output of linear mode, from its first prompt on."""
    console = Console(record=True, width=80, file=io.StringIO(), force_terminal=True, color_system=None)
    console.print(Text(text[text.index("> ") :].rstrip()))
    return correct_text_lengths(console.export_svg(title="flattr-tui --linear", unique_id="linear"))


def photograph_browser(file: Path) -> None:
    """Write a PNG screenshot of `flattr-tui web` in Chromium. The program runs with the real clock."""
    with tempfile.TemporaryDirectory() as home:
        home_variables = dict.fromkeys(
            ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"), home
        )
        with run_web("--user", "melodia", environment=os.environ | home_variables) as web:
            page = TerminalPage(Path(home) / "chromium", size=(1200, 760))
            try:
                page.open(web.address)
                for text in ("all 279", "115 41 %", "30 activities"):
                    page.wait_for_text(text)
                page.press("j", 74, "j")
                page.wait_until(lambda: page.line_of("▸") > page.line_of("30 activities") + 2)
                page.wait_until(lambda: page.take_screenshot(page.line_of("melodia")) != page.take_screenshot(2))
                file.write_bytes(page.take_screenshot())
            finally:
                page.close()


def main() -> None:
    """Make all pictures, independently of the user's environment. Without Chromium, the PNG picture stays as it is."""
    for name in [*SCRUBBED_VARIABLES, *(name for name in os.environ if name.startswith(SCRUBBED_PREFIXES))]:
        os.environ.pop(name, None)
    os.environ["COLUMNS"] = "80"  # for linear mode
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    asyncio.run(take_all(FOLDER))
    if CHROMIUM:
        photograph_browser(FOLDER / BROWSER)
    print(f"{len(PICTURES)} pictures in {FOLDER}, {LINEAR}, {TOUR}" + (f", {BROWSER}" if CHROMIUM else ""))


if __name__ == "__main__":
    main()
