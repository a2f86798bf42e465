"""An answer counts for its own question only, and what goes wrong is 'unknown'.

Interrupts, forks, stopped and dead processes are real; only answers that no real solver gives are
made up.
"""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from theory.core import solving
from theory.core.solving import CHILD, Question, Solver, SolverMissing, Verdict

UNSAT = Question(("x",), (("square", "(< (* x x) 0.0)"),))
SAT = Question(("x",), (("third", "(= (* 3.0 x) 1.0)"),))
SPARE = Question(
    ("x", "y"), (("y", "(> y 5.0)"), ("above", "(> x 1.0)"), ("below", "(< (* x x) 1.0)")))


def cyclic(x: str, y: str, z: str) -> str:
    """(x² + y² + z²)² - 3(x³y + y³z + z³x), which is never negative, zero at odd places."""
    square = f"(+ (* {x} {x}) (* {y} {y}) (* {z} {z}))"
    mixed = " ".join(f"(* {a} {a} {a} {b})" for a, b in ((x, y), (y, z), (z, x)))
    return f"(- (* {square} {square}) (* 3.0 (+ {mixed})))"


HARD = Question(tuple("abcdef"), (("goal", f"(< (+ {cyclic(*'abc')} {cyclic(*'def')}) 0.0)"),))


@pytest.fixture(params=["z3", "cvc5"])
def solver(request):
    made = Solver(request.param)
    yield made
    made.stop()


@pytest.fixture
def pair(monkeypatch):
    """Two fresh solvers in the place of the module's own."""
    made = Solver("z3"), Solver("cvc5")
    monkeypatch.setattr(solving, "Z3", made[0])
    monkeypatch.setattr(solving, "CVC5", made[1])
    yield made
    for solver in made:
        solver.stop()


@pytest.fixture
def answering(monkeypatch, tmp_path):
    """A z3 whose process answers question n with what the n-th expression makes of its id `key`."""
    def make(*answers: str) -> Solver:
        program = tmp_path / "child.py"
        program.write_text(textwrap.dedent(f"""
            import json, sys
            for line, answer in zip(sys.stdin, {list(answers)!r}):
                print(eval(answer, {{"key": json.loads(line)[0], "dumps": json.dumps}}), flush=True)
            """))
        monkeypatch.setattr(solving, "CHILD", program)
        solvers.append(Solver("z3"))
        return solvers[-1]

    solvers: list[Solver] = []
    yield make
    for solver in solvers:
        solver.stop()


def test_a_contradiction_and_values(solver):
    assert solver.ask(UNSAT, 1000) == Verdict("unsat", "", ("square",), {})
    found = solver.ask(SAT, 1000)
    assert (found.answer, found.core) == ("sat", ())
    assert found.model == {"x": {"z3": "1/3", "cvc5": "(/ 1 3)"}[solver.name]}


def test_an_assertion_that_is_not_needed_is_not_in_the_core(pair):
    z3, cvc5 = pair
    assert z3.ask(SPARE, 1000).core == ("above", "below")
    assert cvc5.ask(SPARE, 1000).core == ("y", "above", "below")  # it is not asked which it needs


def test_labels_may_be_any_text_and_may_repeat(pair):
    twice = (("x", "(> x 1.0)"), ("spare", "(< x 9.0)"), ("x", "(< x (- 1.0))"))
    question = Question(("x",), twice)
    assert pair[0].ask(question, 1000).core == ("x",)
    odd = Question(("x",), (("(assert |false|) ö\n", "(> x 1.0)"), ("label!0", "(< x 9.0)")))
    assert pair[0].ask(odd, 1000).answer == "sat"


@pytest.fixture
def child_with(monkeypatch, tmp_path):
    """Changes the child program of the solvers that start from here on."""
    def change(old: str, new: str) -> None:
        assert old in CHILD.read_text()
        (tmp_path / "child.py").write_text(CHILD.read_text().replace(old, new))
        monkeypatch.setattr(solving, "CHILD", tmp_path / "child.py")
    return change


def test_what_z3_answers_only_untracked_has_all_labels_in_its_core(pair, child_with):
    """With no work allowed for keeping account of what is used, z3 is asked without."""
    child_with("TRACKED_WORK = 20_000", "TRACKED_WORK = 1")
    verdict = pair[0].ask(SPARE, 1000)
    assert (verdict.answer, verdict.core) == ("unsat", ("y", "above", "below"))


