"""What a rebuild says of honest work, whatever its form and its route were. `mistakes/` prove what it says of other work."""

from __future__ import annotations

from tests.task_1_2.test_honest_routes import BEGIN, FIRST, IN_A_FOLDER, ROUTES

AT_THE_ROOT = BEGIN.replace("dvc init -q --subdir", "(cd ../..; dvc init -q)")
DEEPER = "sed -i.bak 's/max_depth: 4/max_depth: 12/' params.yaml\nrm params.yaml.bak\n{run}\ngit commit -qam Deeper\n"


def test_a_clone_and_its_branch_alone_pass_every_step(done, rebuilder) -> None:
    branch = done.branch()
    done.passes(rebuilder)
    branch.passes(rebuilder)


def test_a_branch_whose_rows_are_in_a_folder(begun, rebuilder) -> None:
    """DVC locks the folder's hash alone: which rows are in it, only a rebuild tells."""
    begun.sh(ROUTES["templates, folders as outputs, a list of commands, a loop"])
    begun.branch().passes(rebuilder)


def test_parameters_in_toml(begun, rebuilder) -> None:
    begun.sh(ROUTES["parameters in TOML"])
    begun.passes(rebuilder)


def test_other_folders_and_linked_outputs(begun, rebuilder) -> None:
    run = "dvc repro -q flow/dvc.yaml"
    begun.sh(AT_THE_ROOT + "dvc config -q cache.type symlink\n" + IN_A_FOLDER)
    begun.sh(FIRST.replace("dvc repro -q", run) + DEEPER.format(run=run))
    begun.passes(rebuilder)
