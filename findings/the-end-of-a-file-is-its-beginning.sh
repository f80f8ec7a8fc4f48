#!/usr/bin/env bash
# Asked for the last bytes of a file, sirv sends the first, and Express and Flask none if the file is shorter.
#
# Guess: `Range: bytes=-4` gives the last four bytes, and all of a file that is shorter. Readers of a zip on a server,
# such as a WACZ, ask like this for its directory, which is at the end.
# What happens: sirv sends the first five bytes: 206, and a correct Content-Range for them. What it can't read it takes
# for zeros, so for a unit that isn't bytes there's a part as well. send, behind Express, serve-handler and Werkzeug,
# behind Flask, send the last four, but refuse with 416 if the file has fewer than asked for: `bytes=-65536`, the usual
# question for a zip's end, fails for each small archive. Starlette, aiohttp and Falcon do as guessed.
# Versions: sirv 3.0.2, send 1.2.1, serve-handler 6.1.8 on Node 20; flask 3.1.3 with werkzeug 3.1.9, starlette 1.10.0,
# aiohttp 3.14.5, falcon 4.4.0.
# Source: run of this script; sirv/build.js, `send`; RFC 9110, 14.1.2: if the representation is shorter than the
# suffix's length, the entire representation is used; 14.2: a server MUST ignore a unit that it doesn't understand.
# In this program: archives are read from files, from the beginning (library/import_export/archive_members.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check aiohttp==3.14.5 falcon==4.4.0 starlette==1.10.0 \
  flask==3.1.3 werkzeug==3.1.9 httpx==0.28.1
npm install --silent --no-audit --no-fund sirv@3.0.2 send@1.2.1 serve-handler@6.1.8 >/dev/null
mkdir files
printf '0123456789' >files/a.bin
cat >serve.mjs <<'SCRIPT'
import http from 'node:http';
import send from 'send';
import serveHandler from 'serve-handler';
import sirv from 'sirv';

const listeners = {
  'sirv': sirv('files', {dev: true}),
  'send': (request, response) => send(request, request.url, {root: 'files'}).pipe(response),
  'serve-handler': (request, response) => serveHandler(request, response, {public: 'files'}),
};
const seen = {};
for (const [name, listener] of Object.entries(listeners)) {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  await new Promise(done => server.once('listening', done));
  seen[name] = [];
  for (const range of JSON.parse(process.argv[2])) {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/a.bin`, {headers: {Range: range}});
    seen[name].push([answer.status, await answer.text(), answer.headers.get('Content-Range')]);
  }
  server.closeAllConnections();
  server.close();
}
console.log(JSON.stringify(seen));
SCRIPT
venv/bin/python - <<'PYTHON'
import asyncio, json, logging, os, subprocess, sys
import falcon, flask, httpx
from aiohttp import ClientSession, web
from starlette.staticfiles import StaticFiles

FOLDER = os.path.abspath("files")
RANGES = ["bytes=-4", "bytes=-65536", "items=2-3"]
logging.disable()
by_falcon = falcon.App()
by_falcon.add_static_route("/", FOLDER)
by_flask = flask.Flask("files", static_folder=FOLDER, static_url_path="")


async def aiohttp():
    app = web.Application()
    app.router.add_static("/", FOLDER)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    seen = []
    async with ClientSession() as session:
        address = "http://127.0.0.1:{1}/a.bin".format(*runner.addresses[0])
        for one in RANGES:
            async with session.get(address, headers={"Range": one}) as answer:
                seen.append([answer.status, await answer.text(), answer.headers.get("Content-Range")])
    await runner.cleanup()
    return seen


async def asgi(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        answers = [await client.get("http://h/a.bin", headers={"Range": one}) for one in RANGES]
    return [[answer.status_code, answer.text, answer.headers.get("Content-Range")] for answer in answers]


def wsgi(app):
    with httpx.Client(transport=httpx.WSGITransport(app)) as client:
        answers = [client.get("http://h/a.bin", headers={"Range": one}) for one in RANGES]
    return [[answer.status_code, answer.text, answer.headers.get("Content-Range")] for answer in answers]


node = subprocess.run(["node", "serve.mjs", json.dumps(RANGES)], capture_output=True, text=True, check=True)
seen = json.loads(node.stdout) | {
    "Werkzeug": wsgi(by_flask),
    "Starlette": asyncio.run(asgi(StaticFiles(directory=FOLDER))),
    "aiohttp": asyncio.run(aiohttp()),
    "Falcon": wsgi(by_falcon),
}
for name, answers in seen.items():
    print(f"{name}:", *(f"{one}: {answer[0]} {answer[1][:10]!r};" for one, answer in zip(RANGES, answers)))
first = [206, "01234", "bytes 0-4/10"]
unchanged = seen["sirv"][0] == first and seen["sirv"][2][0] == 206
unchanged &= all(answers[0][:2] == [206, "6789"] for name, answers in seen.items() if name != "sirv")
unchanged &= all(seen[name][1][0] == 416 for name in ("send", "serve-handler", "Werkzeug"))
unchanged &= all(seen[name][1][:2] == [206, "0123456789"] for name in ("Starlette", "aiohttp", "Falcon"))

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
