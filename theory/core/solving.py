"""Questions about real numbers to z3 and cvc5; an answer counts for its own question only.

Each solver has its own process. Every question carries an id that its answer must repeat. An answer
with another id, no answer in time, a process that died and an exception of any kind while waiting
all end the process, and the question has the answer 'unknown'. After a fork the parent's process is
neither asked nor ended: the new side starts its own.

Use one solver from one thread: two threads that share one may get 'unknown' in place of an answer.
"""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

CHILD = Path(__file__).with_name("solver_child.py")
PACKAGES = {"z3": "z3-solver", "cvc5": "cvc5"}
START_SECONDS = 10.0  # a loaded machine may take seconds to start a process


class SolverMissing(ModuleNotFoundError):
    """A solver's Python module is not installed."""


@dataclass(frozen=True)
class Question:
    """Can all assertions hold together? They are labelled SMT-LIB formulas about real constants."""

    declarations: tuple[str, ...]
    assertions: tuple[tuple[str, str], ...]

    @property
    def labels(self) -> frozenset[str]:
        """The labels of all assertions."""
        return frozenset(label for label, _ in self.assertions)

    def only(self, labels: tuple[str, ...]) -> Question:
        """The question with the assertions so labelled, and the constants they speak of."""
        kept = tuple((label, text) for label, text in self.assertions if label in labels)
        words = {word for _, text in kept for word in re.split(r"[()\s]+", text)}
        return Question(tuple(name for name in self.declarations if name in words), kept)


@dataclass(frozen=True)
class Verdict:
    """'unsat' with the labels it rests on, 'sat' with values, or 'unknown' with the reason.

    `core` is all labels where the solver could not say which it needed. A value is text as its
    solver writes it; an irrational one may be rounded, with a question mark, or describe a root.
    """

    answer: str
    detail: str = ""
    core: tuple[str, ...] = ()
    model: Mapping[str, str] = field(default_factory=dict)


class Pending:
    """A question put to a solver; `result` waits for its verdict."""

    def __init__(self, solver: Solver, question: Question, milliseconds: int) -> None:
        self.solver, self.question, self.milliseconds = solver, question, milliseconds
        self.key = uuid.uuid4().hex
        self.verdict: Verdict | None = None

    def result(self) -> Verdict:
        """The verdict, as soon as there is one."""
        return self.verdict or self.solver.wait(self)

    def line(self) -> bytes:
        """The question as the solver's process reads it."""
        parts = [self.key, self.question.declarations, self.question.assertions, self.milliseconds]
        return json.dumps(parts).encode() + b"\n"

    def read(self, line: bytes) -> Verdict | None:
        """The verdict in a line of the process, if it answers this question and is one."""
        try:
            key, answer, detail, core, model = json.loads(line)
            verdict = Verdict(answer, detail, tuple(dict.fromkeys(core)), dict(model))
        except (ValueError, TypeError):
            return None
        if key != self.key or answer not in ("unsat", "sat", "unknown"):
            return None
        if answer == "unsat" and not verdict.core:  # without assertions there is no contradiction
            return None
        return verdict if self.question.labels.issuperset(verdict.core) else None


