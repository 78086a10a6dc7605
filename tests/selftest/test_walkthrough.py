"""What a README asks for, read from its blocks."""

from __future__ import annotations

from checks.core.course import Course
from checks.selftest.walkthrough import Replaced, Seen, Served, Typed, Written, sections

README = """
# A task

```sh
not followed
```

## Set up

In the root of your clone:

```sh
mlsd start 1.1
```

## Steps

### 1. Write
<!-- step: write -->

<details>
<summary>One way to do it</summary>

`params.yaml`, with the versions that the solver showed you:

```yaml
- numpy=1
```
</details>

**Do:** change `track.py` in two places. In the place of `# TODO 1` and of the line below it:

```python
run()
```

```shell
serve --port 5001
```

You should see:

```text
a line
another
```

```console
not followed
```

## Troubleshooting

```sh
not followed
```
"""


def test_each_kind_of_block() -> None:
    set_up, steps, write = sections(README)
    assert (set_up.title, set_up.step, set_up.actions) == ("Set up", None, [Typed("mlsd start 1.1\n", at_root=True)])
    assert steps.actions == []
    assert (write.title, write.step) == ("1. Write", "write")
    assert write.actions == [
        Written("params.yaml", "- numpy=1\n", as_shown=True),
        Replaced("track.py", "# TODO 1", 2, "run()\n"),
        Served("serve --port 5001"),
        Seen(("a line", "another")),
    ]


def test_each_task_has_a_section_for_each_step_and_shows_what_one_should_see(course: Course) -> None:
    for task in course.tasks:
        found = sections((task.path / "README.md").read_text(encoding="utf-8"))
        assert [section.step for section in found if section.step] == [step.name for step in task.steps]
        assert sum(isinstance(action, Typed) for section in found for action in section.actions) >= len(task.steps)
        assert any(isinstance(action, Seen) for section in found for action in section.actions)
