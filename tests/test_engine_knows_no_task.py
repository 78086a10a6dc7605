"""The engine knows no task: no id, file, stage, image or experiment of a task is named in `checks/`."""

from __future__ import annotations

import re
from pathlib import Path

from checks.core.course import Course

ROOT = Path(__file__).resolve().parents[1]
OF_THE_TOOLS = {
    "Dockerfile", "MLproject", "README.md", "conda-lock.yml", "dvc.lock", "dvc.yaml", "environment.yml", "mlflow.db",
    "params.yaml", "python_env.yaml", "requirements.txt", ".dockerignore", ".gitignore", "solve.sh",
}  # fmt: skip
"""File names that a tool or every task has."""
STAGES = ("preprocess", "train", "evaluate")
NAMES = ("bike-demand", "reproducibility-docker", "reproducibility-env", "data-v1", "best_run", "prediction.json")
SOURCES = sorted(path for path in (ROOT / "checks").rglob("*") if path.suffix in {".py", ".j2", ".js", ".json"})


def words_of_tasks(course: Course) -> re.Pattern[str]:
    """Ids, folders, files and names that belong to one task."""
    files = {
        path.name
        for task in course.tasks
        for folder in ("starter", "solution")
        for path in (task.path / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    data = {Path(file.path).name for task in course.tasks for file in task.data}
    plain = {*NAMES, *files, *data, *(task.path.name for task in course.tasks)} - OF_THE_TOOLS
    quoted = [rf"[\"'`]{stage}[\"'`]" for stage in STAGES]
    ids = [
        rf"(?:\btasks? |[Ss]uch as |`){re.escape(task.id)}(?![\d.])|(?<![\d.]){re.escape(task.id)}/[a-z]"
        for task in course.tasks
    ]
    return re.compile("|".join([*(rf"(?<![\w-]){re.escape(word)}\b" for word in sorted(plain)), *quoted, *ids]))


def test_no_word_of_a_task(course: Course) -> None:
    words = words_of_tasks(course)
    found = [
        f"{source.relative_to(ROOT)}:{number}: {line.strip()}"
        for source in SOURCES
        for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), 1)
        if words.search(line)
    ]
    assert not found, "\n".join(found)
