"""Feedback for a learner: kind, concrete, and without any markup of the submission's."""

from __future__ import annotations

import dataclasses
import re

from checks.model import CohortReport, Outcome, StepResult, SubmissionReport, TaskReport
from checks.reports import markdown

LINK = "1_model_versioning/task1_intro_to_dvc/README.md#2-track-the-first-month"
FEEDBACK = f"""\
# Feedback for `Ada`

**Score: 1 / 5 verified, 7.5 in all.** 1 of 5 steps passed. This is about commit `0123456`.

2.5 points could not be verified here. They are not counted against you.

It was handed in late.

## What to do first

**1.1/track The first month of data is tracked by DVC and committed together with its pointer**

```text
dvc add data/rentals.csv
```

## 1.1 Intro to DVC: 1 / 5 verified, 7.5 in all

### ✗ failed: 1.1/track The first month of data is tracked by DVC and committed together with its pointer (0 / 2)

- **Looked at:** `data/rentals.csv.dvc`
- **Expected:** `a pointer file with an md5 of 32 hexadecimal digits`
- **Found:** `no such file; the nearest is data/Rentals.csv.dvc`
- **Do this:**

  ```text
  dvc add data/rentals.csv
  ```

- **Read:** [`{LINK}`](<{LINK}>)

### Not judged

- · blocked: 1.1/remote Every tagged version is in your DVC remote. It waits for another step. `it needs 1.1/track`
- ? unavailable: 1.1/image The image starts. It could not be looked at here, and does not count. \
`Docker is not running on this machine`
- ! error: 1.1/restore An old version can be restored. The checker itself broke. That is our fault, and does not \
count against you. `the checker broke: KeyError: 'outs'`

### Passed: well done

- ✓ 1.1/init Your DVC repository is committed (1 / 1)
"""


def test_the_feedback(submission: SubmissionReport) -> None:
    one = dataclasses.replace(submission, tasks=submission.tasks[:1])
    assert markdown.render(one) == FEEDBACK


def test_other_learners_are_not_named(submission: SubmissionReport) -> None:
    assert "bob.zip" not in markdown.render(submission)


def test_a_base_goes_before_the_links(submission: SubmissionReport) -> None:
    assert f"](<../../{LINK}>)" in markdown.render(submission, base="../../")


def test_a_link_never_leaves_its_base(task: TaskReport) -> None:
    for see, address in (("javascript:alert(1)", "javascript%3Aalert%281%29"), ("//evil/x>y\n", "evil/x%3Ey%0A")):
        step = dataclasses.replace(task.steps[1], see=see)
        report = SubmissionReport("a", (TaskReport("1.1", "x", (step,)),))
        assert f"](<{address}>)" in markdown.render(report)


def test_all_passed_says_so() -> None:
    step = StepResult("1.1/a", "Title", Outcome.PASSED, 1.0)
    text = markdown.render(SubmissionReport("a", (TaskReport("1.1", "x", (step,)),)))
    assert "Every step passed." in text
    assert "**Score: 1 / 1.** 1 of 1 steps passed." in text


def test_a_problem_says_what_to_do(cohort: CohortReport) -> None:
    text = markdown.render(cohort.submissions[1])
    assert "could not be read" in text
    assert "```text\nnot-a-submission: b.zip: the archive ends too early\n```" in text
    assert "Score:" not in text


def test_nothing_of_the_submission_is_markup(bad_submission: SubmissionReport) -> None:
    text = markdown.render(bad_submission)
    assert text.encode()
    assert all(line.isprintable() or "\u200d" in line for line in text.split("\n"))
    bare = _without_code(text)
    assert not re.search(r"evil|everyone|alert|<[a-z/]|!\[", bare.replace(LINK, ""))
    assert "<script" not in bare
    assert [line for line in bare.split("\n") if line.startswith("#")] == [
        "# Feedback for CODE",
        "## What to do first",
        "## 1.1 Intro to DVC: 0 / 2 verified, 4 in all",
        "### ✗ failed: 1.1/track The data is tracked (0 / 2)",
        "### Not judged",
    ]


def _without_code(text: str) -> str:
    """The text with code blocks and code spans taken out as CommonMark reads them."""
    lines, fence = [], ""
    for line in text.split("\n"):
        opened = re.match(r" {0,3}(`{3,})(?:text)?$", line)
        if fence:
            fence = "" if opened and len(opened[1]) >= len(fence) and line.strip() == opened[1] else fence
        elif opened:
            fence = opened[1]
        else:
            lines.append(line)
    assert not fence
    return re.sub(r"(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)", "CODE", "\n".join(lines))
