"""The one place that knows which sandboxes there are, and which of them this machine gets."""

from __future__ import annotations

import sys

from checks.rebuild.sandbox import Sandbox, SandboxUnavailable


def find_sandbox() -> Sandbox:
    """Give the sandbox of this machine: bubblewrap where it works, else a container. Raises SandboxUnavailable."""
    reasons, remedies = [], []
    if sys.platform == "linux":
        from checks.rebuild import bubblewrap  # of Linux alone

        reason = bubblewrap.unavailable()
        if reason is None:
            return bubblewrap.Bubblewrap()
        reasons.append(reason)
        remedies.append("apt-get install bubblewrap (Debian, Ubuntu)")
    from checks.rebuild import container  # the engine's library takes its time

    missing = container.unavailable()
    if missing is None:
        return container.Container()
    raise SandboxUnavailable(", and ".join([*reasons, missing.reason]), ", or ".join([*remedies, missing.remedy]))
