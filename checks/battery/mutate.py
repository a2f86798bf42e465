"""Statements slightly stronger than a claim's, made from the claim's own objects."""

from __future__ import annotations

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.core import Always


def strengthen(prop: Boolean, share: sp.Rational, relative: bool = True) -> Boolean | None:
    """L ≤ R becomes L ≤ R - share·|R| (or R - share), in every relation of the statement; None if it has none."""
    if isinstance(prop, Always):
        body = strengthen(prop.body, share, relative)
        return None if body is None else Always(body, *prop.limits)
    if isinstance(prop, (sp.Le, sp.Lt, sp.Ge, sp.Gt)):
        relation = sp.Le if isinstance(prop, (sp.Le, sp.Ge)) else sp.Lt
        return relation(prop.lts, prop.gts - share * (sp.Abs(prop.gts) if relative else 1))
    if isinstance(prop, sp.And):
        parts = [strengthen(arg, share, relative) or arg for arg in prop.args]
        return sp.And(*parts) if any(p is not a for p, a in zip(parts, prop.args, strict=True)) else None
    return None
