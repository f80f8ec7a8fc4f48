"""Recognizes addresses whose owner Flattr could find out by itself (such as SoundCloud's), and titles their things.

Source: `flattr/developers.flattr.net`, content/api/resources/flattrs.md, 'Discoverable URL:s'; titles, tags and
addresses are as in the responses that `smgt/flattr` recorded. The address of an Instagram photo does not contain its
owner.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flattr_tui.sandbox.models import ThingDraft

_Description = tuple[str, str, tuple[str, ...]]
"""A title, a category, and tags."""


@dataclass(frozen=True, slots=True)
class DiscoveredThing:
    """What an address reveals: its user's name at that site, and the thing to create."""

    username: str
    draft: ThingDraft


def _github(path: Sequence[str]) -> _Description | None:
    match path:
        case [name]:
            return f"{name} on GitHub", "software", ("github",)
        case [name, repository]:
            return f"{name}/{repository} on GitHub", "software", ("github", "repository")
        case [name, repository, "commit", _]:
            return f"Commit on {name}/{repository}", "software", ("github", "commit")
    return None


def _gist(path: Sequence[str]) -> _Description | None:
    return (f"Gist by {path[0]} on GitHub", "software", ("github", "gist")) if len(path) == 2 else None


def _soundcloud(path: Sequence[str]) -> _Description | None:
    match path:
        case [_] | [_, _] | [_, "sets", _]:
            return f"{'/'.join(path)} on SoundCloud", "audio", ("soundcloud",)
    return None


def _twitter(path: Sequence[str]) -> _Description | None:
    match path:
        case [name]:
            return f"{name} on Twitter", "people", ("twitter",)
        case [name, "status", _]:
            return f"Tweet by @{name}", "text", ("twitter", "tweet")
    return None


_SITES: Mapping[str, Callable[[Sequence[str]], _Description | None]] = {
    "github.com": _github,
    "gist.github.com": _gist,
    "soundcloud.com": _soundcloud,
    "twitter.com": _twitter,
}


def discover(url: str) -> DiscoveredThing | None:
    """Return the user and the thing that an address such as `https://github.com/alice/tool` names; None without any.

    The page is not fetched, and the user may have no account in the sandbox. The thing gets its address in the form in
    which Flattr stored it: with http, and without `www`, query and trailing slash.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = [segment for segment in parts.path.split("/") if segment]
    found = _SITES[host](path) if parts.scheme in {"http", "https"} and host in _SITES else None
    if found is None:
        return None
    title, category, tags = found
    draft = ThingDraft(url=f"http://{host}/{'/'.join(path)}", title=title, category=category, tags=tags)
    return DiscoveredThing(path[0], draft)
