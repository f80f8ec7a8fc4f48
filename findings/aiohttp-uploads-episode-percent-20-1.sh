#!/usr/bin/env bash
# aiohttp uploads `Episode 1.mp3` as `Episode%201.mp3`, and no server that was asked undoes it.
#
# Guess: A file's name in a form arrives as it was given. Quotes are the exception: browsers write `%22` for them.
# What happens: aiohttp's FormData escapes names as in an address: blanks, semicolons, percent signs and all letters
# beyond ASCII. Werkzeug (Flask), Starlette (FastAPI), Django, busboy (multer), formidable and multiparty store
# `Episode%201.mp3`. `FormData(quote_fields=False)` is the way out. httpx, requests, Node's FormData and form-data send
# the name. Of `Say "hi".mp3` all four send `%22`, which Werkzeug, formidable and multiparty turn back into quotes, as
# they do with a name that has `%22` in it; the others keep it.
# Versions: aiohttp 3.14.5, httpx 0.28.1, requests 2.34.2, werkzeug 3.1.9, starlette 0.52.1, python-multipart 0.0.34,
# django 5.2.19; form-data 4.0.6, busboy 1.6.0, formidable 3.5.4, multiparty 4.3.1 on Node 20.
# Source: run of this script; RFC 7578, 4.2; the HTML standard escapes line breaks and quotes alone.
# In this program: nothing is uploaded, and the sandbox accepts no files (sandbox/api_call.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check aiohttp==3.14.5 httpx==0.28.1 requests==2.34.2 \
  werkzeug==3.1.9 starlette==0.52.1 python-multipart==0.0.34 django==5.2.19
npm install --silent --no-audit --no-fund form-data@4.0.6 busboy@1.6.0 formidable@3.5.4 multiparty@4.3.1 >/dev/null
cat >forms.mjs <<'SCRIPT'
import {Readable} from 'node:stream';
import busboy from 'busboy';
import FormDataPackage from 'form-data';
import formidable from 'formidable';
import multiparty from 'multiparty';

async function write(name) {
  const form = new FormData();
  form.append('file', new Blob(['x']), name);
  const response = new Response(form);
  const other = new FormDataPackage();
  other.append('file', Buffer.from('x'), {filename: name});
  return {
    "Node's FormData": [response.headers.get('content-type'), await response.text()],
    'form-data': [other.getHeaders()['content-type'], other.getBuffer().toString()],
  };
}

async function read([type, body]) {
  const request = () => {
    const headers = {'content-type': type, 'content-length': Buffer.byteLength(body)};
    return Object.assign(Readable.from([Buffer.from(body)]), {headers});
  };
  const names = {};
  await new Promise(done => {
    const reader = busboy({headers: {'content-type': type}});
    reader.on('file', (_, file, {filename}) => {
      names.busboy = filename;
      file.resume();
    });
    reader.on('close', done).end(body);
  });
  const [, files] = await formidable({}).parse(request());
  names.formidable = files.file[0].originalFilename;
  await new Promise(done => new multiparty.Form().parse(request(), (error, _, files) => {
    names.multiparty = files.file[0].originalFilename;
    done();
  }));
  return names;
}

const [action, given] = JSON.parse(process.argv[2]);
console.log(JSON.stringify(await {write, read}[action](given)));
SCRIPT
venv/bin/python - <<'PYTHON'
import asyncio, io, json, subprocess, sys
import aiohttp, django, httpx, requests
from django.conf import settings
from django.test import RequestFactory
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser
from werkzeug.formparser import parse_form_data

settings.configure()
django.setup()


def node(*given):
    command = ["node", "--no-warnings", "forms.mjs", json.dumps(given)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


async def write_by_aiohttp(name, **options):
    form = aiohttp.FormData(**options)
    form.add_field("file", b"x", filename=name)
    payload = form()
    return [payload.content_type, (await payload.as_bytes()).decode()]


async def write(name):
    forms = {"aiohttp": await write_by_aiohttp(name)}
    forms["aiohttp, quote_fields=False"] = await write_by_aiohttp(name, quote_fields=False)
    by_httpx = httpx.Request("POST", "http://h/", files={"file": (name, b"x", "audio/mpeg")})
    forms["httpx"] = [by_httpx.headers["Content-Type"], by_httpx.read().decode()]
    by_requests = requests.Request("POST", "http://h/", files={"file": (name, b"x", "audio/mpeg")}).prepare()
    forms["requests"] = [by_requests.headers["Content-Type"], by_requests.body.decode()]
    return forms | node("write", name)


async def read(form):
    type_, body = form[0], form[1].encode()
    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": type_, "CONTENT_LENGTH": str(len(body))}
    _, _, by_werkzeug = parse_form_data(environ | {"wsgi.input": io.BytesIO(body)})

    async def stream():
        yield body

    by_starlette = await MultiPartParser(Headers({"content-type": type_}), stream()).parse()
    by_django = RequestFactory().generic("POST", "/", body, content_type=type_).FILES
    names = {"Werkzeug": by_werkzeug["file"].filename, "Starlette": by_starlette["file"].filename}
    return names | {"Django": by_django["file"].name} | node("read", form)


async def exchange(name):
    return {writer: await read(form) for writer, form in (await write(name)).items()}


EPISODE, QUOTED = "Episode 1; 50%.mp3", 'Say "hi".mp3'
episode, quoted = asyncio.run(exchange(EPISODE)), asyncio.run(exchange(QUOTED))
for name, seen in ((EPISODE, episode), (QUOTED, quoted)):
    for writer, names in seen.items():
        print(f"{name} by {writer}:", ", ".join(f"{reader} {read}" for reader, read in names.items()))
unchanged = set(episode.pop("aiohttp").values()) == {"Episode%201%3B%2050%25.mp3"}
unchanged &= len(episode) == 5 and all(set(names.values()) == {EPISODE} for names in episode.values())
undone = {"Werkzeug", "formidable", "multiparty"}
for writer in ("httpx", "requests", "Node's FormData", "form-data"):
    names = quoted[writer]
    unchanged &= {reader for reader, name in names.items() if name == QUOTED} == undone
    unchanged &= {name for reader, name in names.items() if reader not in undone} == {"Say %22hi%22.mp3"}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
