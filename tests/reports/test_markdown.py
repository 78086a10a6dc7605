"""Feedback for a learner: kind, concrete, and without any markup of the submission's."""

from __future__ import annotations

import dataclasses
import re

from markdown_it import MarkdownIt

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
    """As CommonMark reads it, everything of the submission's stands in code."""
    text = markdown.render(bad_submission)
    tokens = MarkdownIt().parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    assert {token.type for token in inline} <= {"text", "code_inline", "strong_open", "strong_close", "softbreak"} | {
        "link_open", "link_close",
    }  # fmt: skip
    assert {token.attrs["href"] for token in inline if token.type == "link_open"} <= {LINK}
    assert not re.search(r"evil|everyone|alert|<", "".join(token.content for token in inline if token.type == "text"))
    headings = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    assert [heading.partition(" ")[0] for heading in headings] == ["Feedback", "What", "1.1", "✗", "Not"]
    assert not any(token.type == "html_block" for token in tokens)
