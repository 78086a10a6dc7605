"""The files of a logged model, laid out in a folder of ours, for a sandbox to load: never this process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from checks import expect
from checks.evidence.mlflow.artifacts import need_inside

if TYPE_CHECKING:
    from checks.evidence.mlflow.mlmodel import Model

MODEL = "model"
"""Where the model's files are in the folder."""
MODEL_BYTES = 192 << 20
"""What a model's files may have together: a forest of hundreds of deep trees has a hundred MiB."""


@contextmanager
def laid_out(model: Model, **others: str) -> Iterator[Path]:
    """A folder with the model's files below `model`, and with `others`: texts of ours, `_` in a name for its dot.

    Raises Failure where a file can't be read, or where there is more than a sandbox takes.
    """
    with tempfile.TemporaryDirectory(prefix="mlsd-model-") as scratch:
        folder, left = Path(scratch), MODEL_BYTES
        for path in model.artifacts.paths():
            left -= model.artifacts.size(path)
            expect.that(
                left >= 0,
                looked_at=f"the files of the model in {model.artifacts.folder}",
                expected=f"at most {MODEL_BYTES >> 20} MiB",
                found="more",
                fix="(let the model have fewer or smaller trees, and run it again)",
            )
            target = folder / MODEL / need_inside(path, model.artifacts.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(model.artifacts.read(path, MODEL_BYTES))
        for name, text in others.items():
            folder.joinpath(name.replace("_", ".")).write_text(text, encoding="utf-8")
        yield folder
