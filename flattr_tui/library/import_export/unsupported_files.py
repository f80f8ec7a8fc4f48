"""Recognizes by their first bytes files that can't be imported, and says what to do instead."""

import re
from typing import Final

from flattr_tui.library.import_export.http_transcript import is_readable_trace, is_trace

OFFICE_DOCUMENT: Final = "an Office document: save the sheet as CSV"
_OUTLOOK: Final = "mail of Outlook: save each message as .eml, with its attached files"
_PACKETS: Final = "a capture of network packets: export its HTTP objects first (`tshark --export-objects http,FOLDER`)"
_TABLE: Final = (
    'a binary table (Parquet, Arrow, ORC, Avro or HDF5): write its rows as JSON, with `orient="records"` in pandas'
)
_PACKET_MAGIC: Final = (
    b"\xd4\xc3\xb2\xa1",
    b"\xa1\xb2\xc3\xd4",
    b"\x4d\x3c\xb2\xa1",
    b"\xa1\xb2\x3c\x4d",
    b"\x0a\x0d\x0d\x0a",
)
"""The first bytes of captures of network packets: pcap in both byte orders and with both units of time, and pcapng."""
WRITE_AHEAD_LOG: Final = (
    "the newest rows of an SQLite database that was not closed: end the program that writes it, and import again"
)
_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    *((magic, WRITE_AHEAD_LOG) for magic in (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")),
    *((magic, _TABLE) for magic in (b"PAR1", b"ARROW1", b"ORC", b"Obj\x01", b"\x89HDF")),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it, and import the folder"),
    (b"Rar!\x1a\x07", "a RAR archive: unpack it, and import the folder"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    *((magic, "a program: if it is an archive that unpacks itself, unpack it") for magic in (b"\x7fELF", b"MZ")),
    (b"\xd0\xcf\x11\xe0", f"{OFFICE_DOCUMENT}; or {_OUTLOOK}"),
    (b"!BDN", _OUTLOOK),
    (b"\x78\x9f\x3e\x22", "files that Outlook attached as winmail.dat: unpack them with `tnef`"),
    *((magic, _PACKETS) for magic in _PACKET_MAGIC),
    *((b"cc=%d" % version, "a cached response of an old CacheControl, which is not read") for version in range(4)),
    (b"\xac\xed\0\x05", "a serialized Java object, which is never opened: let its program write the responses as JSON"),
    (b"\x1f\x9d", "compressed by compress: unpack it with `uncompress`"),
    (b"\x04\x22\x4d\x18", "compressed by lz4: unpack it with `lz4 -d`"),
    (b"\x89LZO", "compressed by lzop: unpack it with `lzop -d`"),
    (b"ANDROID BACKUP\n", "a backup of Android: turn it into a tar file first, with `abe unpack FILE NEW.tar`"),
    (b"LZIP", "compressed by lzip: unpack it with `lzip -d`"),
    (b"\xff\x06\0\0sNaPpY", "compressed by snappy: unpack it with `snzip -d`"),
    (b"\x5d\0\0", "compressed by lzma: unpack it with `unlzma`"),
    (b"07070", "a cpio archive: unpack it, and import the folder"),
    (b"!<arch>\n", "an ar archive: unpack it, and import the folder"),
    (b"MDMP", "a memory dump"),
    *(
        (magic, "notes of macOS about files, which hold no responses")
        for magic in (b"\0\x05\x16\x07", b"\0\0\0\x01Bud1")
    ),
)
_PATTERNS: Final = (
    (
        re.compile(rb"[\s\S]{3}\0[\x01-\x13][\w$]{1,64}\0"),
        "BSON: write it as JSON, with `bsondump FILE`, or let its program write JSON",
    ),
    (
        re.compile(rb"[\x81-\x9f\xdc-\xdf].{0,200}?\xa4type", re.DOTALL),
        "MessagePack: write it as JSON, in Python with `json.dumps(msgpack.unpackb(DATA))`",
    ),
    (
        re.compile(
            rb"(?:\xd9\xd9\xf7)?[\x81-\x9f\xa1-\xbf].{0,200}?\x64type[\x61-\x7b]",
            re.DOTALL,
        ),
        "CBOR: write it as JSON, in Python with `json.dumps(cbor2.loads(DATA))`",
    ),
    (
        re.compile(rb"(?:#< CLIXML\s+)?<Objs [^>]{0,99}/powershell/"),
        "objects of PowerShell: write them as JSON, with `Import-Clixml FILE | ConvertTo-Json -Depth 9`",
    ),
    (
        re.compile(rb'(?=[^\n]{0,4000}?"_id":\s*"res_)\{[^\n]{0,4000}?"bodyPath":'),
        "Insomnia's list of responses, whose bodies are in other files: import the folder `responses` beside it",
    ),
    (
        re.compile(rb"\s*+(?:(?:#|//)[^\n]*+\n\s*+)*+[\[{]\s*+\{?\s*+[A-Za-z_]\w*: [^\s'\"\[{,][^\n,\]}]*+\r?\n"),
        "Hjson: write it as JSON, with `hjson -j FILE`",
    ),
    (
        re.compile(
            rb"(?:\s++|--[^\n]*+\n|/\*[^\n]*+\n|(?:PRAGMA|BEGIN|SET)\b[^\n]*+\n)*+"
            rb"(?:CREATE|INSERT|DROP|COPY|LOCK|ALTER|SELECT pg_catalog)\b[^\n]*+[;(\n]"
        ),
        "a database as SQL: load it (SQLite: `sqlite3 NEW.db < FILE`, and import NEW.db), and write the rows as JSON",
    ),
    (
        re.compile(
            rb"\s*(?:\$VAR\d+ = |<\?php|(?:\(object\) )?array ?\(|(?:Array|stdClass Object)\s+\(|stdClass::|"
            rb"object\(\w+\)#|\['\w+' => )"
        ),
        "a value as Perl or PHP prints it: let its program write it as JSON",
    ),
    (
        re.compile(rb"(?:\[\[?[\w.]+\]\]?\s*\n)?\w+ = (?:\"|\d|true|false)"),
        "TOML: write it as JSON, in Python with `json.dumps(tomllib.load(FILE))`",
    ),
    (
        re.compile(
            rb"--\d{4}-\d\d-\d\d [\d:]{8}--  \S+\n(?:(?!Saving to: )[^\n]*\n)*+Saving to: (?!\S{0,3}(?:STDOUT|-))"
        ),
        "a log of wget without the responses: import the files that it names",
    ),
    (
        re.compile(rb'(?=.{0,2000}?"entries"\s*:\s*\[.{0,9000}?"calls"\s*:\s*\[)\s*[\[{]', re.DOTALL),
        "a report of Hurl, whose responses are in other files: import the folder `store` beside it",
    ),
    (
        re.compile(rb"json = [\[{]"),
        "output of gron: turn it back into JSON, with `gron --ungron FILE`",
    ),
    (
        re.compile(rb'\s*\[\s*\[\s*(?:\d+|"\w+")(?:,\s*(?:\d+|"\w+"))*\s*\],\s*[^\s\[{]'),
        "output of `jq --stream`: turn it back into JSON, with `jq -n 'fromstream(inputs)' FILE`",
    ),
    (
        re.compile(rb'\s*[\[{].{0,400}?"\w+"\s*:\s*\{\s*"(?:[SNM]|BOOL|stringValue|mapValue)"\s*:\s*["{tf]', re.DOTALL),
        "values of DynamoDB or Firestore, each with its type: let a program write them as plain JSON",
    ),
    (
        re.compile(rb'\s*\{"(?:columns":\["|[\w.]+":\{"0":[^{\[])'),
        'a table by columns, as pandas writes it: write it by rows, with `to_json(orient="records")`',
    ),
    (
        re.compile(rb"\x80[\x02-\x05](?:\x95.{8}|[}\]c(X\x8cNG])", re.DOTALL),
        "a Python pickle, which could run code, so it is never opened: let its program write the responses as JSON",
    ),
    (
        re.compile(rb"\s*(?:['\"]use strict['\"];?\s|var path = require\(|module\.exports\b)"),
        "a JavaScript program, which is never run: save the responses in it as JSON",
    ),
    (
        re.compile(rb"[aO]:\d{1,9}:(?:\{[is]:\d|\"\w+\":\d)"),
        "a serialized PHP value: write it as JSON, with `json_encode(unserialize(…))`",
    ),
    (
        re.compile(rb"\d{1,12}:(?:\d{1,6}:[a-z]|.{0,200}?(?:version;|backup|response;))", re.DOTALL),
        "flows of mitmproxy: write them as HAR, with `mitmdump -nr FILE --set hardump=FILE.har`",
    ),
    (
        re.compile(rb'\s*\[\s*\{\s*"_index": "packets-|\{"index":\{"_index":"packets-|.{0,400}?<pdml ', re.DOTALL),
        _PACKETS,
    ),
    (
        re.compile(rb"\s*={20,}\r?\nFollow: \w+,(?!ascii|raw)"),
        "a stream of packets as tshark prints it: print it with `-z follow,tcp,raw,NUMBER` instead",
    ),
    (
        re.compile(rb'\{"(?:type":"Metric",|metric":"\w+","type":")|\{\s*"root_group": \{'),
        "results of k6, which hold no responses: only the log of `k6 run --http-debug=full` does",
    ),
    (
        re.compile(rb'\s*\{\s*"__meta__": \{\s*"about": "\w+ session file"'),
        "a session of HTTPie, which holds cookies and tokens, but no response",
    ),
    (
        re.compile(rb'\s*\{\s*"_type":\s*"export",\s*"__export_format"|type: collection\.insomnia\.rest/'),
        "an export of Insomnia, which holds no responses: export each response from its preview, as HAR",
    ),
    (
        re.compile(rb'\s*\{\s*"client(?:Name)?":\s*"Thunder Client"'),
        "an export of Thunder Client, which holds no responses: save each response to a file there",
    ),
    (
        re.compile(rb".{0,200}?<charles-session\b", re.DOTALL),
        "a session of Charles as XML: export it there as a JSON session or HAR",
    ),
    (
        re.compile(rb"timeStamp,elapsed,label,"),
        "results of JMeter as CSV, which hold no responses: save them as XML, with response_data=true",
    ),
    (
        re.compile(rb"(?:\| [a-z_.]+ )+\|\r?\n\|(?: --- \|)+"),
        "a table in Markdown, which leaves details out: export it as csv, json or jsonl",
    ),
    (  # each line has a SURT, a date and the place of a record; a CDX server prints JSON, too
        re.compile(
            rb" CDX [A-Za-z ]{3,80}\r?\n|!meta \{|\s*\[\s*\[\s*\"(?:urlkey|timestamp|original)\"|"
            rb"[^ \n]{1,2000}\)/[^ \n]* \d{4,17} (?:\{|\S+ \S+ \d{3} )"
        ),
        "an index of a web archive (CDX), which holds no responses: import the WARC files that it names",
    ),
)
_OLD_API: Final = re.compile(
    rb"flattr\.com/rest/0\.|<flattr>\s*<(?:version|clicks|thing|things|user|language|languages|category|categories)>"
)
_OLD_VERSION: Final = re.compile(rb"<version>\s*0\.(?:0\.1|5)\s*</version>|/rest/(0\.0\.1|0\.5)/")
OLD_API: Final = (
    "XML of Flattr's first API (0.0.1 or 0.5, from 2010 and 2011), which is not supported: only version 2 has the ids"
    " and times that the other data uses"
)


def name_unsupported(head: bytes) -> str:
    """Return a text that says what an unsupported file is and what to do instead; "" for a file that may be supported.

    `head` are the first bytes of the file.
    """
    if is_trace(head):
        lost = "a trace of curl (--trace-ascii), which has lost all bytes beyond ASCII: only --trace is read"
        return "" if is_readable_trace(head) else lost
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    for pattern, name in _PATTERNS:
        if pattern.match(head):
            return name
    return OLD_API if is_old_api(head) else ""


def is_old_api(head: bytes) -> bool:
    """Whether a file that begins with `head` is a response of a version of Flattr's API before version 2."""
    return bool(_OLD_VERSION.search(head, 0, 4096) or _OLD_API.search(head, 0, 4096))
