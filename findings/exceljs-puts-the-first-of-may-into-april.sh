#!/usr/bin/env bash
# ExcelJS on a computer in Berlin writes `new Date(2013, 4, 1)` as 30 April 2013, 22:00, and SheetJS writes 1 May.
#
# Guess: A spreadsheet has days and times without a zone, so a library writes the day that the program shows, the local
# one; both libraries write the same sheet.
# What happens: ExcelJS writes and reads the time in UTC: in Berlin local midnight is the evening of the day before, and
# a report's first of May is in April; in New York it's 4:00. SheetJS (0.18, the newest on npm) writes and reads local
# time, so there it's `new Date('2013-05-01')`, midnight in UTC, that shows as 2:00 in Berlin and as 30 April, 20:00, in
# New York. A sheet that openpyxl wrote with 1 May 2013 is read as two moments. On servers, which run in UTC, the two
# agree.
# Versions: exceljs 4.4.0, xlsx 0.18.5 on Node 20; openpyxl 3.1.5.
# Source: run of this script; ECMA-376, 18.17.4: a serial value is a number of days, and has no time zone.
# In this program: a revenue report's months are texts; no spreadsheets are written (model/revenue_csv.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check openpyxl==3.1.5
npm install --silent --no-audit --no-fund exceljs@4.4.0 xlsx@0.18.5 >/dev/null
cat >sheets.cjs <<'SCRIPT'
const ExcelJS = require('exceljs');
const XLSX = require('xlsx');

(async () => {
  const days = [new Date(2013, 4, 1), new Date('2013-05-01')];
  const written = new ExcelJS.Workbook();
  written.addWorksheet('a').addRow(days);
  await written.xlsx.writeFile('ExcelJS.xlsx');
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet([days]), 'a');
  XLSX.writeFile(book, 'SheetJS.xlsx');
  const read = new ExcelJS.Workbook();
  await read.xlsx.readFile('openpyxl.xlsx');
  const {Sheets, SheetNames} = XLSX.readFile('openpyxl.xlsx', {cellDates: true});
  const moments = [read.worksheets[0].getCell('A1').value, Sheets[SheetNames[0]].A1.v];
  console.log(JSON.stringify(moments));
})();
SCRIPT
venv/bin/python - <<'PYTHON'
import datetime, json, os, subprocess, sys
import openpyxl

book = openpyxl.Workbook()
book.active.append([datetime.datetime(2013, 5, 1)])
book.save("openpyxl.xlsx")
seen = {}
for zone in ("UTC", "Europe/Berlin", "America/New_York"):
    environment = os.environ | {"TZ": zone}
    node = subprocess.run(["node", "sheets.cjs"], env=environment, capture_output=True, text=True, check=True).stdout
    for name, moment in zip(["ExcelJS", "SheetJS"], json.loads(node)):
        cells = openpyxl.load_workbook(f"{name}.xlsx").active[1]
        seen[zone, name] = [f"{cell.value:%d.%m. %H:%M}" for cell in cells]
        seen[zone, name].append(f"{datetime.datetime.fromisoformat(moment):%d.%m. %H:%M}")
        print(f"{name} in {zone}: local midnight, midnight in UTC: {seen[zone, name][:2]}; read, in UTC: {moment}")
may = "01.05. 00:00"
unchanged = seen["UTC", "ExcelJS"] == seen["UTC", "SheetJS"] == [may] * 3
unchanged &= seen["Europe/Berlin", "ExcelJS"] == ["30.04. 22:00", may, may]
unchanged &= seen["America/New_York", "ExcelJS"] == ["01.05. 04:00", may, may]
unchanged &= seen["Europe/Berlin", "SheetJS"] == [may, "01.05. 02:00", "30.04. 22:00"]
unchanged &= seen["America/New_York", "SheetJS"] == [may, "30.04. 20:00", "01.05. 04:00"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
