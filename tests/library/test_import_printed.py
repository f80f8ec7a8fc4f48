"""Tests of the import of what programs print or save around a response: wget, LWP, tshark, asciinema, Fiddler, Burp."""

import base64
import gzip
import html
import io
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flattr_tui.library.import_export.import_outcome import ImportOutcome
from flattr_tui.library.import_export.importer import import_files
from flattr_tui.model.entities import Thing, User
from flattr_tui.model.entity_decoder import decode_page
from flattr_tui.store.response_store import ResponseStore
from tests.library.saved_files import BASE, DAY_SECONDS

ADDRESS = f"{BASE}/users/ada"
BODY = json.dumps({"type": "user", "username": "ada", "about": "Zoë\n0K"})
FIELDS = f"Date: Tue, 06 May 2014 07:08:09 GMT\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n"
PLAIN = FIELDS.replace("\r", "")
RESPONSE = f"HTTP/1.1 200 OK\r\n{FIELDS}\r\n{BODY}"
REQUEST = f"GET {ADDRESS} HTTP/1.1\r\nHost: api.flattr.com\r\nAuthorization: Bearer planted-secret\r\n\r\n"


def _dump(text: str) -> str:
    """Return a text as Ruby's `String#dump` writes its bytes."""
    return '"' + re.sub(r'["\\\x00-\x1f]', lambda found: f"\\x{ord(found[0]):02X}", text).replace("\\x0A", "\\n") + '"'


