"""A server with one user, whose lists are cut into pages as a test says."""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HTTPRequest
from starlette.responses import JSONResponse
from starlette.routing import Route

SOURCE = "https://odd.example/rest/v2"
MANY = 260
Record = dict[str, Any]
Answer = Callable[[list[Record], int, int], list[Record] | None]
"""What a server answers: of its records, for a page's number and size; None says that there is no such page."""


def thing(number: int) -> Record:
    return {"type": "thing", "id": number, "title": f"Thing {number}", "created_at": 1_500_000_000 - number * 60}


def flattr(number: int) -> Record:
    owner = {"type": "user", "username": "odd"}
    return {"type": "flattr", "created_at": 1_500_000_000 - number * 60, "thing": thing(number), "owner": owner}


def part(records: list[Record], page: int, count: int) -> list[Record]:
    return records[(page - 1) * count : page * count]


class Server:
    """A server with one user, whose lists are cut into pages by `flattrs` and `things`."""

    def __init__(self, flattrs: Answer, things: Answer | None = None, many: int = MANY) -> None:
        self._cut = {"flattrs": flattrs, "things": things or flattrs}
        self.records = {"flattrs": list(map(flattr, range(many))), "things": list(map(thing, range(many)))}
        self.asked = 0

    async def _list(self, request: HTTPRequest) -> JSONResponse:
        self.asked += 1
        name = request.path_params["name"]
        page, count = (int(request.query_params.get(name, 30)) for name in ("page", "count"))
        found = self._cut[name](self.records[name], page, min(count, 100))
        return JSONResponse(found) if found is not None else JSONResponse({}, 404)

    def app(self) -> Starlette:
        user = {"type": "user", "username": "odd"}
        return Starlette(
            routes=[
                Route("/rest/v2/users/odd", lambda _: JSONResponse(user)),
                Route("/rest/v2/users/odd/{name}", self._list),
            ]
        )
