#!/usr/bin/env bash
# nanotar cuts the folders from names of more than 100 letters in a tar, so two files become one.
#
# Guess: A reader of tar gives each name whole: names of up to 255 letters are in the header of each ustar, in two
# fields.
# What happens: ustar puts the end of a long name into `name` and the folders in front of it into `prefix`. nanotar
# reads `name` alone: of `archive/…/2013/things.json` there's `2013/things.json`, or less, and two such files in
# different folders have one name. The longer names of pax and GNU tar it reads whole, so the older form is the one that
# fails. tar-stream, tar and modern-tar read all three.
# Versions: nanotar 0.3.0; tar-stream 3.2.2, tar 7.5.23 and modern-tar 0.8.6 on Node 20; Python's tarfile writes.
# Source: run of this script; POSIX, pax, 'ustar Interchange Format': if prefix isn't empty, the name is the prefix, a
# slash, and the name.
# In this program: Python's tarfile reads all three (library/import_export/archive_members.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund nanotar@0.3.0 tar-stream@3.2.2 tar@7.5.23 modern-tar@0.8.6 >/dev/null
cat >list.mjs <<'SCRIPT'
import {readFileSync} from 'node:fs';
import {unpackTar} from 'modern-tar';
import {parseTar} from 'nanotar';
import * as tar from 'tar';
import {extract} from 'tar-stream';

const [file] = process.argv.slice(2);
const data = readFileSync(file);
const byStream = extract();
byStream.end(data);
const names = {'nanotar': parseTar(data).map(({name}) => name), 'tar-stream': [], 'tar': []};
for await (const entry of byStream) {
  names['tar-stream'].push(entry.header.name);
  entry.resume();
}
await tar.t({file, onReadEntry: ({path}) => names.tar.push(path)});
names['modern-tar'] = (await unpackTar(data)).map(({header}) => header.name);
console.log(JSON.stringify(names));
SCRIPT
"${PYTHON:-python3}" - <<'PYTHON'
import io, json, subprocess, sys, tarfile

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "pax": tarfile.PAX_FORMAT, "GNU": tarfile.GNU_FORMAT}
NAMES = [f"{folder}/{'a-long-name-of-a-folder/' * 4}things.json" for folder in ("ada", "bob")]
seen = {}
for name, form in FORMATS.items():
    with tarfile.open("things.tar", "w", format=form) as archive:
        for path in NAMES:
            member = tarfile.TarInfo(path)
            member.size = 3
            archive.addfile(member, io.BytesIO(b"one"))
    node = subprocess.run(["node", "list.mjs", "things.tar"], capture_output=True, text=True, check=True).stdout
    seen[name] = json.loads(node)
    print(f"{name}: nanotar {seen[name]['nanotar']}; whole:", *(one for one in seen[name] if seen[name][one] == NAMES))
cut = seen["ustar"].pop("nanotar")
unchanged = cut[0] == cut[1] and NAMES[0].endswith(cut[0]) and len(cut[0]) < len(NAMES[0])
unchanged &= all(names == NAMES for by_format in seen.values() for names in by_format.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
