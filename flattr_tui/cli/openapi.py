"""The OpenAPI 3.1 description of Flattr's API, made from the table of methods.

The sandbox serves it at `/rest/v2/openapi.json`. This module is not part of the sandbox, because the sandbox imports
nothing of the client, and the table of methods is the client's (`api.method_table`). The objects that the API returns
are described as in `flattr/developers.flattr.net`, lib/flattr.rb and content/api/resources/*.md.
"""

from collections.abc import Mapping
from typing import Any, Final

from flattr_tui.api.method_table import CONTENT_TYPES, METHODS, Format, Method, Parameter, ParameterKind
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import CATEGORIES, LANGUAGES

Json = dict[str, Any]

_ABOUT: Final = """\
Flattr's REST API v2, as Flattr documented it and as public clients used it. The service is gone; this describes a
server that speaks its protocol.

- A suffix on the path (`/categories.xml`) or an `Accept` header chooses the format; the suffix wins, JSON is the
  default. Activities come only as `.as` (Activity Streams 1.0 JSON) and `.atom`.
- `?jsonp=NAME` wraps JSON in a call of that function.
- Lists are paged by `count` and `page`. After the last page, the response is an empty array.
- Separate ids and names by plain commas, not by `%2C`.
- Bodies are JSON; a form with the same fields works too. `POST` with `_method=patch` is the same as `PATCH`.
"""
_SCOPES: Final = {
    "flattr": "Flattr things and manage subscriptions",
    "thing": "Create, update and delete things",
    "email": "Read the email address",
    "extendedread": "Read private attributes and hidden things",
}
_SECURITY: Final = "flattr"
_SERVER_ERRORS: Final = {
    "500": "`server_error`: something is technically wrong",
    "503": "`service_unavailable`: the server's data can't be read or written",
    "507": "`insufficient_storage`: the server's disk is full",
}
_LIMITS: Final = {
    "X-RateLimit-Limit": "requests that are allowed in an hour",
    "X-RateLimit-Remaining": "requests that are left in this hour",
    "X-RateLimit-Current": "requests that were made in this hour",
    "X-RateLimit-Reset": "when the hour ends, in Unix seconds",
}


def describe(root: str) -> Json:
    """Return the OpenAPI description of a server's API. `root` is the server's address without a trailing slash."""
    paths: Json = {}
    for method in METHODS:
        paths.setdefault(_path_of(method), {})[method.verb.lower()] = _operation(method)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Flattr REST API v2", "version": "2", "description": _ABOUT},
        "externalDocs": {"url": "https://github.com/flattr/developers.flattr.net"},
        "servers": [{"url": f"{root}/rest/v2"}],
        "tags": [{"name": group} for group in dict.fromkeys(method.group.value for method in METHODS)],
        "paths": paths,
        "components": {
            "schemas": _SCHEMAS,
            "responses": _error_responses(),
            "headers": {name: _header(text, "integer") for name, text in _LIMITS.items()},
            "securitySchemes": {
                _SECURITY: {
                    "type": "oauth2",
                    "flows": {
                        "authorizationCode": {
                            "authorizationUrl": f"{root}/oauth/authorize",
                            "tokenUrl": f"{root}/oauth/token",
                            "scopes": _SCOPES,
                        }
                    },
                }
            },
        },
    }


def _path_of(method: Method) -> str:
    """Return the path of an API method with the names of its parameters in braces: `/users/{username}/things`.

    Two methods of the API have the path `/things/{id}`. The one that returns several things gets the path `/things`
    instead, with the ids in the query (`?id=1,2`).
    """
    if method.name == "things":
        return "/things"
    return "/".join(f"{{{part[1:]}}}" if part.startswith(":") else part for part in method.path.split("/"))


