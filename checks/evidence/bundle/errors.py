"""Why a bundle can't be read."""

from __future__ import annotations


class BundleError(Exception):
    """A bundle that can't be read. `kind` is a stable word, the message says what is wrong with it."""

    kind = "unreadable-bundle"


class IncompleteBundleError(BundleError):
    """It builds on commits that are not in it."""

    kind = "incomplete-bundle"


class LargeBundleError(BundleError):
    """It holds more than honest work needs."""

    kind = "too-large"
