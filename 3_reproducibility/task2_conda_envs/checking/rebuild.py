"""An environment made again from its lock, and what a script writes in it: metrics.json, twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checks import Workspace, expect
from checks.assertions.data import shuffled
from checks.assertions.rebuilt import finished
from checks.core import data
from checks.core.workspace import Rebuilt, Script
from checks.evidence.conda.environment import Environment
from checks.evidence.conda.lock import Lock
from checks.evidence.conda.prefix import Prefix
from checks.evidence.documents import parse_json

from .answer import DATA, METRICS, MONTHS, SCRIPT, numbers
from .environment import packages_here

_FIRST, _OTHER = ".first.json", ".other.json"
_DEALT = ".dealt.csv"
# How the second run ends is not looked at: a script may stop where nothing can be learned. It finds the packages
# compiled by the first one, as it would by hand.
_COMMANDS = f"""export PYTHONDONTWRITEBYTECODE=
rm -rf {METRICS} {_FIRST} {_OTHER}
env/bin/python {SCRIPT} || exit
mv {METRICS} {_FIRST}
mv {_DEALT} {DATA} && env/bin/python {SCRIPT} > {_DEALT} 2>&1 && mv {METRICS} {_OTHER}
exit 0 # """
_COMMAND = f"env/bin/python {SCRIPT}"
"""The command as the learner types it in the task folder."""


@dataclass(frozen=True, slots=True)
class EnvironmentRebuild:
    """The locked environment, made again, and the script run in it on the learner's data."""

    work: Workspace
    locks: tuple[Lock, ...]
    environment: Environment

    def made(self, number: int = 0) -> Rebuilt:
        """The result of rebuild 0, or of one more. Raises Unavailable where this machine cannot make the environment."""
        return self.work.rebuilt_in_environment(
            packages_here(self.locks, self.environment),
            Script(
                f"{_COMMANDS}{number}\n",
                data={DATA: MONTHS},
                files={_DEALT: shuffled(data.months(self.work.learner.id, MONTHS))},
                results=(_FIRST, _OTHER),
            ),
        )

    def prefix(self) -> Prefix:
        """The environment, as it was before the script ran in it."""
        (prefix,) = self.made().work.conda.prefixes()
        return prefix

    def metrics(self, number: int, *, relock: str, commit: str, retrain: str) -> dict[str, object]:
        """The metrics.json of a rebuild. Raises Failure where there is none: with `relock` where a package is missing,
        `commit` where the script ended with another error, and `retrain` where it wrote nothing."""
        made = self.made(number)
        finished(made, _COMMAND, fix=relock if "ModuleNotFoundError" in made.output else commit)
        return self._written(made, _FIRST, retrain)

    def computed(self, metrics: Mapping[str, object], fix: str) -> None:
        """With the rentals dealt to other hours, the script has other errors than those in `metrics`."""
        made = self.made()
        if not made.work.files.is_file(made.work.path(_OTHER)):
            return
        rmse, other = numbers(metrics).get("rmse"), numbers(self._written(made, _OTHER, fix)).get("rmse")
        about = expect.Subject(f"`{_COMMAND}`, run once more with the rentals dealt to other hours", fix)
        found = f"rmse {rmse:g} again: {SCRIPT} does not compute it from {DATA}"
        about.that(rmse is None or rmse != other, "another rmse: nothing can be learned from such rentals", found)

    def _written(self, made: Rebuilt, name: str, fix: str) -> dict[str, object]:
        path = made.work.path(name)
        about = expect.Subject(f"`{_COMMAND}` in a fresh clone", fix)
        about.that(made.work.files.is_file(path), METRICS, "no such file: it was not written")
        metrics = parse_json(made.work.files.read(path), f"{METRICS} of a rebuild")
        about = expect.Subject(f"{METRICS} of a rebuild", fix)
        return about.some(metrics if isinstance(metrics, dict) else None, "numbers by their names", "no JSON object")
