"""A server with one user. A test decides how the server cuts the user's lists into API pages."""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HTTPRequest
from starlette.responses import JSONResponse
from starlette.routing import Route

SOURCE = "https://odd.example/rest/v2"
MANY = 260
"""Number of flattrs and things that the user has, unless a test says otherwise."""
Record = dict[str, Any]
PageMaker = Callable[[list[Record], int, int], list[Record] | None]
"""Takes all records of a list, the number of an API page and its size. Returns the records of that page.

None stands for a response with status 404.
"""


def make_thing(number: int) -> Record:
    return {"type": "thing", "id": number, "title": f"Thing {number}", "created_at": 1_500_000_000 - number * 60}


def make_flattr(number: int) -> Record:
    owner = {"type": "user", "username": "odd"}
    return {"type": "flattr", "created_at": 1_500_000_000 - number * 60, "thing": make_thing(number), "owner": owner}


def cut_page(records: list[Record], page: int, count: int) -> list[Record]:
    return records[(page - 1) * count : page * count]


class OddServer:
    """A server with the user `odd`. `flattrs` and `things` are the functions that make the API pages of these lists."""

    def __init__(self, flattrs: PageMaker, things: PageMaker | None = None, many: int = MANY) -> None:
        self._makers = {"flattrs": flattrs, "things": things or flattrs}
        self.records = {"flattrs": list(map(make_flattr, range(many))), "things": list(map(make_thing, range(many)))}
        self.request_count = 0

    async def _list(self, request: HTTPRequest) -> JSONResponse:
        self.request_count += 1
        name = request.path_params["name"]
        page, count = (int(request.query_params.get(name, 30)) for name in ("page", "count"))
        found = self._makers[name](self.records[name], page, min(count, 100))
        return JSONResponse(found) if found is not None else JSONResponse({}, 404)

    def app(self) -> Starlette:
        user = {"type": "user", "username": "odd"}
        return Starlette(
            routes=[
                Route("/rest/v2/users/odd", lambda _: JSONResponse(user)),
                Route("/rest/v2/users/odd/{name}", self._list),
            ]
        )
