#!/usr/bin/env bash
# httpsnippet makes commands that send another cookie than the HAR has, and one field of two.
#
# Guess: A command that is made of a HAR's request sends what was sent: the cookies with the values that stand there,
# and each header field.
# What happens: Names and values of cookies are percent-encoded, so a session `abc==` is sent as `abc%3D%3D`, and
# `a%2Fb` as `a%252Fb`: a server doesn't know such a session, and the request that worked in the browser is refused. Of
# two fields of one name the last is left, and `?wsdl` becomes `?wsdl=`. The library makes the code samples of several
# API tools.
# Versions: httpsnippet 3.0.10 on Node 20.
# Source: run of this script; httpsnippet/dist/httpsnippet.js, `encodeURIComponent(name)`; RFC 6265, 5.4: a user agent
# sends the value as it was set; HAR 1.2, cookies.
# In this program: the console's curl command has each field of the request as it was sent
# (library/console/exchange.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund httpsnippet@3.0.10 >/dev/null
cat >read.mjs <<'SCRIPT'
import module from 'httpsnippet';

const request = {
  method: 'GET',
  url: 'https://example.org/?wsdl',
  httpVersion: 'HTTP/1.1',
  headers: [{name: 'X-Tag', value: 'one'}, {name: 'X-Tag', value: 'two'}],
  queryString: [],
  cookies: [{name: 'session', value: 'abc=='}, {name: 'path', value: 'a%2Fb'}],
  headersSize: -1,
  bodySize: 0,
};
const command = new module.HTTPSnippet(request).convert('shell', 'curl');
console.log(command);
const unchanged = command.includes("session=abc%3D%3D; path=a%252Fb") && command.includes("'X-Tag: two'")
  && !command.includes("'X-Tag: one'") && command.includes("?wsdl='");
if (!unchanged) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node read.mjs
