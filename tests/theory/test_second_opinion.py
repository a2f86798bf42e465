"""cvc5 answers what it can, and a question it does not finish ends as 'unknown' in time, with the next one answered."""

from __future__ import annotations

import time

from theory.core.second_opinion import UNKNOWN, Worker

FALSE = "(declare-const x Real)\n(assert (< (* x x) 0))\n(check-sat)\n"
TRUE = "(declare-const x Real)\n(assert (= (* x x) 2))\n(check-sat)\n"
HARD = "\n".join(f"(declare-const x{n} Real)" for n in range(24)) + "\n(assert (= 7 (+ " + " ".join(
    f"(* x{n} x{(7 * n + 3) % 24} x{(5 * n + 1) % 24} x{(11 * n + 2) % 24} (+ x{n} {n}))"
    for n in range(24)) + ")))\n" + "\n".join(
    f"(assert (< (* x{n} x{n} x{(n + 1) % 24}) (+ 1 (* x{(n + 5) % 24} x{(n + 9) % 24} x{(n + 9) % 24}))))"
    for n in range(24)) + "\n(check-sat)\n"


def test_verdicts_and_a_question_that_is_no_problem():
    worker = Worker()
    try:
        assert worker.ask(FALSE, 1000) == "unsat"
        assert worker.ask(TRUE, 1000) == "sat"
        assert worker.ask("(assert nonsense)\n(check-sat)\n", 1000) == UNKNOWN
        assert worker.ask(FALSE, 1000) == "unsat"
    finally:
        worker.stop()


def test_a_question_out_of_time_is_unknown_and_the_next_is_answered():
    worker = Worker()
    try:
        assert worker.ask(FALSE, 1000) == "unsat"
        started = time.perf_counter()
        assert worker.ask(HARD, 1) in (UNKNOWN, "sat")
        assert time.perf_counter() - started < 30
        assert worker.ask(FALSE, 1000) == "unsat"
        assert worker.process is not None
        worker.process.kill()  # as if it had died
        worker.process.wait()
        assert worker.ask(FALSE, 1000) == "unsat"
    finally:
        worker.stop()
