"""A solver's verdict on an SMT-LIB problem, from a process of its own that is killed when it runs over time.

Neither z3 nor cvc5 obeys its own time limit inside some nonlinear procedures, and a proof must not hang. A process is
started at the first question and kept; after a time-out a new one takes its place.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
from itertools import count
from types import ModuleType
from typing import NamedTuple

START_MILLISECONDS = 10_000  # a loaded machine may take seconds to start a process


class Verdict(NamedTuple):
    """'sat', 'unsat' or 'unknown'; for 'sat' the values as SMT-LIB text, for 'unknown' the reason."""

    answer: str
    detail: str = ""


class SolverProcess:
    """One solver (the module z3 or cvc5) in its own process; `ask` waits no longer than it is told to.

    The module itself is asked for so that a solver that is not installed is noticed before any proof.
    """

    def __init__(self, solver: ModuleType) -> None:
        self.solver = solver.__name__
        self.process: subprocess.Popen[str] | None = None
        self.owner = os.getpid()
        self.numbers = count(1)
        atexit.register(self.stop)

    def ask(self, problem: str, milliseconds: int) -> Verdict:
        """The verdict, or 'unknown' when it does not come within twice the limit and a second."""
        try:
            return self._ask(problem, milliseconds)
        except BaseException:  # an interrupt leaves an answer in the pipe, which is that of no later question
            self.stop()
            raise

    def _ask(self, problem: str, milliseconds: int) -> Verdict:
        if self.owner != os.getpid():  # in a fork: the parent's process answers the parent
            self.process, self.owner = None, os.getpid()
        fresh, number = self.process is None or self.process.poll() is not None, next(self.numbers)
        process = self._start() if fresh or self.process is None else self.process
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps([number, problem, milliseconds]) + "\n")
            process.stdin.flush()
            patience = 2 * milliseconds + 1000 + (START_MILLISECONDS if fresh else 0)
            ready, _, _ = select.select([process.stdout], [], [], patience / 1000)
            answer = process.stdout.readline() if ready else ""
        except BrokenPipeError:
            answer = ""
        if not answer.endswith("\n"):
            self.stop()
            return Verdict("unknown", f"{self.solver} did not answer in time")
        echoed, *verdict = json.loads(answer)
        if echoed != number:
            self.stop()
            return Verdict("unknown", f"{self.solver} answered another question")
        return Verdict(*verdict)

    def _start(self) -> subprocess.Popen[str]:
        self.stop()
        self.process = subprocess.Popen([sys.executable, __file__, self.solver], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return self.process

    def stop(self) -> None:
        """End the process, if there is one."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


# -- in the process ----------------------------------------------------------------------------------------------------


def solve_z3(problem: str, milliseconds: int) -> Verdict:
    """z3 on a problem in nonlinear real arithmetic."""
    import z3

    solver = z3.SolverFor("QF_NRA")
    solver.set("timeout", milliseconds)
    solver.from_string(problem)
    answer = str(solver.check())
    if answer == "sat":
        model = solver.model()
        return Verdict(answer, json.dumps({str(name): str(model[name]) for name in model.decls()}))
    return Verdict(answer, solver.reason_unknown() if answer == "unknown" else "")


def solve_cvc5(problem: str, milliseconds: int) -> Verdict:
    """cvc5 on the same."""
    import cvc5

    solver = cvc5.Solver()
    solver.setLogic("QF_NRA")
    solver.setOption("tlimit-per", str(milliseconds))
    parser = cvc5.InputParser(solver)
    text = "\n".join(line for line in problem.splitlines() if not line.startswith("(set-"))
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "goal")
    verdict = Verdict("unknown")
    while not (command := parser.nextCommand()).isNull():
        answer = str(command.invoke(solver, parser.getSymbolManager())).strip()
        verdict = Verdict(answer) if answer in ("sat", "unsat") else verdict
    return verdict


def serve(solver: str) -> None:
    """Answer one question a line until the input ends; a solver's own error is no verdict."""
    solve = {"z3": solve_z3, "cvc5": solve_cvc5}[solver]
    for line in sys.stdin:
        number, problem, milliseconds = json.loads(line)
        try:
            verdict = solve(problem, milliseconds)
        except Exception as problem:  # whatever a solver raises, it has not said 'unsat'
            verdict = Verdict("unknown", f"{solver}: {problem}")
        print(json.dumps([number, *verdict]), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
