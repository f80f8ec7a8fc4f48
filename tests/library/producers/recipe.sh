#!/usr/bin/env bash
# Makes the files in this folder with the programs that people use. Run it in an empty folder of its own:
#   tests/library/producers/recipe.sh
# It needs uv, curl 7.88, wget 1.21, zstd 1.5 and Node 20; everything else is installed, in the versions named here.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"; kill "$server" 2>/dev/null || true' EXIT
cd "$work"
export XDG_DATA_HOME=$work/data
port=8791
base=http://127.0.0.1:$port/rest/v2
flattr-tui serve --port $port >/dev/null 2>&1 & server=$!
until curl -sf "$base/users/ada" >/dev/null; do sleep 0.2; done
tools() { uv venv -q --clear "$work/$1" && uv pip install -q -p "$work/$1/bin/python" "${@:2}"; }

# curl 7.88.1, with a token that nobody may find again
curl -si "$base/users/ada" >"$here/curl-i.txt"
curl -sv --compressed -b "sid=planted-secret" "$base/users/ada" >"$here/curl-v.txt" 2>&1
curl -v -A "planted-secret" "$base/users/ada/flattrs?count=2" "$base/users/ada/things?count=2" >"$here/curl-v-two.txt" 2>&1

# GNU Wget 1.21.3: a WARC, and a folder with its names
wget -q --no-warc-keep-log --header "Cookie: sid=planted-secret" --warc-file=wget -O /dev/null \
  "$base/users/ada" "$base/users/ada/flattrs?count=2"
cp wget.warc.gz "$here/wget.warc.gz"
wget -q -x "$base/users/ada/flattrs?count=2" "$base/users/ada/things.xml?count=2"
tar -czf "$here/wget-folder.tar.gz" "127.0.0.1:$port"

# warcio 1.8.1, py-wacz 0.6.0, js-wacz 0.1.6 (Node 20), vcrpy 9.4.2, betamax 0.9.0, backports.zstd 1.8.0, brotli 1.2.1
tools archives warcio==1.8.1 wacz==0.6.0 requests==2.34.2
tools cassettes vcrpy==9.4.2 betamax==0.9.0 requests==2.34.2 backports.zstd==1.8.0
archives/bin/python - "$base" <<'END'
import sys
from warcio.capture_http import capture_http
import requests
base = sys.argv[1]
with capture_http("warcio.warc.gz"):
    for path in ("/users/ada", "/users/ada/flattrs?count=2", "/users/ada"):
        requests.get(base + path, headers={"Cookie": "sid=planted-secret"})
END
cp warcio.warc.gz "$here/"
archives/bin/wacz create -o "$here/py-wacz.wacz" warcio.warc.gz >/dev/null
npm install --silent --no-audit --no-fund @harvard-lil/js-wacz@0.1.6 >/dev/null
npx js-wacz create -f warcio.warc.gz -o "$here/js-wacz.wacz" >/dev/null 2>&1
cassettes/bin/python - "$base" "$here" <<'END'
import sys, zipfile
import betamax, requests, vcr
base, here = sys.argv[1:]
session = requests.Session()
session.headers["Authorization-Like"] = "planted-secret"
session.headers["Cookie"] = "sid=planted-secret"
for serializer, ending in (("yaml", "yaml"), ("json", "json")):
    with vcr.use_cassette(f"{here}/vcrpy.{ending}", serializer=serializer, record_mode="all"):
        session.get(f"{base}/users/ada")
        session.get(f"{base}/users/ada/flattrs?count=2")
with vcr.use_cassette(f"{here}/vcrpy-decoded.yaml", decode_compressed_response=True, record_mode="all"):
    session.get(f"{base}/users/ada")
recorder = betamax.Betamax(session, cassette_library_dir=here)
with recorder.use_cassette("betamax", record="all"):
    session.get(f"{base}/users/ada")
    session.get(f"{base}/users/ada/flattrs?count=2")
from backports.zstd import zipfile as zstd_zip
with zstd_zip.ZipFile(f"{here}/zstd.zip", "w", zstd_zip.ZIP_ZSTANDARD) as archive:
    archive.writestr("ada.json", session.get(f"{base}/users/ada").content)
END

# zstd 1.5.4: a frame a record, and with a dictionary in a skippable frame in front
archives/bin/python - <<'END'
import gzip, re
data = gzip.open("warcio.warc.gz").read()
for number, record in enumerate(re.split(rb"(?=WARC/1\.[01]\r\n)", data)[1:]):
    open(f"record-{number:02}", "wb").write(record)
END
cat record-* > all; for i in $(seq 40); do split -b 300 -d -a 4 all "sample-$i-"; done
zstd -q --train sample-* --maxdict=2048 -o dictionary
python3 - dictionary >"$here/dictionary.warc.zst" <<'END'
import sys
data = open(sys.argv[1], "rb").read()
sys.stdout.buffer.write(b"\x5d\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data)
END
for record in record-*; do
  zstd -q -c "$record" >>frames
  zstd -q -c -D dictionary "$record" >>"$here/dictionary.warc.zst"
done
cp frames "$here/frames.warc.zst"

# mitmproxy 12: `.har` and `.zhar`
tools proxy mitmproxy
for ending in har zhar; do
  proxy/bin/mitmdump -q -p 8792 --set hardump="$here/mitmproxy.$ending" & mitm=$!
  until curl -sf -x http://127.0.0.1:8792 "$base/users/ada" >/dev/null; do sleep 0.5; done
  curl -sf -x http://127.0.0.1:8792 -H "Cookie: sid=planted-secret" "$base/users/ada/flattrs?count=2" >/dev/null
  kill -INT $mitm; wait $mitm || true
done
