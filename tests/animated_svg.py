"""Joins pictures of the app to one SVG, which shows them in turn. It needs only CSS, so it also moves in an `<img>`.

The SVGs of Rich are made smaller: styles that several pictures use are written once, clip paths are left out, and the
rendering of rectangles is set once. A picture of 80x24 cells takes about 25 KB instead of 40.
"""

import html
import re
from collections.abc import Sequence

SECONDS = 2.5
"""Seconds for which each picture is shown."""
_STYLE = re.compile(r"\.terminal(?:-\d+)?-(r\d+) \{([^}]*)\}")
_BODY = re.compile(r'<g transform="translate\(9, 41\)"[^>]*>(.*)</g>\s*</svg>', re.DOTALL)
_MATRIX = re.compile(r'<g class="terminal(?:-\d+)?-matrix">')
_CLASS = re.compile(r'class="terminal(?:-\d+)?-(r\d+)"')
_OMITTED = re.compile(r' clip-path="url\([^"]*\)"| shape-rendering="crispEdges"')
_EMPTY = re.compile(r'<text [^>]*textLength="0"[^>]*>\s*</text>')
_TEMPLATE = """\
<svg viewBox="{view}" xmlns="http://www.w3.org/2000/svg">
<style>
rect {{ shape-rendering: crispEdges }}
.frame {{ visibility: hidden; font: 20px Fira Code, monospace; white-space: pre; animation: show {total:g}s step-end infinite }}
.frame:first-of-type {{ visibility: visible }}
.title {{ font: bold 18px arial; fill: #c5c8c6; text-anchor: middle }}
@keyframes show {{ 0% {{ visibility: visible }} {share:.3f}% {{ visibility: hidden }} 100% {{ visibility: hidden }} }}
@media (prefers-reduced-motion: reduce) {{ .frame {{ animation: none }} }}
{styles}
</style>
<rect fill="#292929" width="100%" height="100%" rx="8"/>
<circle cx="26" cy="22" r="7" fill="#ff5f57"/><circle cx="48" cy="22" r="7" fill="#febc2e"/><circle cx="70" cy="22" r="7" fill="#28c840"/>
{frames}
</svg>
"""  # noqa: E501 -- CSS


def assemble(pictures: Sequence[tuple[str, str]]) -> str:
    """Return one SVG that shows `pictures` in turn. Each is a title and an SVG by Rich, all of the same size."""
    classes: dict[str, str] = {}
    frames = [_frame(title, svg, number, classes) for number, (title, svg) in enumerate(pictures)]
    view = re.search(r'viewBox="([^"]*)"', pictures[0][1])
    assert view is not None
    return _TEMPLATE.format(
        view=view[1],
        total=SECONDS * len(frames),
        share=100 / len(frames),
        styles="\n".join(f".{name} {{ {style.strip()} }}" for style, name in classes.items()),
        frames="\n".join(frames),
    )


def _frame(title: str, svg: str, number: int, classes: dict[str, str]) -> str:
    """Return one picture as an SVG group. The picture is the one with the index `number` in the series, from 0.

    The picture's styles are added to `classes`, which maps a style to a class name.
    """
    class_names = {name: classes.setdefault(style, f"c{len(classes)}") for name, style in _STYLE.findall(svg)}
    body = _BODY.search(svg)
    assert body is not None
    text = _MATRIX.sub("<g>", _EMPTY.sub("", _OMITTED.sub("", body[1])))
    text = _CLASS.sub(lambda match: f'class="{class_names[match[1]]}"', text)
    return (
        f'<g class="frame" style="animation-delay:{number * SECONDS:g}s">'
        f'<text class="title" x="50%" y="28">{html.escape(title)}</text>'
        f'<g transform="translate(9, 41)">{text.strip()}</g></g>'
    )
