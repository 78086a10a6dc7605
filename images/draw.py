"""Draw the pictures of the READMEs: python images/draw.py writes every `.svg` beside this file.

Each picture is a file of its own with the same name, and has a function `draw`. CI draws them again and accepts no difference.
"""

from __future__ import annotations

from pathlib import Path

import conda_lock
import dvc_pipeline
import dvc_pointers
import experiment_loop
import house
import image_container
import model_registry
import model_versioning
import watch
import whole_path

HERE = Path(__file__).resolve().parent
PICTURES = (
    conda_lock,
    dvc_pipeline,
    dvc_pointers,
    experiment_loop,
    house,
    image_container,
    model_registry,
    model_versioning,
    watch,
    whole_path,
)

if __name__ == "__main__":
    for picture in PICTURES:
        (HERE / f"{picture.__name__}.svg").write_text(picture.draw().svg(), encoding="utf-8", newline="\n")
