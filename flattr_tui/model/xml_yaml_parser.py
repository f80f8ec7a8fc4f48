"""Parses the service's XML, Atom and YAML into the same values as its JSON.

XML has an element for each field, and `item` elements (or elements named after the resource) in a list; Atom has
Activity Streams 1.0 entries. Entities and external references are refused (defusedxml); of YAML only the safe subset
without aliases is accepted.
"""

import re
from html import escape, unescape
from typing import ClassVar, cast
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
import yaml
from defusedxml.common import DefusedXmlException

from flattr_tui.model.entities import Json, NotFlattrError
from flattr_tui.model.text_sanitizer import single_line

ATOM = "{http://www.w3.org/2005/Atom}"
STREAM = "{http://activitystrea.ms/spec/1.0/}"
LISTS = frozenset({"tags", "things", "flattrs", "subscriptions", "categories", "languages", "items", "users"})
"""Names of XML elements that are lists."""
MAX_DEPTH = 40
"""Maximum number of levels of nesting."""
MAX_NODES = 200_000
"""Maximum number of elements or values. PyYAML and ElementTree take a few hundred bytes for each."""
MAX_REPAIRED = 1024 * 1024
"""Maximum size in bytes of invalid XML that is repaired."""


_PARSER_ERRORS = (ValueError, LookupError, AttributeError, OverflowError, TypeError, RecursionError)
"""Errors that PyYAML raises if a tag does not fit its value (`!!int ""`), and expat for an unknown encoding."""
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);|#\d+;|#x[0-9a-fA-F]+;)(\w+;)?")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DECLARATION = re.compile(rb"\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([\w.:-]+)""")
_NULL = re.compile("(?:null|Null|NULL|~|)$")
_SYMBOL = re.compile(rb"(?:^|\n)[ -]*:\w+:(?=[ \n])")
_TRUTH = re.compile("(?:true|True|TRUE|false|False|FALSE)$")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Loads YAML, but reads all unquoted values as text, except null, true and false.

    YAML's own rules would turn some titles into dates or numbers.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {
        first: [("tag:yaml.org,2002:null", _NULL), ("tag:yaml.org,2002:bool", _TRUTH)] for first in ["", *"nN~tTfF"]
    }


def _construct_untagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Json:
    """Return the value of a YAML node without the node's tag. Such tags name types of programs, as `!ruby/hash:Mash`.

    PyYAML passes the tag as `suffix`, which is not used.
    """
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_yaml_str(cast("yaml.ScalarNode", node))


_Loader.add_multi_constructor("!", _construct_untagged)


def _name_symbols(value: Json) -> Json:
    """Return a value in which keys that are Ruby's symbols (`:title`) are replaced by their names (`title`)."""
    if isinstance(value, dict):
        return {
            key.removeprefix(":") if isinstance(key, str) else key: _name_symbols(one) for key, one in value.items()
        }
    return [_name_symbols(one) for one in value] if isinstance(value, list) else value


def _refuse_bombs(body: bytes) -> None:
    """Raise `NotFlattrError` for YAML that could exhaust memory or stack.

    That is YAML with aliases (nine lines of which can mean a billion nodes), deep nesting, or too many values.
    """
    depth = 0
    for number, event in enumerate(yaml.parse(body, Loader=_Loader)):
        if isinstance(event, yaml.AliasEvent):
            raise NotFlattrError("YAML with aliases, which no response of Flattr has")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise NotFlattrError("YAML nested too deeply to be a response of Flattr")
        if number > MAX_NODES:
            raise NotFlattrError(f"YAML with more than {MAX_NODES:,} values, which no response of Flattr has")


def parse_xml_or_yaml(content_type: str, body: bytes) -> Json:
    """Return the plain values of an XML, Atom or YAML body. Raises `NotFlattrError` if the body is none of them."""
    try:
        if content_type.endswith("yaml"):
            _refuse_bombs(body)
            data = yaml.load(body, Loader=_Loader)  # noqa: S506 -- one of the two safe loaders
            return _name_symbols(data) if _SYMBOL.search(body) else data
        root = parse_xml(content_type, body)
    except NotFlattrError:
        raise
    except (yaml.YAMLError, *_PARSER_ERRORS) as error:
        raise NotFlattrError(f"not {_name(content_type)} ({single_line(str(error))[:120]})") from error
    return _to_feed(root) if root.tag == f"{ATOM}feed" else _to_value(root)


