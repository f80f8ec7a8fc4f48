"""The sandbox's web pages: plain HTML without scripts. On the page of an auto-submit link, a user can flattr a thing.

Source: `flattr/developers.flattr.net`, content/api/policy.md: a program that is not Flattr's must say so;
content/auto-submit/index.md: `/submit/auto?user_id=…&url=…`.
"""

import asyncio
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from flattr_tui.sandbox.api_call import SandboxRequest, parse_request
from flattr_tui.sandbox.api_responses import STATUS_OF, ApiError
from flattr_tui.sandbox.models import CATEGORIES, LANGUAGES, Refused, ThingRow, UserRow
from flattr_tui.sandbox.world import World

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2b22; --paper: #fbfcf8; --card: #fff; --line: #d5dccf; --brand: #5f8a1e;
  --quiet: #55624f; --warn: #fff3d1; --warn-ink: #5a4300 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ede0; --paper: #161b15; --card: #1f261d; --line: #3b4637;
  --brand: #a6d45a; --quiet: #a9b6a1; --warn: #3d3212; --warn-ink: #ffe4a0 } }
* { box-sizing: border-box }
body { margin: 0; font: 1rem/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
main { max-width: 36rem; margin: 8vh auto; padding: 0 1.25rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .6rem 0 }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.5rem }
.note { background: var(--warn); color: var(--warn-ink); border-radius: .5rem; padding: .6rem .9rem; margin: 0 0 1rem }
.quiet { color: var(--quiet) }
label { display: block; font-weight: 600; margin-top: 1rem }
select, button { font: inherit; padding: .6rem .9rem; border-radius: .5rem; border: 1px solid var(--line) }
select { width: 100%; margin-top: .3rem; background: var(--paper); color: var(--ink) }
.row { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem }
button { cursor: pointer; min-width: 8rem; background: transparent; color: var(--ink) }
button[value=allow] { background: var(--brand); border-color: var(--brand); color: var(--card); font-weight: 600 }
:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px }
code, dd { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
dt { font-weight: 600; margin-top: .6rem } dd { margin: 0 } .prose dd { font-family: inherit }
h3 { margin: 2rem 0 0 } a { color: var(--brand) }
"""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_NOTE = (
    '<p class="note" role="note"><strong>This is a sandbox.</strong> It is not Flattr: its people are made up, and no'
    " money is behind it.</p>"
)
_SERVICE = "https://flattr.com/submit/auto?"


def page(title: str, body: str, status: int = 200) -> HTMLResponse:
    """Return a web page with `title`, which is plain text, and `body`, which is HTML."""
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – flattr-tui sandbox</title><style>{_STYLE}</style></head>"
        f'<body><main>{_NOTE}<div class="card">{body}</div></main></body></html>',
        status,
        _HEADERS,
    )


def definition_list(pairs: Mapping[str, str], links: Collection[str] = ()) -> str:
    """Return HTML that lists names and their values. The values of the names in `links` become links."""
    values = {name: escape(text) for name, text in pairs.items()}
    values |= {name: f'<a href="{values[name]}">{values[name]}</a>' for name in links if name in values}
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{text}</dd>" for name, text in values.items()) + "</dl>"


def error_page(title: str, text: str, status: int = 400) -> HTMLResponse:
    """Return the page of an error. `text` says what went wrong."""
    return page(title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>", status)


def index_page(facts: Mapping[str, str]) -> HTMLResponse:
    """Return the page that describes the server. `facts` are what a client needs to connect, as names and values."""
    body = (
        "<h1>flattr-tui sandbox</h1><p>A server that speaks the Flattr REST API v2 and its OAuth 2, with made-up data,"
        " for trying and testing clients.</p>" + definition_list(facts, ("OpenAPI", "Methods"))
    )
    return page("Flattr API v2", body)


def methods_page(description: Mapping[str, Any]) -> HTMLResponse:
    """Return a page for people with an OpenAPI description: its methods, their parameters and their responses."""
    sections: dict[str, list[str]] = {}
    for path, verbs in description["paths"].items():
        for verb, operation in verbs.items():
            sections.setdefault(operation["tags"][0], []).append(_method(verb.upper(), path, operation))
    links = " · ".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in sections)
    parts = [f'<h2 id="{escape(name)}">{escape(name)}</h2>{"".join(texts)}' for name, texts in sections.items()]
    about = "".join(f"<p>{escape(text)}</p>" for text in _paragraphs(description["info"]["description"]))
    server = escape(description["servers"][0]["url"])
    title = escape(description["info"]["title"])
    head = f"<h1>{title}</h1>{about}<p>All paths below start with <code>{server}</code>."
    head += f' The same description for programs: <a href="{server}/openapi.json">OpenAPI</a>.</p>'
    return page(description["info"]["title"], f"{head}<p>{links}</p>{''.join(parts)}")


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs and list items of a Markdown text."""
    parts = re.split(r"\n(?=- )|\n\n", text.replace("`", ""))
    return [" ".join(part.removeprefix("- ").split()) for part in parts if part.strip()]


def _method(verb: str, path: str, operation: Mapping[str, Any]) -> str:
    fields = [
        (field["name"], field["in"], field["schema"], field["description"], field["required"])
        for field in operation.get("parameters", ())
    ]
    for media in list(operation.get("requestBody", {}).get("content", {}).values())[:1]:
        schema = media["schema"]
        fields += [
            (name, "body", field, field["description"], name in schema.get("required", ()))
            for name, field in schema["properties"].items()
        ]
    listed = "".join(
        f'<dt><code>{escape(name)}</code> <span class="quiet">{where}, {escape(_describe_values(schema))}'
        f"{', required' if required else ''}</span></dt><dd>{escape(text)}</dd>"
        for name, where, schema, text, required in fields
    )
    scopes = [scope for need in operation["security"] for scopes in need.values() for scope in scopes]
    is_open = {} in operation["security"]
    needs = f"<p>Needs a token{f' with the scope {escape(scopes[0])}' if scopes else ''}.</p>" if not is_open else ""
    answers = "".join(
        f"<li><code>{status}</code> {escape(answer['description'].replace('`', ''))}</li>"
        for status, answer in operation["responses"].items()
        if answer.get("description", operation["summary"]) != operation["summary"]
    )
    heading = f"<h3><code>{verb} {escape(path)}</code></h3><p>{escape(operation['summary'])}</p>"
    return f'{heading}{needs}<dl class="prose">{listed}</dl>{f"<ul>{answers}</ul>" if answers else ""}'


def _describe_values(schema: Mapping[str, Any]) -> str:
    """Return a few words that say which values a parameter may have. `schema` is the parameter's JSON schema."""
    inner = schema.get("items", schema)
    names = [str(value) for value in inner.get("enum", ())]
    kind = "one of " + ", ".join(names) if 0 < len(names) <= 8 else str(inner.get("format", inner["type"]))
    default = f", default {schema['default']}" if "default" in schema else ""
    return f"{'comma-separated ' if inner is not schema else ''}{kind}{default}"


def consent_page(
    client: str, scopes: Mapping[str, str], users: Iterable[str], hidden: Mapping[str, str]
) -> HTMLResponse:
    """Return the page that asks which user to log in as, and whether the client may act for this user.

    `client` is the id of the client, and `scopes` maps the names of the requested scopes to what they allow. `hidden`
    are parameters that the form sends back unchanged.
    """
    asks = "".join(f"<li><code>{escape(name)}</code> – {escape(text)}</li>" for name, text in scopes.items())
    options = "".join(f'<option value="{escape(name)}">{escape(name)}</option>' for name in users)
    kept = "".join(f'<input type="hidden" name="{escape(key)}" value="{escape(text)}">' for key, text in hidden.items())
    body = (
        f"<h1>Allow <em>{escape(client)}</em> to use this account?</h1>"
        f"<p>It asks to:</p><ul><li>Read what everybody may see, and your own lists</li>{asks}</ul>"
        f'<form method="post">{kept}'
        f'<label for="username">Log in as</label><select id="username" name="username" required>{options}</select>'
        '<div class="row"><button type="submit" name="decision" value="allow">Allow</button>'
        '<button type="submit" name="decision" value="deny">Deny</button></div></form>'
        '<p class="quiet">No password is needed: choose any user. The client can be logged out again at any time.</p>'
    )
    return page("Log in", body)


def submit_page(title: str, address: str, owner: str, users: Iterable[str]) -> HTMLResponse:
    """Return the page that asks whether to flattr the page of an auto-submit link, and as which user.

    `title` and `address` are those of the page to flattr. `owner` gets the flattr, so the choice has all `users` but
    this one.
    """
    options = "".join(f'<option value="{escape(name)}">{escape(name)}</option>' for name in users if name != owner)
    body = (
        f"<h1>Flattr <em>{escape(title)}</em>?</h1>"
        + definition_list({"Address": address, "Owner": owner})
        + '<form method="post"><label for="username">Flattr as</label>'
        f'<select id="username" name="username" required>{options}</select>'
        '<div class="row"><button type="submit" value="allow">Flattr</button></div></form>'
    )
    return page("Flattr", body)


def submitted_page(row: ThingRow, username: str) -> HTMLResponse:
    """Return the page that says that `username` has flattred the thing in `row`."""
    flattrs = "1 flattr" if row.flattrs == 1 else f"{row.flattrs:,} flattrs"
    body = f"<h1>Flattred</h1><p>{escape(username)} flattred <em>{escape(row.title)}</em>. It now has {flattrs}.</p>"
    return page("Flattred", f'{body}<p><a href="/thing/{row.id}">See the thing</a></p>')


def user_page(row: UserRow) -> HTMLResponse:
    """Return the page of a user, to which the user's `link` leads."""
    name = f"{row.firstname} {row.lastname}".strip() or row.username
    known = {"User name": row.username, "Place": ", ".join(part for part in (row.city, row.country) if part)}
    body = f"<h1>{escape(name)}</h1><p>{escape(row.about)}</p>"
    return page(name, body + definition_list({key: text for key, text in known.items() if text}))


def thing_page(row: ThingRow) -> HTMLResponse:
    """Return the page of a thing, to which the thing's `link` leads.

    The address of the thing itself is shown, but is not a link, because it is invented.
    """
    facts = {
        "Address": row.url,
        "Owner": row.owner.username,
        "Flattrs": f"{row.flattrs:,} by {row.flattrs_user_count:,} people",
        "Category": CATEGORIES.get(row.category, row.category),
        "Language": LANGUAGES.get(row.language, row.language),
        "Tags": ", ".join(row.tags),
    }
    body = f"<h1>{escape(row.title)}</h1><p>{escape(row.description)}</p>"
    return page(row.title, body + definition_list({name: text for name, text in facts.items() if text}))


def code_page(query: Mapping[str, str]) -> HTMLResponse:
    """Return the page that shows a code for the user to copy to the client, or that says why there is none.

    `query` are the parameters of the page's address, to which the browser was redirected. A token of an implicit grant
    can't be shown: it follows the `#` of the address, and browsers don't send that part to the server.
    """
    if "error" in query:
        return error_page("Not allowed", query.get("error_description") or query["error"])
    if "code" not in query:
        token_text = "A token that was allowed is in this page's address, behind <code>#access_token=</code>;"
        return page("No code", f"<h1>No code</h1><p>{token_text} why one was not, behind <code>#error=</code>.</p>")
    body = "<h1>Allowed</h1><p>Give this code to the program that asked:</p>" + definition_list({"Code": query["code"]})
    return page("Code", body)


class SubmitPage:
    """The endpoint `/submit/auto`, where a user can flattr the page of an auto-submit link.

    `root` is a function that returns the server's own address for a request.
    """

    def __init__(self, world: Callable[[], World], root: Callable[[Request], str]) -> None:
        self._world = world
        self._root = root

    async def respond(self, raw: Request) -> Response:
        """Respond to `GET` with a page that asks whether to flattr.

        `POST` flattrs as the user whose name is in the form's field `username`, and responds with the result.
        """
        request, root = await parse_request(raw), self._root(raw)
        if request.method == "POST" and request.headers.get("origin", root) != root:
            return error_page("Not from here", "The form was sent from another site.", 403)
        return await asyncio.to_thread(self._answer, request)

    def _answer(self, request: SandboxRequest) -> Response:
        try:
            return (
                self._flattr(request, request.fields)
                if request.method == "POST"
                else self._ask_whether_to_flattr(request)
            )
        except ApiError as error:
            return error_page("This cannot be flattred", error.description, error.status)
        except Refused as refusal:
            status = STATUS_OF[refusal.code]
            # A browser that gets 401 without a challenge shows nothing.
            return error_page("This cannot be flattred", refusal.description, 403 if status == 401 else status)

    def _ask_whether_to_flattr(self, request: SandboxRequest) -> Response:
        world, address = self._world(), _SERVICE + request.raw_query
        if not dict(parse_qsl(request.raw_query)).get("url"):
            raise Refused("validation", "The address has no url.")
        thing = world.lookup(address)
        if thing is not None:
            return submit_page(thing.title, thing.url, thing.owner.username, world.usernames())
        made = world.submittable(address)
        if made is None:
            raise Refused("not_found", "The address names no user of this sandbox who would get the flattr.")
        owner, draft = made
        return submit_page(draft.title or draft.url or "", draft.url or "", owner, world.usernames())

    def _flattr(self, request: SandboxRequest, fields: Mapping[str, str]) -> Response:
        world, username = self._world(), fields.get("username")
        if not isinstance(username, str) or world.user(username) is None:
            raise Refused("not_found", "There is no such user in this sandbox.")
        return submitted_page(world.flattr_address(username, _SERVICE + request.raw_query), username)
