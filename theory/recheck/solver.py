"""cvc5 on questions about real numbers, in a process of its own that is ended when it runs late.

Run as a program this file is that process: it answers one question a line, each answer with the
number of its question. One process answers many questions; after a late one a new one is started.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
from itertools import count

STARTING = 20.0  # seconds that a loaded machine may need to start a process


class Solver:
    """Whether assertions contradict each other; no answer counts as no."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.owner, self.numbers = os.getpid(), count(1)
        atexit.register(self.stop)

    def contradictory(
        self, constants: int, assertions: list[str], seconds: float, options: dict[str, str]
    ) -> bool:
        """Whether no real numbers x0, x1, … satisfy all assertions (in SMT-LIB)."""
        try:
            return self._ask([constants, assertions, seconds, options], seconds)
        except BaseException:
            self.stop()
            raise

    def _ask(self, question: list[object], seconds: float) -> bool:
        number, wait = next(self.numbers), 1.5 * seconds + 1
        if self.owner != os.getpid():  # in a fork: the process answers who started it
            self.process, self.owner = None, os.getpid()
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self.process = subprocess.Popen(
                [sys.executable, "-I", os.path.abspath(__file__)], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
            wait += STARTING
        process = self.process
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps([number, *question]) + "\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], wait)
            line = process.stdout.readline() if ready else ""
        except BrokenPipeError:
            line = ""
        if not line.endswith("\n"):
            self.stop()
            return False
        echoed, answer = json.loads(line)
        if echoed != number:
            self.stop()
            return False
        return bool(answer == "unsat")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


def _answer(constants: int, assertions: list[str], seconds: float, options: dict[str, str]) -> str:
    import cvc5

    solver = cvc5.Solver()
    solver.setLogic("QF_NRA")
    solver.setOption("tlimit-per", str(int(1000 * seconds)))
    for name, value in options.items():
        solver.setOption(name, value)
    text = "".join(f"(declare-const x{n} Real)\n" for n in range(constants))
    text += "".join(f"(assert {assertion})\n" for assertion in assertions)
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "question")
    while not (command := parser.nextCommand()).isNull():
        said = str(command.invoke(solver, parser.getSymbolManager())).strip()
        if said:
            return f"error: {said}"
    if len(solver.getAssertions()) != len(assertions):
        return "error: not every assertion was read"
    result = solver.checkSat()
    return "unsat" if result.isUnsat() else "sat" if result.isSat() else "unknown"


def _serve() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the library prints is no answer
    for line in sys.stdin:
        number, *question = json.loads(line)
        try:
            answer = _answer(*question)
        except Exception as problem:
            answer = f"error: {problem}"
        print(json.dumps([number, answer]), file=answers, flush=True)


if __name__ == "__main__":
    _serve()
