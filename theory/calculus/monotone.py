"""L ≤ R on an interval, because R - L is ≥ 0 at one point, does not fall right of it and does not
rise left of it.
"""

from __future__ import annotations

from theory.core.derivative import derivative, smooth_where
from theory.core.instance import Instance, Refused, at, between, fresh, instance, require_ends
from theory.core.term import ZERO, Term, forall, implies, le, lt, open_, sub, var


def monotone(
    left: Term,
    right: Term,
    name: str,
    lower: Term,
    upper: Term,
    base: Term,
    guard: Term | None = None,
) -> Instance:
    """∀ x in [lower, upper]: guard ⇒ left ≤ right.

    The points of the range that satisfy the guard must form an interval: the slope tells nothing
    across a hole. The base point is one of them; between it and any other, the mean value theorem
    applies to the margin.
    """
    require_ends(lower, upper)
    if any(name in term.free for term in (lower, upper, base)):
        raise Refused(
            f"the range and the base point of the monotone rule must not contain {name} itself"
        )
    if guard is not None:
        _require_interval(guard, name)
    x, margin = var(name), sub(right, left)
    slope = derivative(margin, name)

    def everywhere(prop: Term) -> Term:
        return forall(name, "real", lower, upper, prop if guard is None else implies(guard, prop))

    inside = between(base, lower, upper) + ([] if guard is None else [at(guard, name, base)])
    return instance(
        everywhere(le(left, right)),
        *(("base point in the range", prop) for prop in inside),
        ("at the base point", le(ZERO, at(margin, name, base))),
        *(("smooth", everywhere(prop)) for prop in smooth_where(margin, name)),
        ("slope right of the base point", everywhere(implies(lt(base, x), le(ZERO, slope)))),
        ("slope left of the base point", everywhere(implies(lt(x, base), le(slope, ZERO)))),
    )


def monotone_goal(goal: Term, base: Term) -> Instance:
    """The same, read off the statement to be proved."""
    if goal.op != "all" or goal.data != "real" or goal.loose or base.loose:
        raise Refused("the monotone rule proves a relation quantified over one real variable")
    name = fresh(goal.hint, goal, base)
    body = open_(goal, var(name))
    guard, relation = body.args if body.op == "implies" else (None, body)
    if relation.op != "le":
        raise Refused(
            "the monotone rule proves a non-strict relation quantified over one real variable"
        )
    left, right = relation.args
    return monotone(left, right, name, goal.args[0], goal.args[1], base, guard)


def _require_interval(guard: Term, name: str) -> None:
    """Comparisons of the variable with constants, and conjunctions of them, cut out an interval."""
    if guard.op == "and":
        for part in guard.args:
            _require_interval(part, name)
        return
    sides = guard.args
    if guard.op not in ("le", "lt") or not any(
        side == var(name) and name not in other.free for side, other in (sides, sides[::-1])
    ):
        raise Refused(
            f"the values that {name} may take have a hole or are no interval: state the range "
            f"for {name} > 0 and for {name} < 0 apart"
        )
