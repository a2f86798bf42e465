"""Turns the kernel's terms into presentation MathML, and lets only harmless MathML onto the page.

A term is printed as LaTeX (`theory.core.latex`) and handed to latex2mathml, which browsers show well.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from html import escape

from latex2mathml.converter import convert

from theory.core.latex import latex
from theory.core.term import Term

_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
_TAGS = frozenset(
    "math mrow mi mn mo mtext mspace ms mfrac msqrt mroot msub msup msubsup munder mover munderover mtable "
    "mtr mtd mpadded mphantom mstyle merror mmultiscripts mprescripts semantics".split()
)
_ATTRIBUTES = frozenset(
    "display mathvariant stretchy fence separator form lspace rspace accent accentunder movablelimits "
    "largeop linethickness columnalign rowalign columnspan rowspan width height depth displaystyle "
    "scriptlevel minsize maxsize symmetric".split()
)
_ENTITIES = {"&InvisibleTimes;": "\u2062", "&ApplyFunction;": "\u2061"}


def mathml(what: Term | str, display: str = "block") -> str:
    """One `<math>` element for a term, or for LaTeX; `display` is "block" or "inline"."""
    source = what if isinstance(what, str) else latex(what)
    return safe_mathml(convert(source, display=display))


def safe_mathml(markup: str) -> str:
    """The same MathML with only known elements and attributes in it; anything else comes back escaped."""
    if not markup.strip():
        return ""
    if "<!" in markup:  # no document types, entities or comments: nothing of ours writes them
        return f"<code>{escape(markup)}</code>"
    for entity, character in _ENTITIES.items():
        markup = markup.replace(entity, character)
    try:
        root = ET.fromstring(markup)
    except ET.ParseError:
        return f"<code>{escape(markup)}</code>"
    if root.tag.removeprefix(_NAMESPACE) != "math":
        wrapper = ET.Element("math")
        wrapper.append(root)
        root = wrapper
    if any(_foreign(element) for element in root.iter()):
        return f"<code>{escape(markup)}</code>"
    for element in root.iter():
        _tidy(element)
    return ET.tostring(root, encoding="unicode", short_empty_elements=False)


def _foreign(element: ET.Element) -> bool:
    return not isinstance(element.tag, str) or element.tag.removeprefix(_NAMESPACE) not in _TAGS


def _tidy(element: ET.Element) -> None:
    """Drop the namespace prefix and unknown attributes; mark a leading minus as a prefix (set tight)."""
    element.tag = element.tag.removeprefix(_NAMESPACE)
    element.attrib = {key: value for key, value in element.attrib.items() if key in _ATTRIBUTES}
    previous: ET.Element | None = None
    for child in element:
        opens = previous is None or (
            previous.tag.endswith("mo") and (previous.text or "") not in ")]|"
        )
        if child.tag.endswith("mo") and child.text == "\u2212" and opens and len(element) > 1:
            child.set("form", "prefix")
        previous = child