def test_prints_of_a_library_and_modules_beside_the_child_do_no_harm(solver, child_with, tmp_path):
    child_with("    import cvc5\n", '    import cvc5\n    os.write(1, b"noise\\n")\n')
    (tmp_path / "ctypes.py").write_text("raise SystemExit")
    assert [solver.ask(UNSAT, 1000).answer for _ in range(2)] == ["unsat", "unsat"]


NO_FORMULAS = [
    "nonsense", "(> x", "(> y 0.0)", "x", "(> x 1.0)) (assert false", "(> x 1.0) (assert false)",
    "(> x 1.0) false", "(> x 1.0))\n(assert (= 0.0 1.0)", "(! (> x 1.0) :named x)", "(> x 1.0) ; )",
    "(> |x| 1.0)", "", ")(", "(exit)"]


def test_what_is_not_one_formula_is_unknown_and_the_next_question_is_answered(solver):
    for text in NO_FORMULAS:
        verdict = solver.ask(Question(("x",), (("odd", text),)), 1000)
        assert verdict.answer == "unknown" and verdict.detail.startswith(f"{solver.name}: "), text
        assert solver.ask(UNSAT, 1000).answer == "unsat"


def test_what_is_no_name_is_unknown(solver):
    for name in ("x Real)(assert false)(declare-const y", "|x|", "", "2", "label!0"):
        verdict = solver.ask(Question((name,), UNSAT.assertions), 1000)
        assert verdict.answer == "unknown" and "name of a constant" in verdict.detail, name


def test_questions_are_answered_in_a_child_without_torch_or_sympy():
    """And the folder of the child program is not one in which its modules are looked for."""
    program = ("import sys; sys.argv[1:] = ['z3']; import runpy;"
               "runpy.run_path(sys.orig_argv[-1], run_name='__main__');"
               "unwanted = {'torch', 'sympy', 'numpy', 'theory'}.intersection(sys.modules);"
               "sys.exit(str(sorted(unwanted)))")
    question = '["k", ["x"], [["l", "(< (* x x) 0.0)"]], 1000]\n'
    done = subprocess.run([sys.executable, "-P", "-c", program, str(CHILD)], input=question,
                          text=True, capture_output=True, check=False)
    assert (done.stdout, done.stderr.strip()) == ('["k", "unsat", "", ["l"], {}]\n', "[]")


def test_a_solver_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    sentence = "the solver cvc5 is not installed: pip install cvc5"
    with pytest.raises(SolverMissing, match=f"^{sentence}$"):
        Solver("cvc5").ask(UNSAT, 1000)


RIGHT = 'dumps([key, "unsat", "", ["square"], {}])'


@pytest.mark.parametrize("answer", [
    'dumps(["other", "unsat", "", ["square"], {}])', 'dumps(["", "unsat", "", ["square"], {}])',
    'dumps([key, "unsat", "", ["square"]])', 'dumps([key, "proved", "", ["square"], {}])',
    'dumps([key, ["unsat"], "", ["square"], {}])', 'dumps([key])', '"unsat"', '"[]"', '""',
    'dumps([key, "unsat", "", ["another label"], {}])', 'dumps([key, "unsat", "", [], {}])',
    '"\\n".join([dumps(["before", "sat", "", [], {}]), ' + RIGHT + '])'])
def test_an_answer_that_is_none_to_the_question_ends_the_process(answering, answer):
    solver = answering(RIGHT, answer, RIGHT)
    assert solver.ask(UNSAT, 1000).answer == "unsat"
    process = solver.process
    reason = "z3 gave an answer that is none to this question"
    assert solver.ask(UNSAT, 1000) == Verdict("unknown", reason)
    assert process.poll() is not None
    assert solver.ask(UNSAT, 1000).answer == "unsat"


def test_an_answer_too_many_is_not_taken_for_the_next_one(answering):
    """The second answer repeats the first, as where an answer was left in the pipe."""
    solver = answering(RIGHT + ' + "\\n" + ' + RIGHT, RIGHT)
    first = solver.ask(UNSAT, 1000)
    time.sleep(0.2)
    second = solver.ask(SAT, 1000)
    assert (first.answer, second.answer) == ("unsat", "unknown")


class Pressed(BaseException):
    """What the signal handler of an impatient caller raises."""


@pytest.fixture(params=[KeyboardInterrupt, Pressed])
def interrupted(request):
    """Calls a function, interrupted after some seconds."""
    def call(function, seconds):
        def handler(*_):
            raise request.param
        before = signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            with pytest.raises(request.param):
                function()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    return call


