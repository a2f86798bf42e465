"""Prepares a saved SVG figure for standing inside the page: harmless, small, and with ids of its own."""
from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from checks.errors import RequestError

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_TAGS = frozenset(
    "svg g defs path rect circle ellipse line polyline polygon text tspan use clipPath linearGradient "
    "radialGradient stop pattern marker symbol title desc".split()
)
_LONG_NUMBER = re.compile(r"(\d+\.\d\d)\d+")


def embed(path: Path, prefix: str, label: str) -> str:
    """One `<svg>` element for the page; RequestError when the file is missing or is not SVG.

    Kept: drawing elements and plain attributes. Dropped: scripts, styles, foreign content, event handlers and
    links to anywhere but the figure itself. Ids get `prefix`, so that two figures on a page cannot mix.
    """
    try:
        text = path.read_text(encoding="utf-8")
        root = ET.fromstring(_without_doctype(text))
    except (OSError, ET.ParseError, UnicodeDecodeError):
        raise RequestError(f"figure {path} is missing or is not SVG; run what draws it again") from None
    if root.tag != f"{_SVG}svg":
        raise RequestError(f"figure {path} is not SVG; save it with reports.figures.save")
    _strip(root)
    for element in root.iter():
        _clean(element, prefix)
    root.attrib = _frame(root, label)
    return ET.tostring(root, encoding="unicode")


def _without_doctype(text: str) -> str:
    if "<!ENTITY" in text:
        raise ET.ParseError("entities are not needed in a figure")
    return re.sub(r"<!DOCTYPE[^>\[]*>", "", text)


def _strip(element: ET.Element) -> None:
    for child in list(element):
        known = isinstance(child.tag, str) and child.tag.removeprefix(_SVG) in _TAGS
        if known:
            _strip(child)
        else:
            element.remove(child)


def _clean(element: ET.Element, prefix: str) -> None:
    element.tag = element.tag.removeprefix(_SVG)
    keep = {}
    for name, value in element.attrib.items():
        name = "href" if name == _HREF else name
        if _harmless(name, value):
            keep[name] = _shorter(_renamed(name, value, prefix))
    element.attrib = keep
    if not (element.text or "").strip():
        element.text = None
    if not (element.tail or "").strip():
        element.tail = None


def _harmless(name: str, value: str) -> bool:
    if name.startswith(("on", "{")) or "javascript:" in value.replace(" ", "").lower():
        return False
    if name == "href":
        return value.startswith("#")
    return all(target.startswith("#") for target in re.findall(r"url\(\s*['\"]?([^)]*)\)", value))


def _renamed(name: str, value: str, prefix: str) -> str:
    if name == "id":
        return prefix + value
    if name == "href":
        return "#" + prefix + value[1:]
    return value.replace("url(#", f"url(#{prefix}")


def _shorter(value: str) -> str:
    """Coordinates to a hundredth of a point, which no screen shows, and one space for any white space."""
    return _LONG_NUMBER.sub(r"\1", " ".join(value.split()))


def _frame(root: ET.Element, label: str) -> dict[str, str]:
    """Attributes of the outer element: it scales to its box and says what it is."""
    box = root.get("viewBox") or f"0 0 {_points(root.get('width'))} {_points(root.get('height'))}"
    width = box.split()[2]
    return {"viewBox": box, "role": "img", "aria-label": label, "style": f"width:{width}pt"}


def _points(length: str | None) -> str:
    found = re.match(r"[\d.]+", length or "")
    return found[0] if found else "400"
