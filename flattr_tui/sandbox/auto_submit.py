"""Whose an address is that the service found out by itself, and how it called what is there.

Source: `flattr/developers.flattr.net`, content/api/resources/flattrs.md, 'Discoverable URL:s'; the titles, tags and
addresses are as in the answers that `smgt/flattr` recorded. A photo of Instagram does not say whose it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flattr_tui.sandbox.models import ThingDraft

_Said = tuple[str, str, tuple[str, ...]]
"""A title, a category, and tags."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """What is known of an address: the name of its user at that site, and the thing to be made."""

    username: str
    draft: ThingDraft


def _github(path: Sequence[str]) -> _Said | None:
    match path:
        case [name]:
            return f"{name} on GitHub", "software", ("github",)
        case [name, repository]:
            return f"{name}/{repository} on GitHub", "software", ("github", "repository")
        case [name, repository, "commit", _]:
            return f"Commit on {name}/{repository}", "software", ("github", "commit")
    return None


def _gist(path: Sequence[str]) -> _Said | None:
    return (f"Gist by {path[0]} on GitHub", "software", ("github", "gist")) if len(path) == 2 else None


def _soundcloud(path: Sequence[str]) -> _Said | None:
    match path:
        case [_] | [_, _] | [_, "sets", _]:
            return f"{'/'.join(path)} on SoundCloud", "audio", ("soundcloud",)
    return None


def _twitter(path: Sequence[str]) -> _Said | None:
    match path:
        case [name]:
            return f"{name} on Twitter", "people", ("twitter",)
        case [name, "status", _]:
            return f"Tweet by @{name}", "text", ("twitter", "tweet")
    return None


_SITES: Mapping[str, Callable[[Sequence[str]], _Said | None]] = {
    "github.com": _github,
    "gist.github.com": _gist,
    "soundcloud.com": _soundcloud,
    "twitter.com": _twitter,
}


def discovered(url: str) -> Discovered | None:
    """Say what is known of an address, whoever has an account here; None for one that is not discoverable.

    The thing's address is the one that the service kept: http, without `www`, a query and a slash at the end.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = [segment for segment in parts.path.split("/") if segment]
    said = _SITES[host](path) if parts.scheme in {"http", "https"} and host in _SITES else None
    if said is None:
        return None
    title, category, tags = said
    draft = ThingDraft(url=f"http://{host}/{'/'.join(path)}", title=title, category=category, tags=tags)
    return Discovered(path[0], draft)
