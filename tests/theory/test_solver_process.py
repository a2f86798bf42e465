"""Each solver answers what it can; a question it does not finish ends as 'unknown' in time, and the next is answered."""

from __future__ import annotations

import os
import signal
import time

import cvc5
import pytest
import z3

from theory.core.solver_process import SolverProcess

FALSE = "(declare-const x Real)\n(assert (< (* x x) 0))\n(check-sat)\n"
TRUE = "(declare-const x Real)\n(assert (= (* x x) 2))\n(check-sat)\n"
HARD = "\n".join(f"(declare-const x{n} Real)" for n in range(24)) + "\n(assert (= 7 (+ " + " ".join(
    f"(* x{n} x{(7 * n + 3) % 24} x{(5 * n + 1) % 24} x{(11 * n + 2) % 24} (+ x{n} {n}))"
    for n in range(24)) + ")))\n" + "\n".join(
    f"(assert (< (* x{n} x{n} x{(n + 1) % 24}) (+ 1 (* x{(n + 5) % 24} x{(n + 9) % 24} x{(n + 9) % 24}))))"
    for n in range(24)) + "\n(check-sat)\n"


@pytest.fixture(params=[z3, cvc5], ids=["z3", "cvc5"])
def process(request):
    made = SolverProcess(request.param)
    yield made
    made.stop()


def test_verdicts_and_a_question_that_is_no_problem(process):
    assert process.ask(FALSE, 1000).answer == "unsat"
    assert process.ask(TRUE, 1000).answer == "sat"
    assert process.ask("(assert nonsense)\n(check-sat)\n", 1000).answer == "unknown"
    assert process.ask(FALSE, 1000).answer == "unsat"


def test_a_question_out_of_time_is_unknown_and_the_next_is_answered(process):
    assert process.ask(FALSE, 1000).answer == "unsat"
    started = time.perf_counter()
    assert process.ask(HARD, 1).answer in ("unknown", "sat")
    assert time.perf_counter() - started < 30
    assert process.ask(FALSE, 1000).answer == "unsat"


def test_a_process_that_died_is_replaced(process):
    assert process.ask(FALSE, 1000).answer == "unsat"
    process.process.kill()
    process.process.wait()
    assert process.ask(FALSE, 1000).answer == "unsat"


def test_a_process_that_never_answers_is_killed(process):
    """SIGSTOP stands for a solver that does not look at its clock."""
    assert process.ask(FALSE, 1000).answer == "unsat"
    stuck = process.process
    stuck.send_signal(signal.SIGSTOP)
    assert process.ask(FALSE, 100) == ("unknown", f"{process.solver} did not answer in time")
    assert stuck.poll() is not None
    assert process.ask(FALSE, 1000).answer == "unsat"


def test_an_answer_to_another_question_is_no_answer(process):
    assert process.ask(FALSE, 1000).answer == "unsat"
    process.process.stdin.write('[-1, "(check-sat)", 100]\n')  # its answer is read as that of the next question
    process.process.stdin.flush()
    assert process.ask(FALSE, 1000).answer == "unknown"
    assert process.ask(FALSE, 1000).answer == "unsat"


def test_a_fork_does_not_use_the_parents_process(process):
    assert process.ask(FALSE, 1000).answer == "unsat"
    parents = process.process.pid
    if (child := os.fork()) == 0:
        answered = process.ask(TRUE, 1000).answer == "sat" and process.process.pid != parents
        process.stop()
        os._exit(0 if answered else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert process.ask(FALSE, 1000).answer == "unsat" and process.process.pid == parents
