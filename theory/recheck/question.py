"""A question in real arithmetic for cvc5: atoms become numbers, with what defines them.

An inverse, a root, |·| or max is said to be what it is; of other atoms only the sign is said. What
cannot be said (a quantifier) is left out of the facts, never of the goal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from theory.recheck.contexts import Context
from theory.recheck.polynomials import Poly, from_term, scaled
from theory.recheck.signs import Read, Sign, known
from theory.recheck.solver import Solver
from theory.recheck.terms import Number, Term, has_all

SOLVER = Solver()
LINEARISING = {"nl-cov": "false", "nl-ext": "full", "nl-ext-tplanes": "true"}
# Seconds, whether products are expanded, how far to look for facts, options of cvc5.
Rounds = tuple[tuple[float, bool, int, dict[str, str]], ...]
QUICK: Rounds = ((1, False, 0, {}), (1, True, 0, {}), (1, True, 0, LINEARISING))
ROUNDS: Rounds = (
    (3, False, 0, {}), (3, True, 0, {}), (3, True, 0, LINEARISING), (3, False, 3, {}),
    (3, True, 3, {}), (3, True, 3, LINEARISING), (20, False, 0, {}), (20, True, 0, {}),
)  # fmt: skip
RELATIONS = {"le": "<=", "lt": "<", "eq": "=", "ne": "distinct"}


class Question:
    """Numbered atoms and assertions about them, in one context."""

    def __init__(self, context: Context, read: Read, expanded: bool) -> None:
        self.context, self.read, self.expanded = context, read, expanded
        self.known = known(context, read)
        self.atoms: dict[Term, str] = {}
        self.assertions: list[str] = []
        self.count = 0
        self.roots: dict[tuple[Term, int], str] = {}
        self.solved: dict[Term, Term] = {}

    # -- writing -----------------------------------------------------------------------------------

    def new(self) -> str:
        self.count += 1
        return f"x{self.count - 1}"

    def solve(self, equation: Term) -> None:
        """Put one side of an equation in the place of the other, if that is an atom."""
        for side, other in (equation.args, equation.args[::-1]):
            poly = self.read(self.context, side)
            term = _single(poly)
            if term is not None and term not in self.solved and term not in self._reach(other):
                self.solved[term] = other
                return

    def _reach(self, term: Term) -> set[Term]:
        """The atoms that writing a term down comes to, and what stands in their places."""
        todo = [self.read(self.context, part) for part in _leaves(term)]
        found: set[Term] = set()
        while todo:
            for atom in {atom for mono in todo.pop() for atom, _ in mono} - found:
                found.add(atom)
                parts = _leaves(self.solved[atom]) if atom in self.solved else ()
                todo += [self.read(self.context, part) for part in parts]
                todo += [from_term(arg) for arg in atom.args if atom.op in ("pow", "fn")]
        return found

    def signs_of_solved(self) -> list[str]:
        heads = [(term, self._head(self.known.sign(term))) for term in self.solved]
        return [f"({head} {self.atom(term)} 0.0)" for term, head in heads if head]

    def number(self, term: Term) -> str:
        """A term as it is written: products of sums are not expanded."""
        if self.expanded:
            return self.poly(self.read(self.context, term))
        if term.op in ("add", "mul") and term.args:
            args = [self.number(arg) for arg in term.args]
            head = "+" if term.op == "add" else "*"
            return args[0] if len(args) == 1 else f"({head} {' '.join(args)})"
        if term.op == "pow" and term.args[1].op == "num":
            exponent = term.args[1].data
            if exponent.denominator == 1 and 1 < exponent <= 8:
                return f"(* {' '.join([self.number(term.args[0])] * int(exponent))})"
        return self.poly(self.read(self.context, term))

    def poly(self, poly: Poly) -> str:
        parts = []
        for mono, value in poly.items():
            factors = [] if value == 1 and mono else [_number(value)]
            factors += [self.atom(term) for term, e in mono for _ in range(min(e, 40))]
            if any(e > 40 for _, e in mono):
                factors = [self.new()]  # nothing is said of it
            parts.append(factors[0] if len(factors) == 1 else f"(* {' '.join(factors)})")
        return "0.0" if not parts else parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"

    def prop(self, prop: Term) -> str:
        if prop.op in RELATIONS:
            left, right = map(self.number, prop.args)
            return f"({RELATIONS[prop.op]} {left} {right})"
        if prop.op not in ("and", "or", "not", "implies", "iff"):
            raise ValueError("a quantifier is nothing for the solver")
        args = [self.prop(arg) for arg in prop.args]
        if not args:
            return "true" if prop.op == "and" else "false"
        if prop.op in ("and", "or") and len(args) == 1:
            return args[0]
        head = {"implies": "=>", "iff": "="}.get(prop.op, prop.op)
        return f"({head} {' '.join(args)})"

    def atom(self, term: Term) -> str:
        if term in self.solved:
            return self.number(self.solved[term])
        if term not in self.atoms:
            name = self.atoms[term] = self.new()
            self._define(term, name)
            head = self._head(self.known.sign(term))
            if head:
                self.assertions.append(f"({head} {name} 0.0)")
        return self.atoms[term]

    @staticmethod
    def _head(sign: Sign) -> str:
        if sign.above:
            return ">" if sign.nonzero else ">="
        if sign.below:
            return "<" if sign.nonzero else "<="
        return "distinct" if sign.nonzero else ""

    def _define(self, term: Term, name: str) -> None:
        if term.op == "pow" and term.args[1].op == "num":
            base, exponent = term.args[0], term.args[1].data
            if exponent == -1:
                self._inverse(from_term(base), name)
            elif exponent.denominator > 1 and 0 < exponent < 1:
                degree = exponent.denominator
                root = self._root(base, degree)
                self.assertions.append(f"(= {name} (* {_times(root, exponent.numerator)}))")
        elif term.op == "fn" and term.data == "abs":
            inside = from_term(term.args[0])
            text, minus = self.poly(inside), self.poly(scaled(inside, -1))
            self.assertions.append(f"(ite (>= {text} 0.0) (= {name} {text}) (= {name} {minus}))")
        elif term.op == "const" and term.data == "pi":
            self.assertions += [f"(> {name} 3.14159265358)", f"(< {name} 3.14159265359)"]
        elif term.op == "fn" and term.data == "max":
            args = [self.poly(from_term(arg)) for arg in term.args]
            self.assertions += [f"(>= {name} {arg})" for arg in args]
            self.assertions.append(f"(or false {' '.join(f'(= {name} {arg})' for arg in args)})")

    def _inverse(self, base: Poly, name: str) -> None:
        product = f"(= (* {name} {self.poly(base)}) 1.0)"
        if not self.known.nonzero(base):
            product = f"(ite (= {self.poly(base)} 0.0) (= {name} 0.0) {product})"
        self.assertions.append(product)

    def _root(self, base: Term, degree: int) -> str:
        if (base, degree) not in self.roots:
            poly = from_term(base)
            root = self.roots[base, degree] = self.new()
            text = self.poly(poly)
            power = f"(= (* {_times(root, degree)}) {text})"
            self.assertions.append(f"(>= {root} 0.0)")
            if not self.known.nonneg(poly):
                power = f"(ite (>= {text} 0.0) {power} (= {root} 0.0))"
            self.assertions.append(power)
            for other, name in list(self.roots.items()):  # roots of one base are powers of each other
                if other[0] is base and other[1] != degree:
                    left, right = _times(root, degree), _times(name, other[1])
                    self.assertions.append(f"(= (* {left}) (* {right}))")
        return self.roots[base, degree]

    # -- asking ------------------------------------------------------------------------------------

    def relevant(self, facts: list[Term], rounds: int) -> list[Term]:
        """The facts that share an atom with what is already asked, and so on."""
        chosen: list[Term] = []
        left = [(fact, self._atoms_of(fact)) for fact in facts if not has_all(fact)]
        for _ in range(rounds):
            seen = set(self.atoms) | {a for fact in chosen for a in self._atoms_of(fact)}
            touched = [fact for fact, atoms in left if atoms & seen]
            left = [(fact, atoms) for fact, atoms in left if not atoms & seen]
            chosen += touched
        return chosen

    def _atoms_of(self, prop: Term) -> set[Term]:
        if prop.op in RELATIONS:
            return {term for mono in self.known.margin(prop) for term, _ in mono}
        return {term for arg in prop.args for term in self._atoms_of(arg)}


def asks(
    context: Context, read: Read, premises: list[Term], goal: Term, in_rounds: Rounds = ROUNDS
) -> bool:
    """Whether cvc5 shows that premises and facts of the context give the goal."""
    if has_all(goal):
        return False
    premises = [premise for premise in premises if not has_all(premise)]
    asked: set[tuple[str, ...]] = set()
    for seconds, expanded, rounds, options in in_rounds:
        question = Question(context, read, expanded)
        for premise in premises:
            if premise.op == "eq":
                question.solve(premise)
        negated = f"(not {question.prop(goal)})"
        texts = [question.prop(premise) for premise in premises]
        texts += [question.prop(f) for f in question.relevant(context.facts(), rounds)]
        texts += question.signs_of_solved()
        texts = _connected(list(dict.fromkeys([negated, *texts, *question.assertions])))
        key = (str(seconds), *options, *texts)
        if key not in asked and SOLVER.contradictory(question.count, texts, seconds, options):
            return True
        asked.add(key)
    return False


def _connected(texts: list[str]) -> list[str]:
    """The assertions that share constants with the first one, directly or by others."""
    held = {text: set(re.findall(r"x\d+", text)) for text in texts}
    seen, kept = set(held[texts[0]]), texts[:1]
    while True:
        more = [t for t in texts if t not in kept and held[t] & seen]
        if not more:
            return kept
        kept += more
        seen.update(*(held[t] for t in more))


def _leaves(term: Term) -> Iterator[Term]:
    """The parts of a term that are not taken apart where products are not expanded."""
    inner = term.args if term.op in ("add", "mul") else ()
    if term.op == "pow" and term.args[1].op == "num":
        inner = term.args[:1]
    if not inner:
        yield term
    for arg in inner:
        yield from _leaves(arg)


def _single(poly: Poly) -> Term | None:
    """The atom that a polynomial is, if an equation may say what it is."""
    if len(poly) != 1:
        return None
    ((mono, value),) = poly.items()
    if value != 1 or len(mono) != 1 or mono[0][1] != 1:
        return None
    return mono[0][0] if mono[0][0].op in ("entry", "var", "sum", "prod", "mean") else None


def _number(value: Number) -> str:
    above, below = abs(value.numerator), value.denominator
    text = f"{above}.0" if below == 1 else f"(/ {above}.0 {below}.0)"
    return text if value >= 0 else f"(- {text})"


def _times(name: str, exponent: int) -> str:
    return " ".join([name] * exponent) if exponent > 1 else f"{name} 1.0"
