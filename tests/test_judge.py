"""The judge: what blocks what, whose fault it is, and that each step is looked at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checks import expect
from checks.core.clone import Clone
from checks.core.judge import Judge
from checks.core.task import Step, Task
from checks.core.workspace import Workspace
from checks.expect import Failure, Unavailable
from checks.model import Outcome

P, F, B, U, E = Outcome.PASSED, Outcome.FAILED, Outcome.BLOCKED, Outcome.UNAVAILABLE, Outcome.ERROR
FAILURE = Failure("a file", "one thing", "another", "do it")


def step(name: str, *needs: str, points: float = 1.0) -> Step:
    return Step(name, f"Step {name}", points, needs, ("a", "b", "c"), f"anchor-{name}")


def does(*outcomes: Outcome) -> dict[str, Callable[[Workspace], None]]:
    """A checker whose steps a, b, c ... come out like this where they are looked at."""
    raised: dict[Outcome, Exception] = {F: FAILURE, U: Unavailable("no engine here"), E: ZeroDivisionError("oh")}

    def check(outcome: Outcome) -> Callable[[Workspace], None]:
        def function(work: Workspace) -> None:
            if outcome in raised:
                raise raised[outcome]

        return function

    return {name: check(outcome) for name, outcome in zip("abcdef", outcomes, strict=False)}


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., Judge]:
    def make(functions: dict[str, Callable[[Workspace], None]], *steps: Step) -> Judge:
        folder = "1_module/task1_tiny"
        task = Task("1.1", tmp_path / folder, folder, "Tiny", 5, "beginner", (), (), steps, ())
        return Judge(task, functions, Workspace(Clone(tmp_path), folder))

    return make


CHAIN = (step("a"), step("b", "a"), step("c", "b"), step("d"))
JOIN = (step("a"), step("b"), step("c", "a", "b"), step("d", "c"))


@pytest.mark.parametrize(
    ("steps", "said", "outcomes"),
    [
        (CHAIN, (P, P, P, P), [P, P, P, P]),
        (CHAIN, (F, P, P, P), [F, B, B, P]),
        (CHAIN, (P, F, P, F), [P, F, B, F]),
        (CHAIN, (U, P, P, P), [U, U, U, P]),
        (CHAIN, (E, F, P, P), [E, U, U, P]),
        (JOIN, (P, P, F, P), [P, P, F, B]),
        (JOIN, (F, U, P, P), [F, U, B, B]),
        (JOIN, (U, E, P, P), [U, E, U, U]),
        (JOIN, (F, P, P, P), [F, P, B, B]),
        (JOIN, (P, E, P, P), [P, E, U, U]),
    ],
)
def test_what_blocks_what(judge: Callable[..., Judge], steps: tuple[Step, ...], said, outcomes) -> None:
    assert [result.outcome for result in judge(does(*said), *steps).report().steps] == outcomes


def test_failed_step_has_its_words_and_where_to_read(judge: Callable[..., Judge]) -> None:
    result = judge(does(F), step("a", points=2.5)).result("a")
    assert (result.looked_at, result.expected, result.found, result.fix) == ("a file", "one thing", "another", "do it")
    assert (result.points, result.max_points, result.reason) == (0.0, 2.5, None)
    assert (result.step, result.title, result.see) == ("1.1/a", "Step a", "1_module/task1_tiny/README.md#anchor-a")
    assert result.seconds >= 0


def test_blocked_step_names_what_it_waits_for(judge: Callable[..., Judge]) -> None:
    results = judge(does(F, P, P, P), *JOIN)
    assert results.result("c").reason == "it needs 1.1/a first"
    assert results.result("d").reason == "it needs 1.1/c first"
    assert judge(does(F, F, P), *JOIN[:3]).result("c").reason == "it needs 1.1/a, 1.1/b first"


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("oh"), AssertionError("no"), RecursionError(), SystemExit(2), KeyError("x"), OSError(5)]
)
def test_whatever_a_checker_raises_is_our_fault_and_no_zero(judge: Callable[..., Judge], error: BaseException) -> None:
    def broken(work: Workspace) -> None:
        raise error

    report = judge({"a": broken, "b": does(P)["a"]}, step("a", points=3), step("b")).report()
    first = report.steps[0]
    assert first.outcome is E
    assert first.reason is not None
    assert first.reason.startswith(f"the checker itself broke ({type(error).__name__}")
    assert "test_judge.py:" in first.reason
    assert "not your fault" in first.reason
    assert (report.score, report.max_score, report.total) == (1, 1, 4)


@pytest.mark.parametrize("end", [KeyboardInterrupt, MemoryError])
def test_end_of_the_program_is_not_held_back(judge: Callable[..., Judge], end: type[BaseException]) -> None:
    def ends(work: Workspace) -> None:
        raise end

    with pytest.raises(end):
        judge({"a": ends}, step("a")).report()


def test_each_function_is_called_once_with_the_one_workspace(judge: Callable[..., Judge]) -> None:
    calls: list[tuple[str, Workspace]] = []

    def note(name: str) -> Callable[[Workspace], None]:
        return lambda work: calls.append((name, work))

    judged = judge({name: note(name) for name in "abcd"}, *JOIN)
    judged.result("d")
    judged.report()
    judged.report(frozenset("cd"))
    assert [name for name, _ in calls] == ["a", "b", "c", "d"]
    assert {id(work) for _, work in calls} == {id(judged.work)}


def test_selection_reports_only_what_was_asked_for_and_judges_what_it_needs(judge: Callable[..., Judge]) -> None:
    report = judge(does(P, F, P, P), *CHAIN).report(frozenset({"d", "c"}))
    assert [(result.step, result.outcome) for result in report.steps] == [("1.1/c", B), ("1.1/d", P)]
    assert (report.score, report.max_score, report.total) == (1, 2, 2)


def test_what_to_do_next_is_worked_out_where_a_step_fails(judge: Callable[..., Judge]) -> None:
    asked = []

    def fix() -> str:
        asked.append("asked")
        return "do it"

    def a(_work: Workspace) -> None:
        expect.that(True, looked_at="a file", expected="one thing", found="one thing", fix=fix)

    def b(_work: Workspace) -> None:
        expect.that(False, looked_at="a file", expected="one thing", found="another", fix=fix)

    made = judge({"a": a, "b": b}, step("a"), step("b"))
    assert made.result("a").outcome is P
    assert asked == []
    assert made.result("b").fix == expect.commands(fix) == "do it"