def _quote_cell(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _log_as_guzzle(before: str = "", after: str = "") -> str:
    response = RESPONSE.replace("Content-Length", "X-Length")
    return f"{before}>>>>>>>>\n{REQUEST.strip()}\n\n<<<<<<<<\n{response}\n--------\nNULL{after}\n"


INDENTED = "".join(f"  {line}\n" for line in ["HTTP/1.1 200 OK", *PLAIN.splitlines()])
ASKED = f"--2014-05-06 09:08:09--  {ADDRESS}\nConnecting to api.flattr.com:443... connected.\n"
PROGRESS = (
    "\n     0K                                                       100% 6.88M=0s\n\n"
    f"2014-05-06 09:08:09 (6.88 MB/s) - written to stdout [{len(BODY)}/{len(BODY)}]\n\n"
)
SAVING = f"Length: {len(BODY)} [application/json]\nSaving to: ‘STDOUT’\n"
DEBUG = "Setting --output-document (outputdocument) to -\nDEBUG output created by Wget 1.21.3 on linux-gnu.\n\n" + ASKED
STEPS = f"---request begin---\n{REQUEST}---request end---\nHTTP request sent, awaiting response... \n"
FOLLOWED = (
    "\n===================================================================\nFollow: tcp,{}\nFilter: tcp.stream eq 0\n"
)
NODES = "Node 0: 127.0.0.1:59644\nNode 1: 127.0.0.1:8097\n"
SAMPLE = (
    f'<httpSample t="9" ts="{int(DAY_SECONDS)}000" s="true" lb="a" rc="200" rm="OK">\n@'
    '<requestHeader class="java.lang.String">Authorization: planted-secret\n</requestHeader>\n'
    f'<responseData class="java.lang.String">{html.escape(BODY)}</responseData>\n'
    f'<method class="java.lang.String">GET</method>\n<java.net.URL>{ADDRESS}</java.net.URL>\n</httpSample>\n'
)
SAMPLES = f'<?xml version="1.0" encoding="UTF-8"?>\n<testResults version="1.2">\n{SAMPLE}'
BOLD = RESPONSE.replace("Date", "\x1b[1mDate\x1b[0m").replace("\r\n", "\r\r\n")
SHOWN = [[0.1, "\x1b[?2004h$ curl -si\r\n"], [0.2, BOLD[:90]], [0.3, BOLD[90:]], [0.4, "$ exit\r\n"]]
SCRIPT = 'Script {} on 2014-05-06 09:08:09+00:00 [TERM="xterm" TTY="/dev/pts/0"]\n'
EVENTS = [[at, "o", text] for at, text in SHOWN]
NET_LOG = {
    "constants": {"logEventTypes": {"START": 1, "HTTP_TRANSACTION_READ_RESPONSE_HEADERS": 2,
                                    "URL_REQUEST_JOB_FILTERED_BYTES_READ": 3}, "logCaptureMode": "Everything"},
    "events": [
        {"type": number, "source": {"id": 7, "type": 1}, "time": "1", "phase": 0, "params": params}
        for number, params in (
            (1, {"url": ADDRESS, "method": "GET", "load_flags": 0}),
            (9, {"headers": ["Authorization: Bearer planted-secret"]}),
            (2, {"headers": RESPONSE.partition("\r\n\r\n")[0].split("\r\n")}),
            (3, {"byte_count": 9, "bytes": base64.b64encode(BODY.encode()[:9]).decode()}),
            (3, {"byte_count": 1, "bytes": base64.b64encode(BODY.encode()[9:]).decode()}),
        )
    ],
}  # fmt: skip
PRINTED = {
    "wget -S": f"{ASKED}HTTP request sent, awaiting response... \n{INDENTED}{SAVING}{BODY}{PROGRESS}",
    "wget -S, twice": f"{ASKED}{INDENTED}{SAVING}{BODY}{PROGRESS}{ASKED}{INDENTED}{SAVING}{BODY}{PROGRESS}",
    "wget -qS": f"{INDENTED}{BODY}",
    "wget -S, no length": (ASKED + INDENTED + SAVING + BODY + PROGRESS).replace("Content-Length", "X-Length"),
    "wget -d": f"{DEBUG}\n{STEPS}---response begin---\nHTTP/1.1 200 OK\r\n{FIELDS}\r\n---response end---\n200 OK\n"
    f"Registered socket 3 for persistent reuse.\n{SAVING}{BODY}{PROGRESS}",
    "lwp-request -Use": f"GET {ADDRESS}\nUser-Agent: lwp-request/6.68\n\n200 OK\n{PLAIN}Client-Peer: 1.2.3.4\n\n{BODY}",
    "lwp-request -e, two": f"200 OK\n{PLAIN}\n{BODY}200 OK\n{PLAIN}\n{BODY}",
    "requests-toolbelt": "".join(f"< {line}\r\n" for line in REQUEST.split("\r\n")[:-1]).replace(BASE[:22], "") + "\r\n"
    + "".join(f"> {line}\r\n" for line in RESPONSE.partition("\r\n\r\n")[0].split("\r\n")) + f"> \r\n{BODY}",
    "httplib2": f"date: Tue, 06 May 2014 07:08:09 GMT\r\nstatus: 200\r\ncontent-location: {ADDRESS}\r\n\r\n{BODY}",
    "node-replay": f"GET /rest/v2/users/ada\nauthorization: planted-secret\n\nHTTP/1.1 200 OK\n{PLAIN}\n{BODY}",
    "tshark, raw": f"{FOLLOWED.format('raw')}{NODES}{REQUEST.encode().hex()}\n\t{RESPONSE.encode()[:300].hex()}\n"
    f"\t{RESPONSE.encode()[300:].hex()}\n=======================\n",
    "tshark, ascii": f"{FOLLOWED.format('ascii')+NODES}{len(REQUEST)}\n{REQUEST}\n\t{len(RESPONSE)}\n{RESPONSE}\n===\n",
    "tshark, Windows": (
        f"{FOLLOWED.format('ascii')}{NODES}{len(REQUEST)}\n{REQUEST}\n\t{len(RESPONSE)}\n{RESPONSE}\n===\n"
    ).replace("\n", "\r\n"),
    "k6": f'time="2014-05-06T09:08:09Z" level=info msg={json.dumps(f"Request:{chr(10)}{REQUEST}")} group= vu=1\n'
    f'time="2014-05-06T09:08:09Z" level=info msg={json.dumps(f"Response:{chr(10)}{RESPONSE}")} group= iter=0 vu=1\n',
    "k6, on a terminal": f"INFO[0000] Request:\n{REQUEST}\n  vu=1\nINFO[0000] Response:\n{RESPONSE}\n  vu=1\n",
    "Net::HTTP": f"opening connection to api.flattr.com:443...\nopened\n<- {_dump(REQUEST)}\n"
    + "".join(f"-> {_dump(line)}\n" for line in RESPONSE.partition(BODY)[0].splitlines(keepends=True))
    + f"reading {len(BODY)} bytes...\n-> {_dump(BODY[:30])}\n-> {_dump(BODY[30:])}\nread {len(BODY)} bytes\n",
    "Guzzle": _log_as_guzzle(),
    "Guzzle, two": _log_as_guzzle("[2014-05-06 09:08:09] flattr.DEBUG: ", " [] []") * 2,
    "JMeter": SAMPLES.replace("@", f"<responseHeader>HTTP/1.1 200 OK\n{PLAIN}</responseHeader>")
    + "</testResults>",
    "JMeter, still running": SAMPLES.replace("@", ""),
    "asciinema 1": json.dumps({"version": 1, "width": 80, "stdout": SHOWN}, indent=2),
    "asciinema 2": "\n".join(map(json.dumps, [{"version": 2, "width": 80}, *EVENTS])),
    "asciinema 3": "\n".join(map(json.dumps, [{"version": 3, "term": {"cols": 80}}, [0, "i", "x"], *EVENTS]))
    + "\n[0.5, \"o",
    "script": f"{SCRIPT.format('started')}{RESPONSE}".replace("\n", "\r\n") + f"\n{SCRIPT.format('done')}\n",
    "script, appended": f"{SCRIPT.format('started')}$ date\r\n\n{SCRIPT.format('done')}\n" * 2
    + f"{SCRIPT.format('started')}$ curl -si\r\n{RESPONSE}\n{SCRIPT.format('done')}\n",
    "Chromium": json.dumps(NET_LOG),
    "Chromium, killed": json.dumps(NET_LOG).removesuffix("]}") + ",\n",
    "Burp": '<?xml version="1.0"?>\n<!DOCTYPE items [\n<!ELEMENT items (item*)>\n]>\n'
    f'<items burpVersion="1.5" exportTime="x"><item><url><![CDATA[{ADDRESS}]]></url><method>GET</method>'
    f'<request base64="true"><![CDATA[{base64.b64encode(REQUEST.encode()).decode()}]]></request><status>200</status>'
    f'<response base64="true"><![CDATA[{base64.b64encode(RESPONSE.encode()).decode()}]]></response></item></items>',
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResponseStore]:
    with closing(ResponseStore.open(tmp_path / "store", notice=pytest.fail)) as opened:
        yield opened


def import_data(store: ResponseStore, tmp_path: Path, data: bytes) -> ImportOutcome:
    path = tmp_path / "saved"
    path.write_bytes(data)
    return import_files(store, [path])


@pytest.mark.parametrize("program", PRINTED)
def test_a_response_is_found_with_its_date(store: ResponseStore, tmp_path: Path, program: str) -> None:
    outcome = import_data(store, tmp_path, PRINTED[program].encode())
    [saved] = store.iter_responses()
    assert (str(saved.request), saved.fetched_at) == ("user username=ada", DAY_SECONDS)
    assert saved.body.decode() == BODY
    assert outcome.skipped_count == 0
    assert outcome.new + outcome.already_stored == 1 + (
        program in {"wget -S, twice", "lwp-request -e, two", "Guzzle, two"}
    )


@pytest.mark.parametrize("head", [INDENTED, ""])
def test_a_long_body_between_the_dots_of_wget(store: ResponseStore, tmp_path: Path, head: str) -> None:
    body = json.dumps({"type": "user", "username": "ada", "about": "… . " * 20_000})
    log, rows = "", iter(range(50, 10_000, 50))
    for block in range(0, len(body), 8192):
        log += body[block : block + 8192]
        for number in range(block // 1024, min(block + 8192, len(body)) // 1024):
            log += "\n     0K" if number == 0 else ""
            log += f" {number}%  6.4M 0s\n{next(rows):6}K" if number and number % 50 == 0 else ""
            log += (" " if number % 10 == 0 else "") + "."
    asked = ASKED + "HTTP request sent, awaiting response... " + ("\n" if head else "200 OK\n")
    asked += head.replace(str(len(BODY)), str(len(body))) + SAVING.replace(str(len(BODY)), str(len(body)))
    end = f" 100%  638M=0s\n\n2014-05-06 09:08:09 (667 MB/s) - written to stdout [{len(body)}/{len(body)}]\n\n"
    outcome = import_data(store, tmp_path, (asked + log + end).encode())
    assert [one.reason for one in outcome.skipped] == []
    assert [saved.body.decode() for saved in store.iter_responses()] == [body]


def test_the_progress_bar_of_wget(store: ResponseStore, tmp_path: Path) -> None:
    bar = "\r{}                  {}%[{}]  {}  {}KB/s    in 0s      "
    log = bar.format("-", 0, "    ", 0, "--.-") + BODY + bar.format("-", 100, "===>", "29.05K", "29.4")
    import_data(store, tmp_path, f"{ASKED}{INDENTED}{SAVING}\n{log}\n\n".encode())
    assert [saved.body.decode() for saved in store.iter_responses()] == [BODY]


def test_a_sample_of_jmeter_with_a_damaged_time_gets_the_date_of_the_file(store: ResponseStore, tmp_path: Path) -> None:
    data = SAMPLES.replace("@", "").replace(f'ts="{int(DAY_SECONDS)}000"', 'ts="1399T"') + "</testResults>"
    (tmp_path / "saved").write_text(data)
    os.utime(tmp_path / "saved", (DAY_SECONDS + 9, DAY_SECONDS + 9))
    assert import_files(store, [tmp_path / "saved"]).new == 1
    assert [saved.fetched_at for saved in store.iter_responses()] == [DAY_SECONDS + 9]


def test_samples_of_jmeter_that_end_early_are_read_and_reported(store: ResponseStore, tmp_path: Path) -> None:
    cut = SAMPLES.replace("@", "") + SAMPLE[:300]
    outcome = import_data(store, tmp_path, cut.encode())
    assert (outcome.new, [str(one.reason) for one in outcome.skipped]) == (1, ["the last sample is cut off"])


@pytest.mark.parametrize("padding", [" ", "\n", "\r\n", "# x\n", "a: b\n", "> ", "x: y\n "])
def test_what_precedes_a_response_does_not_slow_the_import(store: ResponseStore, tmp_path: Path, padding: str) -> None:
    """Without the possessive quantifiers, 40 spaces in front of a response would take a day."""
    outcome = import_data(store, tmp_path, (padding * 3000 + BODY).encode())
    assert outcome.new + outcome.skipped_count == 1


def test_a_session_archive_of_fiddler(store: ResponseStore, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in (
            ("[Content_Types].xml", "<Types/>"),
            ("_index.htm", "<html><pre>[]</pre></html>"),
            ("raw/01_c.txt", REQUEST),
            ("raw/01_m.xml", "<Session/>"),
            ("raw/01_s.txt", RESPONSE),
            ("raw/02_c.txt", REQUEST.replace("users/ada", "users/bob")),
            ("raw/02_s.txt", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}"),
        ):
            archive.writestr(name, text)
    outcome = import_data(store, tmp_path, out.getvalue())
    [saved] = store.iter_responses()
    assert (saved.url, saved.fetched_at, saved.body.decode()) == (ADDRESS, DAY_SECONDS, BODY)
    [left_out] = outcome.skipped
    assert left_out.place == "raw/02_s.txt: response 1"
    assert left_out.reason == f"the response was not successful (404) ({BASE}/users/bob)"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_cache_of_scrapy(store: ResponseStore, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    for number, status in ((1, 200), (2, 404)):
        page = tmp_path / "httpcache" / "spider" / "73" / f"73eaf{number}"
        page.mkdir(parents=True)
        url = f"{BASE}/things/search?query=music&page={number}"
        meta = {"url": url, "method": "GET", "status": status, "response_url": url, "timestamp": DAY_SECONDS + 0.5}
        for name, data in (
            ("meta", repr(meta).encode()),
            ("pickled_meta", b"\x80\x04\x95" + bytes(8) + b"}"),
            ("request_body", b""),
            ("request_headers", b"Authorization: Bearer planted-secret"),
            ("response_body", b'{"total_items": 1, "items": 1, "things": [{"type": "thing", "id": 7}]}'),
            ("response_headers", b"Content-Type: application/json"),
        ):
            (page / name).write_bytes(pack(data))
    (tmp_path / "httpcache" / "meta").write_text("{'a': 1}")
    outcome = import_files(store, [tmp_path / "httpcache"])
    [saved] = store.iter_responses()
    assert (str(saved.request), saved.page, saved.fetched_at) == ("search query=music", 1, DAY_SECONDS + 0.5)
    assert [(one.place, one.reason[:14]) for one in outcome.skipped] == [
        ("meta", "not an object "),
        ("spider/73/73eaf2/response_body", "the response w"),
    ]


def test_an_item_of_burp_without_a_response_is_reported(store: ResponseStore, tmp_path: Path) -> None:
    data = f'<items burpVersion="1.5"><item><url>{ADDRESS}</url><method>GET</method><response/></item></items>'
    outcome = import_data(store, tmp_path, data.encode())
    assert [str(one.reason) for one in outcome.skipped] == [f"has no response ({ADDRESS})"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xa1\xb2\xc3\xd4\x00\x02", "a capture of network packets"),
        (b"\x4d\x3c\xb2\xa1\x02\x00", "a capture of network packets"),
        (b"11:11:49.170000 IP localhost.1 > localhost.2: Flags [S]", "in no format that can be imported"),
        (b"1853:7:version;1:8#", "flows of mitmproxy"),
        (b"GET https://api.flattr.com/rest/v2/users/ada\n\nHTTP 200\n", "holds requests, but no response"),
        (REQUEST.encode() + b"###\n" + REQUEST.encode(), "holds requests, but no response"),
        (b"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE>", "an HTML page"),
        (b"nock('https://api.flattr.com').get(path).reply(200, body)", "code of nock that its recorder did not print"),
        (b'<items burpVersion="1.5"></items>', "a file of Burp without an item"),
        (b"cc=4,\x82\xa8response", "a cached response of CacheControl that is damaged"),
        (b"cc=4,\x81\xa8response\x81\xa4body\xc4\x00", "the head of a cached response of CacheControl"),
        (b"\xac\xed\x00\x05sr\x00", "a serialized Java object, which is never opened"),
        (
            FOLLOWED.format("hex").encode() + NODES.encode() + b"00000000  47\n",
            "a stream of packets as tshark prints it",
        ),
        (b'[\n  {\n    "_index": "packets-2014-05-06",\n', "a capture of network packets"),
        (b'{"index":{"_index":"packets-2014-05-06","_type":"doc"}}\n', "a capture of network packets"),
        (
            b'<?xml version="1.0"?>\n<!-- a -->\n<pdml version="0" creator="wireshark/4.0.17">',
            "a capture of network pac",
        ),
        (
            b'{"type":"Metric","data":{"name":"http_reqs"},"metric":"http_reqs"}\n',
            "results of k6, which hold no responses",
        ),
        (b'{"metric":"http_reqs","type":"Metric","data":{}}\n', "results of k6, which hold no responses"),
        (b'{\n    "__meta__": {\n        "about": "HTTPie session file",', "a session of HTTPie, which holds cookies"),
        (b'{"_type":"export","__export_format":4,"resources":[]}', "an export of Insomnia, which holds no responses"),
        (b"type: collection.insomnia.rest/5.0\nname: a\n", "an export of Insomnia, which holds no responses"),
        (b'{\n    "clientName": "Thunder Client",\n    "requests": []}', "an export of Thunder Client"),
        (b"timeStamp,elapsed,label,responseCode\n1,2,a,200\n", "results of JMeter as CSV, which hold no responses"),
        (
            b"<?xml version='1.0' ?>\n<?charles serialization-version='2.0' ?>\n<charles-session>",
            "a session of Charles as",
        ),
        (b'{\n    "root_group": {\n', "results of k6, which hold no responses"),
        (b'{"version": 1, "stdout": [[], 7, [0.1], [0.1, 7]]}', "not an object of Flattr's API"),
        (
            b'<?xml version="1.0" encoding="UTP-8"?><testResults version="1.2"></testResults>',
            "samples of JMeter that are not",
        ),
        (b'{"a": {"type": {"user": 1}}}', "not an object of Flattr's API"),
        (b'<testResults version="1.2"></testResults>', "a file of JMeter without a sample"),
        (b'<testResults version="1.2"><httpSample rc="200"/></testResults>', "its body was not saved: JMeter saves it"),
        (
            b'<testResults version="1.2"><httpSample rc="x"><responseData>a</responseData></httpSample></testResults>',
            "has no response",
        ),
        (
            b'{"constants":{"logEventTypes":{},"logCaptureMode":"Default"},"events":[]}',
            "a network log of Chromium withou",
        ),
        (b'{"constants":{"logEventTypes":1', "a network log of Chromium that is damaged"),
        (b"cc=1,{}", "a cached response of an old CacheControl"),
        (b"\x80\x05N.x\x9c", "a Python pickle, which could run code, so it is never opened"),
        (b"\x80\x05G\x41\xda\xc3\x08\xb5\xc0\x00\x00.x\x9c", "a Python pickle"),
        (b"\x37\x7f\x06\x82\x00\x2d\xe2\x18", "the newest rows of an SQLite database that was not closed"),
        (b'\nvar path = require("path");\nmodule.exports = 1', "a JavaScript program"),
        (b'a:2:{s:4:"type";s:4:"user";}', "a serialized PHP value"),
        (b'O:8:"stdClass":1:{s:4:"type";s:4:"user";}', "a serialized PHP value"),
        (b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ", "notes of macOS about files"),
        (b"\0\0\0\x01Bud1\0\0\x10\0", "notes of macOS about files"),
        (b"PAR1\x15\x04", "a binary table (Parquet"),
        (b"ARROW1\0\0", "a binary table (Parquet"),
        (b"Obj\x01\x04\x14avro.codec", "a binary table (Parquet"),
        (b"\x53\x05\0\0\x09created_at\0\x42\xd3\x47\xae", "BSON"),
        (b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE r(body text);\n", "a database as SQL"),
        (b"--\n-- PostgreSQL database dump\n--\n\nSET row_security = off;\nCOPY r (b) FROM stdin;\n", "a database as"),
        (b"-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\n\nDROP TABLE IF EXISTS `r`;\n", "a database as SQL"),
        (b"\x8c\xa4type\xa4user", "MessagePack"),
        (b"\x91\x85\xa4type\xa6flattr", "MessagePack"),
        (b"\xac\x64type\x64user", "CBOR"),
        (b"\x81\xa5\x64type\x66flattr", "CBOR"),
        ('<Objs Version="1.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'.encode("utf-16"), "objects of"),
        (b'{"_id":"res_1","type":"Response","bodyPath":"/a/responses/b.zip"}\n', "Insomnia's list of responses"),
        (b"{\n  type: user\n  username: ada\n}\n", "Hjson"),
        (b"array (\n  'type' => 'user',\n)\n", "a value as Perl or PHP prints it"),
        (b'json = [];\njson[0] = {};\njson[0].type = "flattr";\n', "output of gron"),
        (b'[[0,"type"],"flattr"]\n[[0,"thing","id"],7]\n', "output of `jq --stream`"),
        (b'{"Items": [{"type": {"S": "user"}, "username": {"S": "ada"}}]}', "values of DynamoDB or Firestore"),
        (b'{"Item":{"id":{"N":"7"}}}\n{"Item":{"id":{"N":"8"}}}\n', "values of DynamoDB or Firestore"),
        (b"stdClass::__set_state(array(\n   'type' => 'user',\n))", "a value as Perl or PHP prints it"),
        (b"<?php\nreturn array (\n  'type' => 'user',\n);\n", "a value as Perl or PHP prints it"),
        (b"['type' => 'user', 'username' => 'ada']", "a value as Perl or PHP prints it"),
        (b'[[flattrs]]\ntype = "flattr"\n', "TOML: write it as JSON"),
        (b'type = "user"\nusername = "ada"\n', "TOML: write it as JSON"),
        (
            (ASKED + SAVING.replace("STDOUT", "ada") + PROGRESS.replace("written to stdout", "‘ada’ saved")).encode(),
            "a log of wget without the responses",
        ),
        (
            b'[{"entries": [{"asserts": [], "calls": [{"response": {"body": "store/a.json"}}]}]}]',
            "a report of Hurl, whose responses are in other files",
        ),
        (b"MZ\x90\0\x03", "a program: if it is an archive that unpacks itself"),
        (b"$VAR1 = {\n          'type' => 'user'\n        };\n", "a value as Perl or PHP prints it"),
        (b'array(1) {\n  ["type"]=>\n  string(4) "user"\n}\n', "a value as Perl or PHP prints it"),
        (b"Array\n(\n    [type] => user\n)\n", "a value as Perl or PHP prints it"),
        (b"!BDN\0\0\0\0SM", "mail of Outlook"),
        (b"LZIP\x01\x0c", "compressed by lzip"),
        (b'{"type":{"0":"thing","1":"thing"},"id":{"0":1}}', "a table by columns, as pandas writes it"),
        (b'{"columns":["type","id"],"index":[0],"data":[["thing",1]]}', "a table by columns, as pandas writes it"),
    ],
)
def test_an_unsupported_file_is_named(store: ResponseStore, tmp_path: Path, data: bytes, reason: str) -> None:
    outcome = import_data(store, tmp_path, data)
    assert [one.reason.startswith(reason) for one in outcome.skipped] == [True], outcome.skipped


ABOUT = r"it's \x9c\U0001f600"


@pytest.mark.parametrize(
    "data",
    [
        f"""[{{'type': 'user', 'username': 'ada', 'about': "{ABOUT}", 'url': None, 'active_supporter': True}}]""",
        f"""{{u'username': u'ada', u'type': u'user', u'about': u"{ABOUT}", u'active_supporter': True}}""",
        r"{'active_supporter': True, 'about': 'it\'s \x9c\U0001f600', 'type': 'user', 'username': 'ada'}",
        """{'about': "it's "
                     '\\x9c\\U0001f600',
            'active_supporter': True, 'type': 'user', 'username': 'ada'}""",
        r"""{"type"=>"user", "username"=>"ada", "about"=>"it's \x9c\u{1F600}", "url"=>nil, "active_supporter"=>true}""",
        r"""{:type=>"user", :username=>"ada", :about=>"it's \x9c\u{1F600}", :url=>nil, :active_supporter=>true}""",
        """{type: "user", username: "ada", about: "it's \U0001f600", active_supporter: true, url: nil}""",
        """{
            // my profile
            "type": "user", /* not
            "thing" */ "username": "ada", "about": "it's \\u009c\U0001f600", "active_supporter": 1,
        }""",
    ],
)
def test_a_value_as_a_program_prints_it_is_read(store: ResponseStore, tmp_path: Path, data: str) -> None:
    assert import_data(store, tmp_path, data.encode()).skipped == []
    [stored] = store.iter_responses()
    [user] = decode_page(stored.response_kind, stored.body).entities
    assert user == User(username="ada", about="it's \U0001f600", active_supporter=True)


def test_comments_between_the_items_of_a_list_lose_none(store: ResponseStore, tmp_path: Path) -> None:
    flattrs = [json.dumps({"type": "flattr", "owner": {"username": "ada"}, "thing": {"id": n}}) for n in (3, 2, 1)]
    data = f"[\n// mine\n{flattrs[0]},\n/* two\n more */\n{flattrs[1]},{flattrs[2]}\n]"
    assert import_data(store, tmp_path, data.encode()).skipped == []
    assert [len(json.loads(one.body)) for one in store.iter_responses()] == [3]


def test_a_line_that_is_cut_off_at_the_beginning_is_reported(store: ResponseStore, tmp_path: Path) -> None:
    lines = [json.dumps({"type": "thing", "id": number, "title": "A"}) for number in (3, 2, 1)]
    outcome = import_data(store, tmp_path, "\n".join([lines[0][9:], *lines[1:]]).encode())
    assert [str(one.request) for one in store.iter_responses()] == ["things id=2,1"]
    assert [(one.place, one.reason[:14]) for one in outcome.skipped] == [("line 1", "not valid JSON")]


@pytest.mark.parametrize(
    "data",
    [
        html.escape(BODY),
        json.dumps(BODY)[1:-1],
        f"id,body\n1,{_quote_cell(json.dumps(BODY))}\n",
        f"2014-01-01 INFO got {json.dumps(BODY)}\n",
        f"var user = {BODY};\n",
        "---\nuser:\n  about: |-\n    Zoë\n    0K\n  username: ada\n  type: user\n",
        "about: |-\n  Zoë\n  0K\nusername: ada\ntype: user\n",
    ],
)
def test_a_profile_in_another_text_is_read(store: ResponseStore, tmp_path: Path, data: str) -> None:
    assert import_data(store, tmp_path, data.encode()).skipped == []
    [stored] = store.iter_responses()
    [user] = decode_page(stored.response_kind, stored.body, stored.content_type).entities
    assert user == User(username="ada", about="Zoë\n0K")


def test_yaml_with_addresses_that_are_not_quoted_is_read(store: ResponseStore, tmp_path: Path) -> None:
    path = tmp_path / "saved.yaml"
    path.write_text("[{id: 7, link: http://a.example//7, type: thing}, {id: 8, title: b // c, type: thing}]\n")
    assert import_files(store, [path]).skipped == []
    [stored] = store.iter_responses()
    found = decode_page(stored.response_kind, stored.body, stored.content_type).entities
    assert found == (Thing(id=7, link="http://a.example//7"), Thing(id=8, title="b // c"))


def test_several_values_that_a_script_assigns_are_read(store: ResponseStore, tmp_path: Path) -> None:
    script = 'var user = {"type": "user", "username": "ada"};\nvar things = [{"type": "thing", "id": 7}];\n'
    assert import_data(store, tmp_path, script.encode()).skipped == []
    assert sorted(str(one.request) for one in store.iter_responses()) == ["things id=7", "user username=ada"]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_json_in_a_text_of_json_is_read(store: ResponseStore, tmp_path: Path, times: int) -> None:
    text = BODY
    for _ in range(times):
        text = json.dumps(text)
    assert import_data(store, tmp_path, text.encode()).skipped == []
    assert [str(one.request) for one in store.iter_responses()] == ["user username=ada"]
