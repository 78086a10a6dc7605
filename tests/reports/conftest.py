"""Reports to render: a small honest one, one with every outcome, and a hostile one."""

from __future__ import annotations

import pytest

from checks import model

README = "1_model_versioning/task1_intro_to_dvc/README.md"
HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link",
    "\u202eevil\u202c \u2066x\u2069 \u200f",
    '=HYPERLINK("https://evil.example","click")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "  =1+1",
    "\uff1d1+1",
    "a;=1+1",
    "</failure></testcase>]]>",
    '<script>alert(1)</script><img src=x onerror="alert(1)">',
    "\"><a href='javascript:alert(1)'>x</a>",
    "{{ 7 * 7 }}{% raw %}",
    "[x](javascript:alert(1)) ![i](https://evil.example/i.png) <https://evil.example>",
    "# heading\n\n---\n\n> quote\n\n| a | b |\n",
    "``` ``````\n</code>",
    "https://evil.example www.evil.example me@evil.example @everyone #12",
    "::error file=a::b\n::set-output name=x::y\n##[error]z ##vso[task.complete]",
    "../../etc/passwd",
    "CON",
    "\ud800 \udcff",
    "a\x00b\x85c\u2028d\ufffe\ufeff",
    "x" * 10_000,
    "word " * 2_000,
    "line\n" * 2_000,
    "\u8868" * 300,
    "\u0915\u094d\u200d\u0937 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "",
    " ",
    "`",
)
"""Texts that a submission may hold to harm a reader, a program or a spreadsheet."""


def passed(step: str, title: str, points: float = 1.0) -> model.StepResult:
    """A step that passed."""
    return model.StepResult(step, title, model.Outcome.PASSED, points, seconds=0.004)


def failed(step: str, title: str, points: float = 2.0, **evidence: str) -> model.StepResult:
    """A step that failed, with its four parts."""
    parts = {
        "looked_at": "data/rentals.csv.dvc",
        "expected": "a pointer file with an md5 of 32 hexadecimal digits",
        "found": "no such file; the nearest is data/Rentals.csv.dvc",
        "fix": "dvc add data/rentals.csv",
        "see": f"{README}#2-track-the-first-month",
    }
    return model.StepResult(step, title, model.Outcome.FAILED, points, seconds=0.25, **(parts | evidence))


def waiting(step: str, title: str, outcome: model.Outcome, reason: str, points: float = 2.0) -> model.StepResult:
    """A step that was not judged."""
    return model.StepResult(step, title, outcome, points, reason=reason)


def intro() -> model.TaskReport:
    """A task with every outcome."""
    steps = (
        passed("1.1/init", "Your DVC repository is committed"),
        failed("1.1/track", "The first month of data is tracked by DVC and committed together with its pointer"),
        waiting(
            "1.1/remote", "Every tagged version is in your DVC remote", model.Outcome.BLOCKED, "it needs 1.1/track"
        ),
        waiting(
            "1.1/image", "The image starts", model.Outcome.UNAVAILABLE, "Docker is not running on this machine", 0.5
        ),
        waiting(
            "1.1/restore", "An old version can be restored", model.Outcome.ERROR, "the checker broke: KeyError: 'outs'"
        ),
    )
    return model.TaskReport("1.1", "Intro to DVC", steps)


def tracking() -> model.TaskReport:
    """A task in which everything passed."""
    return model.TaskReport(
        "2.1", "Track a run", (passed("2.1/run", "A run is there"), passed("2.1/params", "It has params"))
    )


def ada() -> model.SubmissionReport:
    """An honest submission."""
    return model.SubmissionReport(
        "ada.tar.gz",
        (intro(), tracking()),
        learner=model.Identity("ada@example.org", "Ada"),
        commit="0123456789abcdef0123456789abcdef01234567",
        submitted="2026-11-21T10:00:00Z",
        late=True,
        findings=(model.Finding("shared-evidence", "2.1/params", "the same run id is in 2 submissions", ("bob.zip",)),),
    )


def hostile(text: str) -> model.SubmissionReport:
    """A submission in which everything that can hold a text of the learner's holds this one."""
    steps = (
        failed("1.1/track", "The data is tracked", looked_at=text, expected=text, found=text, fix=text),
        waiting("1.1/remote", "The remote holds it", model.Outcome.ERROR, text),
    )
    return model.SubmissionReport(
        text,
        (model.TaskReport("1.1", "Intro to DVC", steps),),
        learner=model.Identity(text, text),
        findings=(model.Finding("shared-evidence", "1.1/track", text, (text, text)),),
    )


@pytest.fixture
def task() -> model.TaskReport:
    """A task with every outcome."""
    return intro()


@pytest.fixture
def submission() -> model.SubmissionReport:
    """An honest submission."""
    return ada()


@pytest.fixture
def cohort() -> model.CohortReport:
    """Every outcome, a submission that can't be read, and hostile ones."""
    problem = model.Problem("not-a-submission", "b.zip: the archive ends too early")
    problems = (
        model.SubmissionReport("b.zip", problem=problem),
        model.SubmissionReport("x", problem=model.Problem("k", HOSTILE[0])),
    )
    others = tuple(hostile(text) for text in HOSTILE)
    stamp = model.CourseStamp("mlsd-workshop", "1.0.0", "sha256:" + "ab" * 32)
    return model.CohortReport(stamp, "2026-11-22T10:00:00Z", (ada(), *problems, *others))


@pytest.fixture(params=HOSTILE, ids=range(len(HOSTILE)))
def bad_text(request: pytest.FixtureRequest) -> str:
    """One hostile text."""
    return str(request.param)


@pytest.fixture
def bad_submission(bad_text: str) -> model.SubmissionReport:
    """A submission full of one hostile text."""
    return hostile(bad_text)