def test_an_interrupt_ends_the_process_and_the_next_question_is_answered(solver, interrupted):
    assert solver.ask(UNSAT, 1000).answer == "unsat"
    process = solver.process
    interrupted(lambda: solver.ask(HARD, 60_000), 0.4)
    assert process.poll() is not None and solver.process is None
    answers = [solver.ask(question, 1000).answer for question in (SAT, UNSAT, SAT)]
    assert answers == ["sat", "unsat", "sat"]


def test_interrupts_at_any_moment_leave_no_answer_behind(pair, interrupted):
    """Ever later interrupts of quick questions: in writing, waiting, reading, after the answer."""
    z3 = pair[0]
    z3.ask(UNSAT, 1000)

    def forever():
        while True:
            assert z3.ask(SAT, 1000).answer == "sat"

    for step in range(8):
        assert z3.ask(UNSAT, 1000).answer == "unsat"
        interrupted(forever, 0.003 + step * 0.001)
        assert z3.ask(UNSAT, 1000).answer == "unsat"


def test_an_interrupt_while_waiting_for_the_second_opinion_ends_what_was_asked(pair, interrupted):
    cvc5 = pair[1]
    asked = [cvc5.submit(HARD, 60_000), cvc5.submit(SAT, 1000)]
    process = cvc5.process
    interrupted(asked[1].result, 0.4)
    assert process.poll() is not None
    assert {p.result().detail for p in asked} == {"cvc5 was interrupted"}
    assert cvc5.ask(UNSAT, 1000).answer == "unsat"


FORKED = """
import os, sys
from theory.core.solving import Question, Solver
UNSAT = Question(("x",), (("square", "(< (* x x) 0.0)"),))
SAT = Question(("x",), (("third", "(= (* 3.0 x) 1.0)"),))
solver = Solver({solver!r})
print("before", solver.ask(UNSAT, 1000).answer, flush=True)
process = solver.process
waiting = [solver.submit(q, 1000) for q in (SAT, UNSAT)]
child = os.fork()
if child == 0:
    answers = [p.result().answer for p in waiting]
    answers += [solver.ask(SAT, 1000).answer for _ in range(5)]
    print("child", *answers, solver.process.pid != process.pid, flush=True)
    sys.exit()
answers = [p.result().answer for p in waiting] + [solver.ask(UNSAT, 1000).answer for _ in range(5)]
os.waitpid(child, 0)
kept = solver.process is process and process.poll() is None
print("parent", *answers, kept, solver.ask(SAT, 1000).answer)
"""


@pytest.mark.parametrize("name", ["z3", "cvc5"])
def test_both_sides_of_a_fork_get_their_own_answers(name):
    """The forked side starts its own process, and its end does not end the parent's."""
    done = subprocess.run([sys.executable, "-c", FORKED.format(solver=name)], text=True,
                          capture_output=True, check=False, timeout=60)
    assert sorted(done.stdout.splitlines()) == [
        "before unsat", "child sat unsat sat sat sat sat sat True",
        "parent sat unsat unsat unsat unsat unsat unsat True sat"], done.stderr
    assert done.stderr == ""


def test_a_question_out_of_time_is_unknown_and_the_next_is_answered(solver):
    assert solver.ask(UNSAT, 1000).answer == "unsat"
    started = time.perf_counter()
    assert solver.ask(HARD, 1).answer == "unknown"
    assert time.perf_counter() - started < 15
    assert solver.ask(UNSAT, 1000).answer == "unsat"


def test_a_process_that_answered_in_time_may_idle(solver):
    solver.ask(UNSAT, 50)
    process = solver.process
    time.sleep(0.8)
    assert process.poll() is None


def test_a_process_that_died_is_replaced(solver):
    assert solver.ask(UNSAT, 1000).answer == "unsat"
    solver.process.kill()
    solver.process.wait()
    assert solver.ask(UNSAT, 1000).answer == "unsat"


def test_a_process_that_dies_of_a_question_loses_this_one_only(answering):
    solver = answering(RIGHT, "0 / 0", RIGHT)
    asked = [solver.submit(UNSAT, 1000) for _ in range(3)]
    assert [pending.result() for pending in asked] == [
        Verdict("unsat", "", ("square",)), Verdict("unknown", "z3 ended without an answer"),
        Verdict("unsat", "", ("square",))]


def test_a_process_that_never_answers_is_killed(solver):
    """SIGSTOP stands for a solver that does not look at its clock; the next one is answered."""
    assert solver.ask(UNSAT, 1000).answer == "unsat"
    stuck = solver.process
    stuck.send_signal(signal.SIGSTOP)
    asked = solver.submit(UNSAT, 100), solver.submit(UNSAT, 1000)
    assert asked[0].result() == Verdict("unknown", f"{solver.name} did not answer in time")
    assert stuck.poll() is not None
    assert asked[1].result().answer == "unsat"


