#!/usr/bin/env bash
# openapi-backend, whose feature list has OpenAPI 3.1, calls a description that uses it invalid, and mocks `{}` for all.
#
# Guess: A description in OpenAPI 3.1 may say `type: [string, 'null']`, `const: user` and `examples: […]`, which are
# what is new in 3.1. openapi-backend validates it as what it says it is, and its mocks have the members that are
# required.
# What happens: Each document is validated as 3.0. With one of these words anywhere, `strict: true` refuses it; else
# there's a warning of hundreds of lines, and what comes after the check is left out: references aren't resolved, so a
# schema behind `$ref`, as most are, is mocked as `{}`. `quick: true`, which is there for a fast start, leaves out the
# check and so makes the mocks whole, but `const` and a list of types are `{}` even so.
# Versions: openapi-backend 5.21.2 with openapi-schema-validator 12.1.3 and mock-json-schema 1.1.3, on Node 20.
# Source: run of this script; openapi-backend/backend.js, `validateDefinition`: `{ version: 3 }`; OpenAPI 3.1.0, 4.8.24:
# a schema is one of JSON Schema 2020-12.
# In this program: the sandbox describes itself in 3.1, with such types (cli/openapi.py), and its tests compare answers
# with that (tests/cli/test_openapi.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund openapi-backend@5.21.2 mock-json-schema@1.1.3 >/dev/null
cat >mock.mjs <<'SCRIPT'
import {OpenAPIBackend} from 'openapi-backend';

const describe = (openapi, name) => ({
  openapi,
  info: {title: 'Users', version: '1'},
  paths: {'/user': {get: {operationId: 'user', responses: {200: {description: 'a user', content: {
    'application/json': {schema: {$ref: '#/components/schemas/User'}},
  }}}}}},
  components: {schemas: {User: {type: 'object', required: ['name'], properties: {name}}}},
});
const descriptions = {
  'nullable (3.0)': describe('3.0.3', {type: 'string', nullable: true}),
  'nothing new (3.1)': describe('3.1.0', {type: 'string'}),
  'list of types (3.1)': describe('3.1.0', {type: ['string', 'null']}),
  'const (3.1)': describe('3.1.0', {const: 'user'}),
  'examples (3.1)': describe('3.1.0', {type: 'string', examples: ['ada']}),
};
const warnings = [];
console.warn = warning => warnings.push(warning);
const seen = {};
for (const [name, definition] of Object.entries(descriptions)) {
  const api = new OpenAPIBackend({definition});
  await api.init();
  const quick = new OpenAPIBackend({definition, quick: true});
  await quick.init();
  const strict = await new OpenAPIBackend({definition, strict: true}).init().then(() => 'accepted', () => 'refused');
  seen[name] = [strict, ...[api, quick].map(one => JSON.stringify(one.mockResponseForOperation('user').mock))];
  console.log(`${name}: ${strict}; mock ${seen[name][1]}, with quick ${seen[name][2]}`);
}
console.log(`${warnings.length} warnings: ${warnings[0].message.split('\n')[0]}`);
const text = '{"name":"string"}';
const unchanged = warnings.length === 3 && JSON.stringify(seen) === JSON.stringify({
  'nullable (3.0)': ['accepted', text, text],
  'nothing new (3.1)': ['accepted', text, text],
  'list of types (3.1)': ['refused', '{}', '{"name":{}}'],
  'const (3.1)': ['refused', '{}', '{"name":{}}'],
  'examples (3.1)': ['refused', '{}', text],
});
if (!unchanged) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node mock.mjs
