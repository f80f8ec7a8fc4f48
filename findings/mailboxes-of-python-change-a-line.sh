#!/usr/bin/env bash
# A mail of which Python's mailbox has made an mbox isn't the same when it's read again, by Python or by Node.
#
# Guess: In an mbox a line that begins with `From ` gets a `>`, and loses it when it's read: a mail that `mailbox.mbox`
# has stored comes back as it was, from it and from other readers.
# What happens: Python puts the sign in front, and nobody takes it away: its own reader and node-mbox give `>From here
# on`. mbox-reader takes it away, but takes one from `>From me` as well, which had it before: Python didn't put a second
# one in front, as readers that take them away count on. So of two lines each reader has one wrong, and no reader can
# know. A mail or a text file in it that is signed no longer has its signature's text.
# Versions: CPython 3.11.7 (the Python that runs this is used); mbox-reader 1.2.0 and node-mbox 2.0.0 on Node 20.
# Source: run of this script; RFC 4155, appendix A, says that conventions differ; `email.generator`, `mangle_from_`.
# In this program: a file that is attached in base64 isn't touched by this; mails are read only
# (library/import_export/embedded_files.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund mbox-reader@1.2.0 node-mbox@2.0.0 >/dev/null
cat >read.mjs <<'SCRIPT'
import {createReadStream} from 'node:fs';
import {mboxReader} from 'mbox-reader';
import {MboxStream} from 'node-mbox';

const body = mail => mail.toString().split(/\n\r?\n/).slice(1).join('\n').trim().split('\n');
const seen = {};
for await (const {content} of mboxReader(createReadStream('mails.mbox'))) {
  seen['mbox-reader'] = body(content);
}
seen['node-mbox'] = await new Promise(resolve => {
  MboxStream(createReadStream('mails.mbox')).on('data', mail => resolve(body(mail)));
});
console.log(JSON.stringify(seen));
SCRIPT
"${PYTHON:-python3}" - <<'PYTHON'
import json, mailbox, subprocess, sys
from email.message import EmailMessage

LINES = ["From here on it is yours.", ">From me"]
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = "ada@h.example", "bob@h.example", "things"
mail.set_content("\n".join(LINES) + "\n")
with_one = mailbox.mbox("mails.mbox")
with_one.add(mail)
with_one.close()
[stored] = mailbox.mbox("mails.mbox")
node = subprocess.run(["node", "read.mjs"], capture_output=True, text=True, check=True).stdout
seen = {"mailbox": stored.get_payload().splitlines()} | json.loads(node)
print("before:", LINES)
for name, lines in seen.items():
    print(f"{name}: {lines}")
unchanged = seen == {
    "mailbox": [">From here on it is yours.", ">From me"],
    "mbox-reader": ["From here on it is yours.", "From me"],
    "node-mbox": [">From here on it is yours.", ">From me"],
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