class Solver:
    """z3 or cvc5, by name. Questions are answered in the order in which they are asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process: subprocess.Popen[bytes] | None = None
        self._starter = 0  # the id of the process that started `process`
        self._proven = False  # whether `process` has answered anything yet
        self._unanswered: deque[Pending] = deque()
        self._unwritten = b""  # the rest of the questions
        self._unread = b""  # the beginning of an answer
        atexit.register(self.stop)

    def ask(self, question: Question, milliseconds: int) -> Verdict:
        """The verdict; 'unknown' when it does not come within twice the limit and a second."""
        try:
            return self.submit(question, milliseconds).result()
        except BaseException:  # also one that comes between asking and waiting
            self.stop()
            raise

    def submit(self, question: Question, milliseconds: int) -> Pending:
        """Ask without waiting for the answer."""
        pending = Pending(self, question, milliseconds)
        try:
            self.start()
            self._unanswered.append(pending)
            self._unwritten += pending.line()
            while self._exchange(0.0):
                pass
        except BaseException:
            self.stop()
            raise
        return pending

    def wait(self, pending: Pending) -> Verdict:
        """The verdict on a question put to this solver; an exception first ends the process."""
        try:
            while pending.verdict is None:
                self._settle(self._unanswered[0])
            if pending.verdict.detail.startswith("not installed"):
                raise self._missing()
            return pending.verdict
        except BaseException:
            self.stop()
            raise

    def start(self) -> None:
        """Start the process if there is none of our own, or if it died with nothing to do."""
        if self.process is not None and self._starter != os.getpid():
            self._abandon()
        if self.process is not None and (self._unanswered or self.process.poll() is None):
            return
        self._end()
        if importlib.util.find_spec(self.name) is None:
            raise self._missing()
        # -P: the folder of the child program is not among those in which it looks for modules
        command = [sys.executable, "-P", str(CHILD), self.name]
        self.process = subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._starter, self._proven = os.getpid(), False
        self._unwritten = b"".join(pending.line() for pending in self._unanswered)

    def _missing(self) -> SolverMissing:
        how = f"the solver {self.name} is not installed: pip install {PACKAGES[self.name]}"
        return SolverMissing(how, name=self.name)

    def stop(self) -> None:
        """End the process, if there is one; what it was asked is unknown."""
        self._end()
        while self._unanswered:
            self._unanswered.popleft().verdict = Verdict("unknown", f"{self.name} was interrupted")

    def _settle(self, first: Pending) -> None:
        """Wait for the verdict on the first unanswered question, no longer than it may take."""
        self.start()
        patience = (2 * first.milliseconds + 1000) / 1000 + (0.0 if self._proven else START_SECONDS)
        deadline = time.monotonic() + patience
        while first.verdict is None:
            left = deadline - time.monotonic()
            if left > 0:
                self._exchange(left)
            else:
                self._give_up("did not answer in time")

    def _exchange(self, seconds: float) -> bool:
        """Write and read what is possible without blocking; wait no longer than this for either."""
        self.start()
        assert self.process is not None
        assert self.process.stdin is not None and self.process.stdout is not None
        source, sink = self.process.stdout.fileno(), self.process.stdin.fileno()
        sinks = [sink] if self._unwritten else []
        readable, writable, _ = select.select([source], sinks, [], seconds)
        if writable:
            try:  # what select calls writable takes so many bytes at once
                written = os.write(sink, self._unwritten[:select.PIPE_BUF])
                self._unwritten = self._unwritten[written:]
            except BrokenPipeError:
                self._unwritten = b""  # it died; what it said before may still be read
        if readable:
            self._receive(os.read(source, 65536))
        return bool(readable or writable)

    def _receive(self, data: bytes) -> None:
        """Give each complete line to the question it must answer; no data: the process ended."""
        if not data:
            late = self.process is not None and self.process.wait() == -signal.SIGALRM
            return self._give_up("did not answer in time" if late else "ended without an answer")
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            verdict = self._unanswered[0].read(line) if self._unanswered else None
            if verdict is None:
                return self._give_up("gave an answer that is none to this question")
            self._unanswered.popleft().verdict = verdict
            self._proven = True

    def _give_up(self, reason: str) -> None:
        """End the process; the question it was at is unknown, the next process gets the others."""
        self._end()
        if self._unanswered:
            self._unanswered.popleft().verdict = Verdict("unknown", f"{self.name} {reason}")

    def _end(self) -> None:
        """Kill the process, if there is one and it is our own."""
        if self.process is not None and self._starter != os.getpid():
            self._abandon()
        process, self.process = self.process, None  # first, so that it is never read again
        self._unwritten = self._unread = b""
        if process is not None:
            process.kill()
            process.wait()
            _close(process)

    def _abandon(self) -> None:
        """Forget the process of the fork's other side; close only this side's ends of its pipes."""
        process, self.process = self.process, None
        self._unwritten = self._unread = b""
        if process is not None:
            process.returncode = 0  # not our child, so not ours to wait for
            _close(process)


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


Z3, CVC5 = Solver("z3"), Solver("cvc5")


@dataclass(frozen=True)
class Opinion:
    """What z3 and cvc5 say together: 'unsat' only if z3 says so and cvc5 has no values.

    `by` names who said it: "z3, cvc5", or "z3" where cvc5 was not asked or does not know.
    """

    answer: str
    by: str
    core: tuple[str, ...] = ()
    disagreement: bool = False
    model: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""


class PendingOpinion:
    """z3's verdict, and cvc5's on the assertions z3 needed, which may still be on its way."""

    def __init__(self, first: Verdict, second: Pending | None) -> None:
        self.first, self.second = first, second

    def result(self) -> Opinion:
        """Both opinions as one, as soon as cvc5 has answered or run out of time."""
        first = self.first
        if first.answer != "unsat" or self.second is None:
            return Opinion(first.answer, "z3", first.core, False, first.model, first.detail)
        second = self.second.result()
        if second.answer == "sat":
            detail = "DISAGREEMENT: z3 says proved, cvc5 says there are values that break it"
            return Opinion("unknown", "z3, cvc5", first.core, True, second.model, detail)
        by = "z3, cvc5" if second.answer == "unsat" else "z3"
        return Opinion("unsat", by, first.core, False, {}, second.detail)


def both(question: Question, z3_ms: int, cvc5_ms: int) -> Opinion:
    """z3's answer, and where it is 'unsat' cvc5's second opinion."""
    return both_later(question, z3_ms, cvc5_ms).result()


def both_later(question: Question, z3_ms: int, cvc5_ms: int) -> PendingOpinion:
    """As `both`, but cvc5 thinks while the caller goes on: z3's verdict is `first` at once."""
    for solver in (Z3, CVC5):
        solver.start()  # side by side, before either is needed
    first = Z3.ask(question, z3_ms)
    if first.answer != "unsat":
        return PendingOpinion(first, None)
    return PendingOpinion(first, CVC5.submit(question.only(first.core), cvc5_ms))
