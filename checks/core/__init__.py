"""The course: its modules, tasks and steps as `task.toml` declares them, and each learner's own data."""
