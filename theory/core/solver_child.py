"""Run as a program: one solver, z3 or cvc5, answers questions about real numbers, one a line.

A line is JSON: the question's id, the names of its real constants, its labelled assertions and a
limit in milliseconds. The answer begins with that id, then 'unsat', 'sat' or 'unknown', then the
reason for 'unknown', the labels of assertions that already contradict each other for 'unsat', and
the values for 'sat'. Whatever a solver raises is 'unknown'.

Neither solver obeys its own limit inside some nonlinear procedures: an alarm ends the process.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import Sequence
from typing import Any

Assertions = Sequence[tuple[str, str]]
Answer = tuple[str, str, list[str], dict[str, str]]  # answer, reason, core, values

# z3 keeps account of the assertions it uses only when told to, which slows some questions down a
# hundredfold. So it is first asked that way, for as much work as suffices for nearly nine questions
# in ten, then again without. The measure is z3's own count of its work rather than time, so that a
# core is the same on every machine unless time runs out too.
TRACKED_WORK = 20_000
TRACKED_MILLISECONDS = 200

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
TEXT = re.compile(r"[A-Za-z0-9_.?!$<>=+*/()\s-]*")  # no comments, quotations, annotations


def solve_z3(names: Sequence[str], assertions: Assertions, milliseconds: int) -> Answer:
    """z3's answer, in a context of its own: no answer depends on the questions before it."""
    import z3

    context = z3.Context()
    parsed = z3.parse_smt2_string(script(names, assertions), ctx=context)
    if len(parsed) != len(assertions):
        raise ValueError(f"{len(assertions)} assertions were read as {len(parsed)}")

    tracking = z3.SolverFor("QF_NRA", ctx=context)
    tracking.set("rlimit", TRACKED_WORK)
    tracking.set("timeout", min(milliseconds, TRACKED_MILLISECONDS))
    for number, assertion in enumerate(parsed):
        tracking.assert_and_track(assertion, f"label!{number}")  # no constant's name has a "!"
    if (answer := str(tracking.check())) == "unsat":
        numbers = sorted(int(str(used).removeprefix("label!")) for used in tracking.unsat_core())
        return answer, "", [assertions[number][0] for number in numbers], {}
    if answer == "sat":
        return answer, "", [], z3_values(tracking.model(), names)
    plain = z3.SolverFor("QF_NRA", ctx=context)
    plain.set("timeout", milliseconds)
    plain.add(parsed)
    if (answer := str(plain.check())) == "unsat":
        return answer, "", [label for label, _ in assertions], {}
    if answer == "sat":
        return answer, "", [], z3_values(plain.model(), names)
    return "unknown", plain.reason_unknown(), [], {}


def z3_values(model: Any, names: Sequence[str]) -> dict[str, str]:
    """The values of the question's own constants, where they matter at all."""
    values = {str(name): str(model[name]) for name in model.decls()}
    return {name: values[name] for name in names if name in values}


def solve_cvc5(names: Sequence[str], assertions: Assertions, milliseconds: int) -> Answer:
    """cvc5's answer; it is not asked which assertions it used, so its core is all of them."""
    import cvc5

    solver = cvc5.Solver()
    solver.setLogic("QF_NRA")
    solver.setOption("tlimit-per", str(milliseconds))
    solver.setOption("produce-models", "true")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script(names, assertions), "question")
    while not (command := parser.nextCommand()).isNull():
        said = str(command.invoke(solver, parser.getSymbolManager())).strip()
        if said:  # declarations and assertions that were read say nothing
            raise ValueError(said)
    result = solver.checkSat()
    if result.isSat():
        constants = {str(term): term for term in parser.getSymbolManager().getDeclaredTerms()}
        return "sat", "", [], {name: str(solver.getValue(constants[name])) for name in names}
    if result.isUnsat():
        return "unsat", "", [label for label, _ in assertions], {}
    return "unknown", str(result.getUnknownExplanation()), [], {}


def script(names: Sequence[str], assertions: Assertions) -> str:
    """The question in SMT-LIB. An assertion is one expression: it cannot bring commands."""
    for name in names:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot be the name of a constant")
    for label, text in assertions:
        if not _is_one_expression(text):
            raise ValueError(f"the assertion '{label}' is not one SMT-LIB expression")
    constants = [f"(declare-const {name} Real)" for name in names]
    return "\n".join(constants + [f"(assert {text})" for _, text in assertions])


def _is_one_expression(text: str) -> bool:
    """Whether the text is one name, or one pair of brackets with everything inside it."""
    if NAME.fullmatch(text):
        return True
    depths = [0]
    for character in text:
        depths.append(depths[-1] + (character == "(") - (character == ")"))
    inside = all(depth > 0 for depth in depths[1:-1])
    return text[:1] == "(" and depths[-1] == 0 and inside and TEXT.fullmatch(text) is not None


def alarm_seconds(milliseconds: int) -> float:
    """How long a question may take before its process ends; solvers obey their limits late."""
    return (2 * milliseconds + 500) / 1000


def serve(solver: str) -> None:
    """Answer until the input ends. What a solver's library prints is not among the answers."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asks, who ends this process
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    solve = {"z3": solve_z3, "cvc5": solve_cvc5}[solver]
    with contextlib.suppress(ImportError):  # the first question says so, below
        __import__(solver)  # now, not at the expense of the first question
    for line in sys.stdin:
        key, names, assertions, milliseconds = json.loads(line)
        signal.setitimer(signal.ITIMER_REAL, alarm_seconds(milliseconds))
        try:
            answer = solve(names, assertions, milliseconds)
        except ImportError as problem:
            answer = ("unknown", f"not installed: {problem}", [], {})
        except Exception as problem:  # whatever a solver raises, it has not said 'unsat'
            answer = ("unknown", f"{solver}: {problem}", [], {})
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(json.dumps([key, *answer]), file=answers, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
