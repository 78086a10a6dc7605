"""Findings for an instructor: evidence that learners share, and times that contradict each other.

An extra: `checks.grading.job` is the one place that imports it, by the three functions here.
"""

from checks.findings.findings import find
from checks.findings.traces import submission_evidence, task_evidence

__all__ = ["find", "submission_evidence", "task_evidence"]