def _operation(method: Method) -> Json:
    in_body = method.writes
    parameters = [
        _parameter(parameter, in_path=parameter.in_path and method.name != "things")
        for parameter in method.parameters
        if not in_body or parameter.in_path
    ]
    operation: Json = {
        "operationId": method.name,
        "tags": [method.group.value],
        "summary": method.help,
        "externalDocs": {
            "url": f"https://github.com/flattr/developers.flattr.net/blob/master/content/api/{method.page}"
        },
        "responses": _responses(method),
    }
    if parameters:
        operation["parameters"] = parameters
    fields = [parameter for parameter in method.parameters if in_body and not parameter.in_path]
    if fields:
        operation["requestBody"] = _request_body(fields)
    scopes = [method.auth.value] if method.auth.value in _SCOPES else []
    operation["security"] = [{_SECURITY: scopes}] if method.private else [{}, {_SECURITY: []}]
    return operation


def _parameter(parameter: Parameter, *, in_path: bool) -> Json:
    described: Json = {
        "name": parameter.name,
        "in": "path" if in_path else "query",
        "description": parameter.help,
        "required": parameter.required,
        "schema": _schema_of(parameter),
    }
    if parameter.kind in {ParameterKind.IDS, ParameterKind.LIST, ParameterKind.CATEGORIES, ParameterKind.LANGUAGES}:
        described |= {"style": "simple" if in_path else "form", "explode": False}
    return described


def _request_body(fields: list[Parameter]) -> Json:
    """Return the OpenAPI description of a JSON body with these fields.

    Servers accept a form, too, but openapi-python-client fails if a second media type is described.
    """
    schema: Json = {
        "type": "object",
        "properties": {field.name: _schema_of(field) | {"description": field.help} for field in fields},
    }
    required = [field.name for field in fields if field.required]
    if required:
        schema["required"] = required
    return {"required": bool(required), "content": {"application/json": {"schema": schema}}}


def _schema_of(parameter: Parameter) -> Json:
    schema = dict(_KINDS[parameter.kind])
    if parameter.kind is ParameterKind.CHOICE:
        schema["enum"] = list(parameter.choices)
    if parameter.kind is ParameterKind.TEXT and parameter.in_path:
        schema |= {"minLength": 1, "pattern": "^[^/]+$"}
    if parameter.default:
        schema["default"] = int(parameter.default) if parameter.kind is ParameterKind.INTEGER else parameter.default
    return schema


_CATEGORY: Final[Json] = {"type": "string", "enum": [choice.id for choice in CATEGORIES]}
_LANGUAGE: Final[Json] = {"type": "string", "enum": [choice.id for choice in LANGUAGES]}
_INTEGER: Final[Json] = {"type": "integer", "minimum": 1, "maximum": 2**31}
_KINDS: Final[Mapping[ParameterKind, Json]] = {
    ParameterKind.TEXT: {"type": "string"},
    ParameterKind.INTEGER: _INTEGER,
    ParameterKind.FLAG: {"type": "boolean"},
    ParameterKind.BOOLEAN: {"type": "boolean"},
    ParameterKind.IDS: {"type": "array", "items": _INTEGER, "minItems": 1, "maxItems": 30},
    ParameterKind.LIST: {"type": "string"},
    ParameterKind.TAGS: {"type": "string", "maxLength": 1000, "examples": ["audio & library | podcast ! draft"]},
    ParameterKind.URL: {"type": "string", "format": "uri"},
    ParameterKind.CATEGORY: _CATEGORY,
    ParameterKind.CATEGORIES: {"type": "array", "items": _CATEGORY},
    ParameterKind.LANGUAGE: _LANGUAGE,
    ParameterKind.LANGUAGES: {"type": "array", "items": _LANGUAGE},
    ParameterKind.CHOICE: {"type": "string"},
}


# -- responses


def _responses(method: Method) -> Json:
    limits = {name: _reference("headers", name) for name in _LIMITS} if method.limited else {}
    responses: Json = {}
    for status, (text, schema, location) in _success_responses(method).items():
        answer: Json = {"description": text}
        if schema:
            answer["content"] = {CONTENT_TYPES[fmt]: _describe_content(fmt, schema) for fmt in method.formats}
        headers = limits | ({"Location": _header("where it is", "string")} if location else {})
        if headers:
            answer["headers"] = headers
        responses[status] = answer
    for status in ("400", "401", "403", "404", "406", *_SERVER_ERRORS):
        responses.setdefault(status, _reference("responses", status))
    return responses


