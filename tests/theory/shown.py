"""Readers of what is shown, and the value of a term to hold against what they read.

They know no layout. All compute in a prime field, where nothing rounds; roots and functions stand
for themselves there, so that only what is shown alike has the same value.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from theory.core.term import Term

PRIME = 2**61 - 1
FREE = {"a": 12345, "b": 678, "n": 3}
Scope = dict[str, int]


def opaque(*what: Any) -> int:
    """A number that stands for something the field does not have."""
    return hash(what) % PRIME


def raised(base: int, exponent: Fraction | None, value: int) -> int:
    """base^exponent; an exponent that is not written out stays opaque."""
    if exponent is None:
        return opaque("power", base, value)
    inner = opaque("root", exponent.denominator, base) if exponent.denominator > 1 else base
    return pow(inner, exponent.numerator % (PRIME - 1), PRIME)


def quotient(value: Fraction) -> int:
    return value.numerator * pow(value.denominator, -1, PRIME) % PRIME


def folded(op: str, low: int, high: int, at: Any) -> int:
    """Σ or Π of at(k), k from low to high."""
    low, high = (end if end < PRIME // 2 else end - PRIME for end in (low, high))
    result = 0 if op == "sum" else 1
    for k in range(low, high + 1):
        result = (result + at(k % PRIME) if op == "sum" else result * at(k % PRIME)) % PRIME
    return result


def value_of(term: Term, bound_values: tuple[int, ...] = ()) -> int:
    """The value of the term itself."""
    args = [
        value_of(arg, bound_values) for arg in (() if term.op in ("sum", "prod") else term.args)
    ]
    if term.op in ("sum", "prod"):
        low, high = (value_of(end, bound_values) for end in term.args[:2])
        return folded(term.op, low, high, lambda k: value_of(term.args[2], (*bound_values, k)))
    if term.op == "pow":
        exponent = term.args[1]
        return raised(args[0], Fraction(exponent.data) if exponent.op == "num" else None, args[1])
    if term.op in ("add", "mul"):
        result = 0 if term.op == "add" else 1
        for arg in args:
            result = (result + arg if term.op == "add" else result * arg) % PRIME
        return result
    simple = {
        "num": lambda: quotient(Fraction(term.data)),
        "var": lambda: FREE[term.data],
        "bound": lambda: bound_values[-1 - term.data],
        "entry": lambda: opaque(term.data, *args),
        "mean": lambda: opaque("mean", *args),
        "fn": lambda: opaque(term.data, *args),
    }
    return simple[term.op]()


class Reader:
    """Reads a shown number: powers before products before sums, Σ up to the next plus."""

    tokens = re.compile("")
    ends: tuple[str, ...] = ()

    def __init__(self, shown: str) -> None:
        self.rest = [token for token in self.tokens.findall(shown) if token.strip()]

    def all(self) -> int:
        value = self.sum(FREE)
        assert not self.rest, self.rest
        return value

    def peek(self) -> str:
        return self.rest[0] if self.rest else ""

    def take(self, *wanted: str) -> str:
        for token in wanted:
            assert self.rest and self.rest[0] == token, (token, self.rest)
            self.rest.pop(0)
        return wanted[-1] if wanted else self.rest.pop(0)

    def sum(self, scope: Scope) -> int:
        total, sign = 0, 1
        while True:
            if self.peek() in ("+", "-"):
                sign = -1 if self.take() == "-" else 1
            total = (total + sign * self.product(scope)) % PRIME
            if self.peek() not in ("+", "-"):
                return total

    def product(self, scope: Scope) -> int:
        raise NotImplementedError

    def later(self, scope: Scope, op: str, name: str, low: int, high: int) -> int:
        """Read what stands behind Σ or Π once for each index."""
        start, left = list(self.rest), list(self.rest)

        def at(k: int) -> int:
            nonlocal left
            self.rest = list(start)
            found = self.product({**scope, name: k})
            left = self.rest
            return found

        at(0)  # for its length, should the range be empty
        found = folded(op, low, high, at)
        self.rest = left
        return found

    def exponent(self, stop: str) -> Fraction | None:
        """An exponent that is a number written out."""
        inside = "".join(self.rest[: self.rest.index(stop)]) if stop in self.rest else ""
        return Fraction(inside) if re.fullmatch(r"-?\d+(/\d+)?", inside) else None


class Latex(Reader):
    tokens = re.compile(
        r"\\left[(|\[]|\\right[)|\]]|\\middle\||\\mathbb\{E\}|\\mathcal\{F\}|\\[a-z]+|\\[,;]"
        r"|\d+|[a-zA-Z]'?|[{}^_+\-=,\[\]']"
    )
    names = {
        r"\left|": ("abs", r"\right|"),
        r"\max": ("max", r"\right)"),
        r"\min": ("min", r"\right)"),
    }

    def product(self, scope: Scope) -> int:
        self.rest = [
            t
            for t, after in zip(self.rest, [*self.rest[1:], ""], strict=True)
            if (t, after) != (r"\,", r"\ln")
        ]
        result, first = 1, True
        while first or self.peek() not in (
            "",
            "+",
            "-",
            "}",
            ",",
            r"\right)",
            r"\right|",
            r"\right]",
            r"\,",
            "^",
        ):
            if self.peek() == r"\cdot":
                self.take()
            result, first = result * self.factor(scope) % PRIME, False
        return result

    def braces(self, scope: Scope) -> int:
        self.take("{")
        value = self.sum(scope)
        self.take("}")
        return value

    def factor(self, scope: Scope) -> int:
        if self.peek() in (r"\sum", r"\prod"):
            op = self.take()[1:]
            self.take("_", "{")
            name = self.name()
            self.take("=")
            low = self.sum(scope)
            self.take("}", "^")
            return self.later(scope, op, name, low, self.braces(scope))
        if self.peek() == r"\ln":
            self.take()
            bracket = self.peek() == r"\left("
            inner = self.atom(scope) if bracket else self.powered(scope)
            return opaque("log", inner)
        return self.powered(scope)

    def powered(self, scope: Scope) -> int:
        base = self.atom(scope)
        if self.peek() != "^":
            return base
        self.take("^")
        shown = "".join(self.rest)
        plain = re.match(r"\{(-?)(?:(\d+)|\\frac\{(\d+)\}\{(\d+)\})\}", shown)
        value = self.braces(scope)
        number = Fraction(int(plain[2] or plain[3]), int(plain[4] or 1)) if plain else None
        return raised(base, -number if plain and number and plain[1] else number, value)

    def name(self) -> str:
        if self.peek() != "{":
            return self.take()
        self.take("{")
        inside = self.name()
        self.take("}")
        while self.peek() == "'":
            inside += self.take()
        return inside

    def atom(self, scope: Scope) -> int:
        token = self.peek()
        if token.isdigit():
            return int(self.take())
        if token == r"\left(":
            self.take()
            value = self.sum(scope)
            self.take(r"\right)")
            return value
        if token == r"\frac":
            self.take()
            above = self.braces(scope)
            return above * pow(self.braces(scope), PRIME - 2, PRIME) % PRIME
        if token == r"\sqrt":
            self.take()
            degree = 2
            if self.peek() == "[":
                self.take()
                degree = int(self.take())
                self.take("]")
            return opaque("root", degree, self.braces(scope))
        if token in self.names:
            return self.call(*self.names[token], scope)
        if token == r"\mathbb{E}":
            return self.mean(scope)
        if token == "e":
            self.take()
            return opaque("exp", self.braces(scope) if self.peek() == "^" and self.take() else 1)
        name = self.name()
        if self.peek() != "_":
            return scope[name]
        self.take("_", "{")
        indices = [self.sum(scope)]
        while self.peek() == ",":
            self.take()
            indices.append(self.sum(scope))
        self.take("}")
        return opaque(name, *indices)

    def call(self, name: str, shut: str, scope: Scope) -> int:
        self.take()
        if name != "abs":
            self.take(r"\left(")
        args = [self.sum(scope)]
        while self.peek() == ",":
            self.take(",", r"\,")
            args.append(self.sum(scope))
        self.take(shut)
        return opaque(name, *args)

    def mean(self, scope: Scope) -> int:
        self.take(r"\mathbb{E}", r"\left[")
        args = [self.sum(scope)]
        if self.peek() == r"\,":
            self.take(r"\,", r"\middle|", r"\,", r"\mathcal{F}", "_")
            args.append(self.braces(scope))
        self.take(r"\right]")
        return opaque("mean", *args)


class Plain(Reader):
    tokens = re.compile(r"\d+|\.\.|[a-zA-Z]+'*|[ΣΠ()\[\],·/^|=+\-]")

    def product(self, scope: Scope) -> int:
        result = self.factor(scope)
        while self.peek() in ("·", "/"):
            over = self.take() == "/"
            factor = self.factor(scope)
            result = result * (pow(factor, PRIME - 2, PRIME) if over else factor) % PRIME
        return result

    def factor(self, scope: Scope) -> int:
        if self.peek() in "ΣΠ":
            op = "sum" if self.take() == "Σ" else "prod"
            self.take("(")
            name = self.take()
            self.take("=")
            low = self.sum(scope)
            self.take("..")
            high = self.sum(scope)
            self.take(")")
            return self.later(scope, op, name, low, high)
        base = self.atom(scope)
        if self.peek() != "^":
            return base
        self.take()
        if self.peek() == "(":
            exponent = re.match(r"\((-?\d+(?:/\d+)?)\)", "".join(self.rest))
            return raised(base, Fraction(exponent[1]) if exponent else None, self.atom(scope))
        exponent = re.fullmatch(r"\d+", self.peek())
        return raised(base, Fraction(exponent[0]) if exponent else None, self.atom(scope))

    def atom(self, scope: Scope) -> int:
        token = self.take()
        if token.isdigit():
            return int(token)
        if token == "(":
            value = self.sum(scope)
            self.take(")")
            return value
        if self.peek() not in ("(", "["):
            return opaque("exp", 1) if token == "e" else scope[token]
        shut = ")" if self.take() == "(" else "]"
        args = [self.sum(scope)]
        while self.peek() in (",", "|"):
            given = self.take() == "|"
            if given:
                self.take("F", "[")
            args.append(self.sum(scope))
            if given:
                self.take("]")
        self.take(shut)
        if token in ("sqrt", "root"):
            return opaque("root", args[1] if token == "root" else 2, args[0])
        return opaque({"E": "mean", "ln": "log"}.get(token, token), *args)
