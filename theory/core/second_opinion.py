"""cvc5's verdict on an SMT-LIB problem, from a process of its own that is killed when it runs over time.

cvc5's own time limits are not obeyed inside some of its nonlinear procedures, and a proof must not hang on a second
opinion. The process is started at the first question and kept; after a time-out a new one takes its place.
"""

from __future__ import annotations

import atexit
import json
import select
import subprocess
import sys

import cvc5

UNKNOWN = "unknown"


def solve(problem: str, milliseconds: int) -> str:
    """'sat', 'unsat' or 'unknown' for a problem in nonlinear real arithmetic; runs in the worker process."""
    solver = cvc5.Solver()
    solver.setLogic("QF_NRA")
    solver.setOption("tlimit-per", str(milliseconds))
    parser = cvc5.InputParser(solver)
    text = "\n".join(line for line in problem.splitlines() if not line.startswith("(set-"))
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "goal")
    verdict = UNKNOWN
    while not (command := parser.nextCommand()).isNull():
        answer = str(command.invoke(solver, parser.getSymbolManager())).strip()
        verdict = answer if answer in ("sat", "unsat") else verdict
    return verdict


class Worker:
    """The process that answers; `ask` waits no longer than it is told to."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        atexit.register(self.stop)

    def ask(self, problem: str, milliseconds: int) -> str:
        """The verdict, or 'unknown' when it does not come in time (twice the limit, and the start of a process)."""
        fresh = self.process is None or self.process.poll() is not None
        process = self._start() if fresh or self.process is None else self.process
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps([problem, milliseconds]) + "\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], (2 * milliseconds + (5000 if fresh else 0)) / 1000)
            answer = process.stdout.readline().strip() if ready else ""
        except BrokenPipeError:
            answer = ""
        if not answer:
            self.stop()
        return answer or UNKNOWN

    def _start(self) -> subprocess.Popen[str]:
        self.stop()
        self.process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        return self.process

    def stop(self) -> None:
        """End the process, if there is one."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


WORKER = Worker()


def serve() -> None:
    """Answer one question a line until the input ends."""
    for line in sys.stdin:
        problem, milliseconds = json.loads(line)
        try:
            print(solve(problem, milliseconds), flush=True)
        except RuntimeError:  # cvc5's own errors: no opinion
            print(UNKNOWN, flush=True)


if __name__ == "__main__":
    serve()