def _success_responses(method: Method) -> dict[str, tuple[str, Json, bool]]:
    """Return the successful responses of an API method in a dictionary by HTTP status.

    Each value is a tuple: what the response means, the JSON schema of its body, and whether it has a `Location` header.
    """
    if method.response_kind is ResponseKind.NOTHING:
        return {"204": ("It is done", {}, False)}
    if method.response_kind is ResponseKind.LOOKUP:
        missing = {"anyOf": [_reference("schemas", "LookupResult"), _reference("schemas", "Error")]}
        return {
            "200": (
                "No thing yet, but the address can be flattred: `flattrable`",
                _reference("schemas", "LookupResult"),
                False,
            ),
            "302": ("There is such a thing: `found`", _reference("schemas", "LookupFound"), True),
            "404": ("There is no such thing: `not_found`", missing, False),
        }
    if method.name == "create-thing":
        return {"201": ("The thing was created", _reference("schemas", "CreatedThing"), True)}
    name, is_list = _ANSWERS[method.response_kind]
    if method.response_kind is ResponseKind.RECEIPT:
        name = _RECEIPTS.get(method.name, name)
    schema = _reference("schemas", name)
    return {"200": (method.help, {"type": "array", "items": schema} if is_list else schema, False)}


def _describe_content(fmt: Format, schema: Json) -> Json:
    """Return the OpenAPI description of a response body in one format. `schema` is the JSON schema of its data."""
    if fmt is Format.AS:
        return {"schema": _reference("schemas", "ActivityStream")}
    return {"schema": schema} if fmt is Format.JSON else {}


def _error_responses() -> Json:
    codes = {
        "400": "`invalid_request`, `invalid_parameters` or `validation`",
        "401": "`unauthorized` (no token, or an unknown one) or `no_means` (no money left to flattr with)",
        "403": "`rate_limit_exceeded`, `insufficient_scope`, `forbidden`, `flattr_once`, `flattr_owner`, `thing_owner`"
        " or `subscribed`",
        "404": "`not_found`",
        "406": "`not_acceptable`: the format is none that this comes in",
    } | _SERVER_ERRORS
    content = {
        CONTENT_TYPES[fmt]: _describe_content(fmt, _reference("schemas", "Error"))
        for fmt in (Format.JSON, Format.XML, Format.YAML)
    }
    return {status: {"description": text, "content": content} for status, text in codes.items()}


def _header(text: str, kind: str) -> Json:
    return {"description": text, "schema": {"type": kind}}


def _reference(section: str, name: str) -> Json:
    return {"$ref": f"#/components/{section}/{name}"}


def _object(required: Mapping[str, Json], optional: Mapping[str, Json] | None = None) -> Json:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


_ANSWERS: Final[Mapping[ResponseKind, tuple[str, bool]]] = {
    ResponseKind.USER: ("User", False),
    ResponseKind.THING: ("Thing", False),
    ResponseKind.THINGS: ("Thing", True),
    ResponseKind.FLATTRS: ("Flattr", True),
    ResponseKind.ACTIVITIES: ("ActivityStream", False),
    ResponseKind.SUBSCRIPTIONS: ("Subscription", True),
    ResponseKind.SEARCH: ("SearchResult", False),
    ResponseKind.CHOICES: ("Choice", True),
    ResponseKind.RATE_LIMIT: ("RateLimit", False),
    ResponseKind.RECEIPT: ("Receipt", False),
}
_RECEIPTS: Final = {"update-thing": "Confirmation", "toggle-subscription": "ToggledSubscription"}

_TEXT: Final[Json] = {"type": "string"}
_NUMBER: Final[Json] = {"type": "integer"}
_SWITCH: Final[Json] = {"type": "boolean"}
_TIME: Final[Json] = {"type": "integer", "description": "Unix seconds in UTC; 0 is never"}
_LINKS: Final[Mapping[str, Json]] = {"resource": _TEXT, "link": _TEXT}
_MINI_USER: Final = {"type": {"const": "user"}, **_LINKS, "username": _TEXT}
_MINI_THING: Final = {"type": {"const": "thing"}, **_LINKS, "id": _NUMBER, "url": _TEXT, "title": _TEXT}
_OWNER: Final[Json] = {"anyOf": [_reference("schemas", "User"), _reference("schemas", "MiniUser")]}
_INNER_THING: Final[Json] = {"anyOf": [_reference("schemas", "Thing"), _reference("schemas", "MiniThing")]}
_PARTY: Final = {"displayName": _TEXT, "url": _TEXT}

