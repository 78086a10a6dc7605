"""The words of a check author: `step`, `expect`, `Failure`, `Unavailable`, `Workspace` - and no more."""

from checks import expect
from checks.expect import Failure, Unavailable
from checks.step import step
from checks.workspace import Workspace

__all__ = ["Failure", "Unavailable", "Workspace", "expect", "step"]