def test_a_stuck_process_does_not_hold_up_one_who_writes_more_than_a_pipe_takes(pair):
    z3 = pair[0]
    z3.ask(UNSAT, 1000)
    z3.process.send_signal(signal.SIGSTOP)
    long = Question(("x",), tuple((f"a{n}", f"(> x {n}.0)") for n in range(20_000)))
    assert z3.ask(long, 100).answer == "unknown"
    assert z3.ask(UNSAT, 1000).answer == "unsat"


def test_a_long_question_and_a_long_answer_come_through(pair):
    z3 = pair[0]
    names = tuple(f"x{n}" for n in range(4000))
    found = z3.ask(Question(names, tuple((name, f"(= {name} 0.5)") for name in names)), 10_000)
    assert found.model == dict.fromkeys(names, "1/2")


def test_nobody_need_wait_for_a_process_to_end_in_time():
    """As when the asking process was killed: the child's own alarm ends it.

    It is stopped for a while so as to miss its limit.
    """
    child = subprocess.Popen([sys.executable, "-P", str(CHILD), "z3"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    pending = solving.Pending(Solver("z3"), UNSAT, 1000)
    child.stdin.write(pending.line())
    child.stdin.flush()
    assert pending.read(child.stdout.readline()).answer == "unsat"
    child.stdin.write(solving.Pending(Solver("z3"), HARD, 400).line())
    child.stdin.flush()
    time.sleep(0.2)
    child.send_signal(signal.SIGSTOP)
    time.sleep(1.4)
    child.send_signal(signal.SIGCONT)
    assert child.wait(timeout=30) == -signal.SIGALRM
    child.stdin.close()
    child.stdout.close()


def test_both_agree_on_a_contradiction(pair):
    opinion = solving.both(SPARE, 1000, 1000)
    assert (opinion.answer, opinion.by, opinion.core) == ("unsat", "z3, cvc5", ("above", "below"))
    assert not opinion.disagreement


def test_cvc5_is_asked_about_the_core_only(pair, monkeypatch):
    asked = []

    def submit(question, milliseconds):
        asked.append((question, milliseconds))
        return Solver.submit(pair[1], question, milliseconds)

    monkeypatch.setattr(pair[1], "submit", submit)
    solving.both(SPARE, 1000, 700)
    solving.both(SAT, 1000, 700)
    assert asked == [(Question(("x",), SPARE.assertions[1:]), 700)]


def test_without_a_contradiction_z3_alone_is_the_opinion(pair):
    found, unknown = solving.both(SAT, 1000, 1000), solving.both(HARD, 1, 1000)
    assert (found.answer, found.by, found.core, found.model) == ("sat", "z3", (), {"x": "1/3"})
    assert (unknown.answer, unknown.by) == ("unknown", "z3") and unknown.detail
    assert pair[1].process is not None  # started beside z3, before it is needed


def test_what_cvc5_does_not_know_z3_alone_says(pair, monkeypatch):
    monkeypatch.setattr(pair[1], "submit", lambda question, ms: Solver.submit(pair[1], HARD, 1))
    opinion = solving.both(SPARE, 1000, 1000)
    assert (opinion.answer, opinion.by, opinion.disagreement) == ("unsat", "z3", False)
    assert opinion.detail


def test_a_contradiction_for_which_cvc5_has_values_is_no_proof(pair, monkeypatch):
    monkeypatch.setattr(pair[1], "submit", lambda question, ms: Solver.submit(pair[1], SAT, 1000))
    opinion = solving.both(SPARE, 1000, 1000)
    assert (opinion.answer, opinion.by, opinion.disagreement) == ("unknown", "z3, cvc5", True)
    assert opinion.detail.startswith("DISAGREEMENT") and opinion.model == {"x": "(/ 1 3)"}


def test_second_opinions_come_later_each_to_its_own_question(pair):
    pair[1].start()
    pair[1].process.send_signal(signal.SIGSTOP)  # cvc5 is slow; z3's answers do not wait for it
    questions = [Question(("x", f"y{n}"), (*UNSAT.assertions, (f"spare {n}", f"(> y{n} {n}.0)")))
                 for n in range(3)]
    opinions = [solving.both_later(question, 1000, 1000) for question in questions]
    assert [opinion.first.answer for opinion in opinions] == ["unsat"] * 3
    pair[1].process.send_signal(signal.SIGCONT)
    assert [opinion.result().by for opinion in reversed(opinions)] == ["z3, cvc5"] * 3
