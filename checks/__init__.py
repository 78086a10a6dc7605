"""The words of a check author: `step`, `expect`, `Failure`, `Unavailable`, `Workspace` - and no more."""

from checks import expect
from checks.core.step import step
from checks.core.workspace import Workspace
from checks.expect import Failure, Unavailable

__all__ = ["Failure", "Unavailable", "Workspace", "expect", "step"]
