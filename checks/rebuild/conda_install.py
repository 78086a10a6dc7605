"""Install every package that lies below this file's folder into a new conda environment: `python conda_install.py PREFIX`.

It is copied into the sandbox and runs there, with the course's own rattler. Scripts of packages (`post-link`) are never
run: conda-forge's packages for Python need none, and they could do anything.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path


async def install(packages: Path, prefix: Path) -> None:
    """Unpack and link the packages; what was unpacked is gone at the end."""
    import certifi

    # rattler's client does not start without certificates, even where every package is a file.
    os.environ["SSL_CERT_FILE"] = certifi.where()
    import rattler

    files = [file for file in sorted(packages.rglob("*")) if file.name.endswith((".conda", ".tar.bz2"))]
    records = [await rattler.RepoDataRecord.from_package_archive(file) for file in files]
    # Beside the environment, so that its files are links to the unpacked ones and not a second copy.
    cache = Path(tempfile.mkdtemp(dir=prefix.parent))
    await rattler.install(
        records, target_prefix=prefix, cache_dir=cache, execute_link_scripts=False, show_progress=False
    )
    shutil.rmtree(cache)


if __name__ == "__main__":
    asyncio.run(install(Path(__file__).resolve().parent, Path(sys.argv[1]).resolve()))
    # rattler's threads outlive the loop: one that touches Python while the interpreter is taken down crashes the process.
    os._exit(0)
