#!/usr/bin/env bash
# Bruno's import of OpenAPI makes one parameter `tag=x,y` of a list that the API wants as `tag=x&tag=y`.
#
# Guess: An importer of OpenAPI writes a request from the example: a list in the query is repeated, unless the
# description says `explode: false`; an object of style `deepObject` becomes `filter[from]=…`.
# What happens: openApiToBruno joins each list by commas, so that a server which splits nothing looks for a tag with the
# name `x,y`. Of an object it takes the names of the properties, without the parameter's: `from`, switched off and
# empty. openapi-to-postmanv2 writes the request as described, but in the example that it saves beside it only the last
# of the list is left.
# Versions: @usebruno/converters 0.23.0, openapi-to-postmanv2 6.3.3 on Node 20.
# Source: run of this script; OpenAPI 3.0: `explode` is true by default for `form`, which is the style of a query.
# In this program: lists in its description have `explode: false`, which both write as described (cli/openapi.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @usebruno/converters@0.23.0 openapi-to-postmanv2@6.3.3 >/dev/null
cat >convert.cjs <<'SCRIPT'
const {openApiToBruno} = require('@usebruno/converters');
const {convertV2} = require('openapi-to-postmanv2');

const texts = {type: 'array', items: {type: 'string'}};
const dates = {type: 'object', properties: {from: {type: 'string'}}};
const answer = {schema: {type: 'object'}, example: {id: 1}};
const description = {
  openapi: '3.0.3',
  info: {title: 'Things', version: '1'},
  servers: [{url: 'https://h.example'}],
  paths: {'/things': {get: {
    parameters: [
      {name: 'tag', in: 'query', schema: texts, example: ['x', 'y']},
      {name: 'list', in: 'query', schema: texts, explode: false, example: ['x', 'y']},
      {name: 'filter', in: 'query', schema: dates, style: 'deepObject', explode: true, example: {from: '2013'}},
    ],
    responses: {200: {description: 'Things', content: {'application/json': answer}}},
  }}},
};
const pairs = parameters => parameters.map(({key, name, value}) => `${key ?? name}=${value}`);
convertV2({type: 'json', data: description}, {parametersResolution: 'Example'}, async (error, {output}) => {
  const find = items => items.flatMap(item => (item.item ? find(item.item) : [item]));
  const [item] = find(output[0].data.item);
  const bruno = await openApiToBruno(description);
  const findRequests = items => items.flatMap(item => (item.items ? findRequests(item.items) : [item.request]));
  const seen = {
    'Bruno': pairs(findRequests(bruno.items)[0].params),
    'Postman': pairs(item.request.url.query),
    "Postman's saved example": pairs(item.response[0].originalRequest.url.query),
  };
  for (const [name, parameters] of Object.entries(seen)) console.log(`${name}:`, parameters.join(' '));
  const expected = {
    'Bruno': ['tag=x,y', 'list=x,y', 'from='],
    'Postman': ['tag=x', 'tag=y', 'list=x,y', 'filter[from]=2013'],
    "Postman's saved example": ['tag=y', 'list=x,y', 'filter[from]=2013'],
  };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) {
    console.error('This has changed.');
    process.exit(1);
  }
  console.log('As described.');
});
SCRIPT
node convert.cjs
