"""docs/learners.md names verbs and options that exist, and the signs that are shown."""

from __future__ import annotations

import re

from checks.core.course import OWN_COURSE
from checks.model import Outcome
from checks.reports.words import SYMBOLS

PAGE = (OWN_COURSE / "docs/learners.md").read_text(encoding="utf-8")
CALL = re.compile(r"`mlsd (?P<verb>[a-z]+)(?P<rest>[^`]*)`|^mlsd (?P<alone>[a-z]+)$", re.MULTILINE)


def test_each_call_is_one(mlsd) -> None:
    calls = [(match["verb"] or match["alone"], match["rest"] or "") for match in CALL.finditer(PAGE)]
    assert len(calls) > 10
    for verb, rest in calls:
        usage = mlsd(verb, "--help")
        assert usage.code == 0, verb
        assert all(option in usage.out for option in re.findall(r"--\w+", rest)), rest


def test_each_outcome_is_told() -> None:
    told = dict(re.findall(r"^\| (\S) \| (\w+) \|", PAGE, re.MULTILINE))
    assert told == {SYMBOLS[outcome]: outcome.value for outcome in Outcome}
