#!/usr/bin/env bash
# A token for `expiresIn: 3600` is good for an hour with jsonwebtoken, and for 3.6 seconds with fast-jwt.
#
# Guess: 3600 is an hour, as everywhere in OAuth and in JWT itself, where times are seconds; a number that comes as
# text, from an environment variable, is the same number or an error.
# What happens: fast-jwt, which @fastify/jwt uses, counts milliseconds: tests pass, and users are logged out after three
# or four seconds. jsonwebtoken counts seconds, but takes the text "3600" for milliseconds. jose's
# setExpirationTime(3600) is an hour after midnight on 1 January 1970; it refuses "3600". All three make an hour of
# '1h', and a minute of '1M', which isn't a month.
# Versions: jsonwebtoken 9.0.3, fast-jwt 6.3.6, jose 6.2.17 on Node 20.
# Source: run of this script; the READMEs of jsonwebtoken and fast-jwt name the units; RFC 7519, 2: NumericDate.
# In this program: `expires_in` is a number of seconds, also as text (api/oauth_login.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund jsonwebtoken@9.0.3 fast-jwt@6.3.6 jose@6.2.17 >/dev/null
cat >sign.mjs <<'SCRIPT'
import {createSigner} from 'fast-jwt';
import {SignJWT} from 'jose';
import jsonwebtoken from 'jsonwebtoken';

const key = 'an example of a key of 32 letters';
const signers = {
  jsonwebtoken: expiresIn => jsonwebtoken.sign({user: 'ada'}, key, {expiresIn}),
  'fast-jwt': expiresIn => createSigner({key, expiresIn})({user: 'ada'}),
  jose: expiresIn => {
    const token = new SignJWT({user: 'ada'}).setProtectedHeader({alg: 'HS256'}).setIssuedAt();
    return token.setExpirationTime(expiresIn).sign(Buffer.from(key));
  },
};
const seen = {};
for (const [name, sign] of Object.entries(signers)) {
  const lives = [];
  for (const time of [3600, '3600', '1h', '1M']) {
    try {
      const {iat, exp} = JSON.parse(Buffer.from((await sign(time)).split('.')[1], 'base64url'));
      lives.push(exp === 3600 ? 'until 1970' : exp - iat < 5 ? 'under 5' : exp - iat);
    } catch {
      lives.push('error');
    }
  }
  seen[name] = lives.join(', ');
  console.log(`${name}: seconds for 3600, '3600', '1h', '1M': ${seen[name]}`);
}
const expected = {
  jsonwebtoken: '3600, under 5, 3600, 60',
  'fast-jwt': 'under 5, under 5, 3600, 60',
  jose: 'until 1970, error, 3600, 60',
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node sign.mjs
