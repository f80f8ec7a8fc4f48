#!/usr/bin/env bash
# Textual's `deliver_text` writes over a file of the same name in the folder of downloads, without a word.
#
# Guess: What an app delivers to its user is a download. As in a browser, a second `report.csv` is `report (1).csv`, or
# there is an error.
# What happens: The file that was there is gone, whoever made it, and DeliveryComplete is posted as if it were new. The
# same app behind textual-serve keeps both, since a browser does.
# Versions: textual 8.2.8 on Python 3.11.
# Source: run of this script; textual/app.py, `deliver_text`: the file is saved to the user's downloads; nothing is said
# of a file that is there.
# In this program: `e` asks before it replaces a file (ui/screens/export_dialog.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
venv/bin/python - <<'PYTHON'
import asyncio, io, pathlib, sys
from textual.app import App


class Report(App):
    def __init__(self):
        super().__init__()
        self.told = []

    def on_delivery_complete(self, event):
        self.told.append("complete")

    def on_delivery_failed(self, event):
        self.told.append("failed")


async def deliver():
    app = Report()
    async with app.run_test() as pilot:
        app.deliver_text(io.StringIO("June"), save_directory="downloads", save_filename="report.csv")
        while not app.told:
            await pilot.pause(0.02)
    return app.told


folder = pathlib.Path("downloads")
folder.mkdir()
(folder / "report.csv").write_text("May, and three hours of notes")
told = asyncio.run(deliver())
files = {path.name: path.read_text() for path in folder.iterdir()}
print("told:", told, "files:", files)
unchanged = told == ["complete"] and files == {"report.csv": "June"}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