_SCHEMAS: Final[Mapping[str, Json]] = {
    "Error": _object({"error": _TEXT, "error_description": _TEXT}, {"error_uri": _TEXT}),
    "MiniUser": _object(_MINI_USER),
    "User": _object(
        {**_MINI_USER, **dict.fromkeys(("firstname", "lastname", "avatar", "about", "city", "country"), _TEXT)},
        {
            "id": _TEXT,
            "url": {"type": ["string", "null"]},
            "active_supporter": {"enum": [0, 1]},
            "email": _TEXT | {"description": "with the scope email or extendedread"},
            "registered_at": _TIME | {"description": "Unix seconds; with the scope extendedread"},
        },
    ),
    "MiniThing": _object(_MINI_THING, {"image": _TEXT, "flattrs": _NUMBER, "owner": _reference("schemas", "MiniUser")}),
    "Thing": _object(
        {
            **_MINI_THING,
            "description": _TEXT,
            "tags": {"type": "array", "items": _TEXT},
            "language": _TEXT,
            "category": _TEXT,
            "created_at": _TIME,
            "owner": _OWNER,
            "hidden": _SWITCH,
            "flattrs": _NUMBER,
        },
        {
            "image": _TEXT,
            "flattrs_user_count": _NUMBER,
            "flattred": _SWITCH | {"description": "whether the token's user flattred it"},
            "subscribed": _SWITCH | {"description": "whether the token's user is subscribed to it"},
            "last_flattr_at": _TIME | {"description": "Unix seconds, 0 is never; for its owner"},
            "updated_at": _TIME | {"description": "Unix seconds, 0 is never; for its owner"},
        },
    ),
    "Flattr": _object(
        {"type": {"const": "flattr"}, "thing": _INNER_THING, "owner": _OWNER, "created_at": _TIME},
    ),
    "Subscription": _object(
        {
            "type": {"const": "subscription"},
            "active": _SWITCH,
            "created_at": _TIME,
            "started_at": _TIME,
            "thing": _INNER_THING,
        }
    ),
    "SearchResult": _object(
        {
            "total_items": _NUMBER,
            "items": _NUMBER | {"description": "how many things this page has"},
            "page": _NUMBER,
            "things": {"type": "array", "items": _reference("schemas", "Thing")},
        }
    ),
    "ActivityStream": _object({"items": {"type": "array", "items": _reference("schemas", "Activity")}}),
    "Activity": _object(
        {
            "id": _TEXT,
            "published": {"type": "string", "format": "date-time"},
            "title": _TEXT,
            "verb": _TEXT,
            "actor": _object({**_PARTY, "objectType": {"const": "person"}}),
            "object": _object({**_PARTY, "objectType": {"const": "bookmark"}}),
        }
    ),
    "LookupFound": _object({"message": {"const": "found"}, "location": _TEXT}),
    "LookupResult": _object({"message": {"enum": ["flattrable", "not_found"]}, "description": _TEXT}),
    "Choice": _object({"id": _TEXT, "text": _TEXT}),
    "RateLimit": _object(
        {
            "hourly_limit": _NUMBER,
            "remaining_hits": _NUMBER,
            "current_hits": _NUMBER,
            "reset_time_in_seconds": _TIME | {"description": "Unix seconds, whatever its name says"},
            "reset_time": _TEXT,
        }
    ),
    "Receipt": _object({"message": _TEXT, "description": _TEXT, "thing": _reference("schemas", "MiniThing")}),
    "CreatedThing": _object({"id": _NUMBER, "link": _TEXT, "message": _TEXT, "description": _TEXT}),
    "Confirmation": _object({"message": _TEXT, "description": _TEXT}),
    "ToggledSubscription": _object({"message": {"enum": ["paused", "started"]}, "description": _TEXT}),
}
