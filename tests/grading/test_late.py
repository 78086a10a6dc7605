"""Due dates, extensions, and what coming late costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.clone import Clone
from checks.core.course import Course
from checks.core.errors import CourseError
from checks.core.late import LateRule, late_rule
from checks.grading.late import Due, NoTimeError, parse_due, parse_extension, with_lateness
from checks.model import Outcome, Problem, StepResult, SubmissionReport, TaskReport
from checks.selftest import build
from checks.submissions.check import submitted_at

DUE = datetime(2026, 11, 30, 18, tzinfo=UTC)
RULE = LateRule(grace_minutes=15, penalty_per_day=0.1, most=0.5)


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("this system's time zone can't be set")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


def test_a_time_without_a_zone_is_local_and_says_so(in_tokyo: None) -> None:
    due = parse_due("2026-11-30T18:00")
    assert due.at == datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert due.shown.startswith("2026-11-30T18:00:00+09:00 (local time of this machine")


def test_a_date_alone_is_the_end_of_that_day(in_tokyo: None) -> None:
    assert parse_due(" 2026-11-30 ").at == datetime(2026, 11, 30, 14, 59, 59, tzinfo=UTC)


def test_a_time_with_a_zone_is_taken_as_it_is() -> None:
    due = parse_due("2026-11-30T18:00+02:00")
    assert due == Due(datetime(2026, 11, 30, 18, tzinfo=timezone(timedelta(hours=2))))
    assert due.shown == "2026-11-30T18:00:00+02:00"
    assert parse_due("2026-11-30T18:00Z").at == DUE


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "30.11.2026", "2026-13-01", "0001-01-01", "9999-12-31", "20026-11-30"]
)
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NoTimeError, match=r"is no time: write it as 2026-11-30"):
        parse_due(text)


def test_an_extension_is_days_or_a_time() -> None:
    assert parse_extension("") is None
    assert parse_extension(" 2 ") == parse_extension("2d") == parse_extension("2 D") == timedelta(days=2)
    assert parse_extension("0,5") == parse_extension("0.5d") == timedelta(hours=12)
    assert parse_extension("2026-12-01T18:00Z") == DUE + timedelta(days=1)
    for nonsense in ("-1", "1000", "soon", "2 weeks"):
        with pytest.raises(NoTimeError, match="is no extension: write days"):
            parse_extension(nonsense)


@given(text=st.text(max_size=30))
def test_any_text_is_an_extension_or_a_clear_error(text: str) -> None:
    try:
        found = parse_extension(text)
    except NoTimeError:
        return
    with_lateness(report(DUE), RULE, DUE, extension=found)


def report(submitted: datetime | None) -> SubmissionReport:
    step = StepResult("1.1/init", "", Outcome.PASSED, 10.0)
    moment = submitted.isoformat() if submitted else None
    return SubmissionReport("ada", (TaskReport("1.1", "", (step,)),), submitted=moment)


@pytest.mark.parametrize(
    ("over", "late", "final"),
    [
        (timedelta(days=-3), False, 10),
        (timedelta(0), False, 10),
        (timedelta(minutes=15), False, 10),
        (timedelta(minutes=15, seconds=1), True, 9),
        (timedelta(days=1), True, 9),
        (timedelta(days=1, seconds=1), True, 8),
        (timedelta(days=4, hours=1), True, 5),
        (timedelta(days=300), True, 5),
    ],
)
def test_each_day_that_was_begun_costs_its_share(over: timedelta, late: bool, final: float) -> None:
    found = with_lateness(report(DUE + over), RULE, DUE)
    assert (found.late, found.final, found.score) == (late, pytest.approx(final), 10)


def test_an_extension_moves_the_learner_s_own_date_and_never_back() -> None:
    work = report(DUE + timedelta(days=1, hours=1))
    assert with_lateness(work, RULE, DUE, extension=timedelta(days=2)).late is False
    assert with_lateness(work, RULE, DUE, extension=timedelta(days=1)).penalty == 0.1
    assert with_lateness(work, RULE, DUE, extension=DUE + timedelta(days=2)).late is False
    assert with_lateness(report(DUE), RULE, DUE, extension=DUE - timedelta(days=2)).late is False


def test_a_platform_s_mark_counts_where_the_commit_says_in_time() -> None:
    for work, due in ((report(DUE), DUE), (report(None), DUE), (report(None), None)):
        found = with_lateness(work, RULE, due, marked=True)
        assert (found.late, found.penalty) == (True, 0.1)
    assert with_lateness(report(DUE + timedelta(days=2)), RULE, DUE, marked=True).penalty == 0.2
    assert with_lateness(report(DUE), RULE, DUE, extension=timedelta(days=1), marked=True).late is False


def test_without_a_date_nothing_is_late() -> None:
    for work, due in ((report(None), DUE), (report(DUE), None)):
        assert with_lateness(work, RULE, due) == work


def test_a_submission_that_can_t_be_read_is_left_as_it_is() -> None:
    missing = SubmissionReport("ada", submitted=(DUE + timedelta(days=3)).isoformat(), problem=Problem("missing", ""))
    assert with_lateness(missing, RULE, DUE, marked=True) == missing


def test_without_a_rule_late_work_is_marked_and_costs_nothing() -> None:
    found = with_lateness(report(DUE + timedelta(hours=1)), LateRule(), DUE)
    assert (found.late, found.penalty) == (True, 0.0)


def test_the_time_is_that_of_the_last_commit_s_committer(fresh: Path) -> None:
    dates = {"GIT_COMMITTER_DATE": "2026-11-30T20:00:00+02:00", "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z"}
    build.run_git(["commit", "--allow-empty", "--quiet", "--message", "x"], fresh, **dates)
    assert submitted_at(Clone(fresh)) == "2026-11-30T18:00:00Z"


def test_without_git_nobody_knows_when_it_was_handed_in(tmp_path: Path) -> None:
    assert submitted_at(Clone(tmp_path)) is None


def test_a_commit_of_no_calendar_has_no_time(fresh: Path) -> None:
    tree, parent = build.run_git(["rev-parse", "HEAD^{tree}", "HEAD"], fresh).split()
    who = "A <a> 99999999999999 +0000"
    text = f"tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\nx\n"
    (fresh / "commit").write_text(text)
    made = build.run_git(["hash-object", "-t", "commit", "-w", "--literally", "commit"], fresh).strip()
    build.run_git(["update-ref", "HEAD", made], fresh)
    assert submitted_at(Clone(fresh)) is None


def test_this_course_states_its_rule(course: Course) -> None:
    assert course.late == LateRule(grace_minutes=15, penalty_per_day=0.1, most=0.5)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("late = 3", "`late` is no table"),
        ("[late]\npenalty_per_days = 0.1", "Did you mean penalty_per_day"),
        ("[late]\npenalty_per_day = 10", r"penalty_per_day = 10 can't be; write a share of the points from 0 to 1"),
        ("[late]\npenalty_per_day = true", "can't be"),
        ("[late]\nmost = nan", "most = nan can't be"),
        ("[late]\nmost = -0.1", "most = -0.1 can't be"),
        ('[late]\ngrace_minutes = "15"', "grace_minutes = 15 can't be; write minutes from 0"),
    ],
)
def test_a_rule_that_makes_no_sense_is_a_clear_error(
    table: str, said: str, course_with: Callable[[str], Course]
) -> None:
    with pytest.raises(CourseError, match=said):
        course_with(table)


def test_a_course_without_a_rule_takes_nothing_off(course_with: Callable[[str], Course]) -> None:
    assert course_with('id = "tiny"').late == LateRule()
    assert late_rule({"most": 1}, "course.toml") == LateRule(most=1.0)
