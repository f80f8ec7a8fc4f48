"""The page of an auto-submit link: `/submit/auto?user_id=…&url=…` asks whether to flattr, and does it.

Source: `flattr/developers.flattr.net`, content/auto-submit/index.md.
"""

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from flattr_tui.sandbox import html_pages
from flattr_tui.sandbox.api_errors import STATUS_OF, ApiError
from flattr_tui.sandbox.http_request import SandboxRequest, parse_request
from flattr_tui.sandbox.models import Refused
from flattr_tui.sandbox.world import World

_SERVICE = "https://flattr.com/submit/auto?"


class SubmitPage:
    """The endpoint at `/submit/auto`; `root` returns the server's own address for a request."""

    def __init__(self, world: Callable[[], World], root: Callable[[Request], str]) -> None:
        self._world = world
        self._root = root

    async def respond(self, raw: Request) -> Response:
        """Respond to `GET` with a page that asks whether to flattr.

        `POST` flattrs as the user in the form's field `username`, and shows the result.
        """
        request, root = await parse_request(raw), self._root(raw)
        if request.method == "POST" and request.headers.get("origin", root) != root:
            return html_pages.error_page("Not from here", "The form was sent from another site.", 403)
        return await asyncio.to_thread(self._answer, request)

    def _answer(self, request: SandboxRequest) -> Response:
        try:
            return self._flattr(request, request.fields) if request.method == "POST" else self._question(request)
        except ApiError as error:
            return html_pages.error_page("This cannot be flattred", error.description, error.status)
        except Refused as refusal:
            status = STATUS_OF[refusal.code]
            # A browser that gets 401 without a challenge shows nothing.
            return html_pages.error_page(
                "This cannot be flattred", refusal.description, 403 if status == 401 else status
            )

    def _question(self, request: SandboxRequest) -> Response:
        world, address = self._world(), _SERVICE + request.raw_query
        if not dict(parse_qsl(request.raw_query)).get("url"):
            raise Refused("validation", "The address has no url.")
        thing = world.lookup(address)
        if thing is not None:
            return html_pages.submit_page(thing.title, thing.url, thing.owner.username, world.usernames())
        made = world.submittable(address)
        if made is None:
            raise Refused("not_found", "The address names no user of this sandbox who would get the flattr.")
        owner, draft = made
        return html_pages.submit_page(draft.title or draft.url or "", draft.url or "", owner, world.usernames())

    def _flattr(self, request: SandboxRequest, fields: Mapping[str, str]) -> Response:
        world, username = self._world(), fields.get("username")
        if not isinstance(username, str) or world.user(username) is None:
            raise Refused("not_found", "There is no such user in this sandbox.")
        return html_pages.submitted_page(world.flattr_address(username, _SERVICE + request.raw_query), username)