def parse_xml(content_type: str, body: bytes) -> Element:
    """Return the root of an XML body, after repairing the usual mistakes of page templates.

    Raises `NotFlattrError` if the body is not XML. `content_type` only serves to name the type in that error.
    """
    if body.count(b"<") > 2 * MAX_NODES:  # a start and an end for each
        raise NotFlattrError(f"{content_type} with more than {MAX_NODES:,} elements, which no response of Flattr has")
    try:
        try:
            return defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
        except (ParseError, *_PARSER_ERRORS) as error:
            if (repaired := _repair_xml(body)) is None:
                raise
            try:
                return defusedxml.ElementTree.fromstring(repaired, forbid_dtd=True)
            except (ParseError, *_PARSER_ERRORS):
                raise error from None
    except DefusedXmlException as error:
        raise NotFlattrError(f"{content_type} with a document type (DOCTYPE), which is not read: remove it") from error
    except (ParseError, *_PARSER_ERRORS) as error:
        raise NotFlattrError(f"not {_name(content_type)} ({single_line(str(error))[:120]})") from error


def _name(content_type: str) -> str:
    return "YAML" if content_type.endswith("yaml") else "Atom" if "atom" in content_type else "XML"


def _repair_xml(body: bytes) -> str | None:
    """Return XML without the usual mistakes of PHP templates, in an encoding that expat knows.

    The mistakes are blanks before the declaration, bare ampersands, HTML entities and control characters. Returns None
    if the body is too large, or is not in the encoding that it declares.
    """
    if len(body) > MAX_REPAIRED:
        return None
    found = _DECLARATION.match(body)
    declaration = found[0] if found else b""
    named = _ENCODING.search(declaration)
    try:
        text = body[len(declaration) :].decode(named[1].decode() if named else "utf-8")
    except (LookupError, UnicodeDecodeError):
        return None
    return _ENTITY.sub(_replace_entity, _CONTROLS.sub("", text)).strip()


def _replace_entity(found: re.Match[str]) -> str:
    unescaped = unescape(found[0])
    return escape(unescaped) if unescaped != found[0] or not found[1] else f"&amp;{found[1]}"


def _to_value(element: Element, depth: int = 0) -> Json:
    if depth > MAX_DEPTH:
        raise NotFlattrError("markup nested too deeply to be a response of Flattr")
    children = list(element)
    text = element.text or ""
    if not children and (element.tag not in LISTS or text.strip()):
        return text  # `flattrs` is a list in some places and a count in others
    names = {child.tag for child in children}
    is_list = names == {"item"} or (element.tag in LISTS and len(names) <= 1)
    if is_list or (element.get("type") == "array"):
        return [_to_value(child, depth + 1) for child in children]
    return {child.tag: _to_value(child, depth + 1) for child in children}


def _to_feed(root: Element) -> Json:
    return {"items": [_to_entry(entry) for entry in root.findall(f"{ATOM}entry")]}


def _to_entry(entry: Element) -> dict[str, Json]:
    def text(path: str, within: Element = entry) -> str:
        return (within.findtext(path) or "").strip()

    target = entry.find(f"{STREAM}object")
    links = target.findall(f"{ATOM}link") if target is not None else []
    # RFC 4287, 4.2.7.2: a link without a relation is an alternate; the service's `related` is the thing's own address.
    pages = [link for link in links if link.get("rel", "alternate") == "alternate"]
    link = next(iter(pages or links), None)
    related = next((link.get("href", "") for link in links if link.get("rel") == "related"), "")
    return {
        "id": text(f"{ATOM}id"),
        "published": text(f"{ATOM}published") or text(f"{ATOM}updated"),
        "title": text(f"{ATOM}title"),
        "verb": text(f"{STREAM}verb").rpartition("/")[2],
        "actor": {"displayName": text(f"{ATOM}author/{ATOM}name"), "url": text(f"{ATOM}author/{ATOM}uri")},
        "object": {
            "displayName": text(f"{ATOM}title", target) if target is not None else "",
            "url": cast("str", link.get("href", "")) if link is not None else "",
            **({"targetUrl": related} if related else {}),
        },
    }
