"""Results as JUnit XML, which CI systems show: a test suite a submission, a test case a step.

`failed` is a failure, `error` an error, `blocked` and `unavailable` are skipped with the reason as message. A
submission that could not be read is a suite with one error. Format: https://github.com/testmoapp/junitxml
"""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree as ET

from checks.model import CohortReport, Outcome, StepResult, SubmissionReport
from checks.reports.escape import xml_text
from checks.reports.interface import Export, Options
from checks.reports.words import facts, number, score_words

_ELEMENT = {
    Outcome.FAILED: "failure",
    Outcome.BLOCKED: "skipped",
    Outcome.UNAVAILABLE: "skipped",
    Outcome.ERROR: "error",
}


def export(report: CohortReport, _: Options) -> Export:
    """The whole cohort as one `testsuites` document."""
    root = ET.Element("testsuites", {"name": xml_text(report.course.id)})
    for submission in report.submissions:
        root.append(_suite(submission, report.created))
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return Export('<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n")


def _suite(submission: SubmissionReport, created: str) -> ET.Element:
    name = xml_text(submission.submission)
    suite = ET.Element("testsuite", {"name": name, "timestamp": xml_text(created)})
    suite.append(_properties(submission))
    if submission.problem:
        case = ET.SubElement(suite, "testcase", {"classname": name, "name": "The submission can be read", "time": "0"})
        about = {"type": xml_text(submission.problem.kind), "message": xml_text(submission.problem.detail)}
        ET.SubElement(case, "error", about).text = xml_text(submission.problem.detail)
    suite.extend(_case(step, name) for step in submission.steps)
    _count(suite, submission)
    return suite


def _properties(submission: SubmissionReport) -> ET.Element:
    """What is known about the submission as a whole."""
    known = {"score": score_words(submission.score, submission.max_score, submission.total)}
    if submission.learner:
        known |= {"learner.id": submission.learner.id, "learner.name": submission.learner.name}
    if submission.commit:
        known["commit"] = submission.commit
    properties = ET.Element("properties")
    for name, value in known.items():
        ET.SubElement(properties, "property", {"name": name, "value": xml_text(value)})
    return properties


def _case(step: StepResult, suite: str) -> ET.Element:
    """One step. Its class is the submission and the task, so that CI systems group by them."""
    task = xml_text(step.step.partition("/")[0])
    name = xml_text(f"{step.step} {step.title}")
    case = ET.Element("testcase", {"classname": f"{suite}.{task}", "name": name, "time": f"{step.seconds:.3f}"})
    element = _ELEMENT.get(step.outcome)
    if element:
        detail = ET.SubElement(case, element, {"type": step.outcome.value, "message": xml_text(_message(step))})
        detail.text = xml_text(_detail(step))
    return case


def _message(step: StepResult) -> str:
    """One sentence about a step that did not pass."""
    if step.outcome is Outcome.FAILED:
        return f"found {step.found or 'nothing'}; expected {step.expected or step.title}"
    return f"{step.outcome.value}: {step.reason or 'no reason is known'}"


def _detail(step: StepResult) -> str:
    """Everything that is known about a step that did not pass, one fact a line."""
    points = [f"points: 0 / {number(step.max_points)}"] if step.outcome is Outcome.FAILED else []
    return "\n".join([*points, *(f"{label}: {text}" for label, text in facts(step))])


def _count(suite: ET.Element, submission: SubmissionReport) -> None:
    """How many test cases there are of each kind, and how long they took."""
    kinds = Counter(child.tag for case in suite.iter("testcase") for child in case)
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(kinds["failure"]))
    suite.set("errors", str(kinds["error"]))
    suite.set("skipped", str(kinds["skipped"]))
    suite.set("time", f"{sum(step.seconds for step in submission.steps):.3f}")
