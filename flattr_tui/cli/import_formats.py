"""The file formats that `flattr-tui import` reads, and the programs that it was tested with. Also for the README."""

from typing import Final, NamedTuple


class ImportFormat(NamedTuple):
    """A format that can be imported."""

    kind: str
    producer: str
    """The program and version that wrote the test files."""
    note: str = ""


FORMATS: Final = (
    ImportFormat(
        "responses of the API", "flattr-tui get, export", "JSON, JSON lines, XML, YAML, Activity Streams, Atom"
    ),
    ImportFormat(
        "responses with their headers", "curl 7.88.1", "-i, -v, --compressed; of -v only the responses are kept"
    ),
    ImportFormat("folder of responses", "GNU Wget 1.21.3", "-r, -x: file names are addresses"),
    ImportFormat(
        "HAR", "mitmproxy 12", ".har, .zhar; also with bodies in other files, and .har.zip, as Playwright writes them"
    ),
    ImportFormat("WARC", "GNU Wget 1.21.3, warcio 1.8.1", "gzip or not; revisits; damaged files as far as possible"),
    ImportFormat("WARC, zstd", "zstd 1.5.4", "one frame per record, with or without a dictionary; extra `warc`"),
    ImportFormat("WACZ", "py-wacz 0.6.0", ""),
    ImportFormat("ARC", "made by hand", "extra `warc`"),
    ImportFormat("cassette", "vcrpy 9.4.2, betamax 0.9.0", "YAML, JSON; also as VCR 2 (Ruby) writes them"),
    ImportFormat("Postman collection", "made by hand", "v2.0, v2.1: the saved examples"),
    ImportFormat("revenue report", "made by hand", "CSV as Flattr, R's write.csv2 and spreadsheets write it"),
    ImportFormat("export of the browser extension", "made by hand", "export-*.json; the browsing history is not kept"),
    ImportFormat("feed with payment links", "made by hand", "RSS 2.0, Atom"),
    ImportFormat(
        "archive of any of these", "Python 3.11, zstd 1.5.4", "zip, tar; gzip, xz, bzip2, zstd (extra `warc`)"
    ),
    ImportFormat("bundle", "flattr-tui bundle", ""),
)
