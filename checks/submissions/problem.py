"""Why a submission could not be read at all."""

from __future__ import annotations


class SubmissionProblem(Exception):  # noqa: N818 - it becomes a row of the gradebook, not a failure of the program
    """A submission that can't be read. `kind` is a stable word, `detail` a sentence for the instructor."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail
