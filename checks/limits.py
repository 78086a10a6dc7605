"""How much of a stranger's files we read. Every limit of the readers is here, by name.

A learner's honest work stays far below each of them. Sizes are in bytes.
"""

from __future__ import annotations

TEXT_BYTES = 1 << 20
"""A configuration, pointer, lock or source file."""

HASHED_BYTES = 256 << 20
"""A data file that is hashed. Months 1-24 of a learner's data are below 2 MB."""

LISTING_BYTES = 8 << 20
"""The listing of a tracked folder (a `.dir` object)."""

LISTING_FILES = 20_000
"""Files in a tracked folder."""

FOLDER_ENTRIES = 20_000
"""Names in one folder that are looked at."""

LINK_HOPS = 16
"""Symbolic links that are followed in one path, all of them inside the submission."""

YAML_DEPTH = 100
"""Nested collections in a YAML document: the C parser recurses and would end the process."""

YAML_NODES = 200_000
"""Nodes of a YAML document after its aliases were expanded."""

COMMITS = 20_000
"""Commits of a branch that are walked."""

TREE_ENTRIES = 20_000
"""Files of one commit that are listed."""

TAGS = 5_000
"""Tags of a repository that are looked at."""

LOOSE_OBJECTS = 200_000
"""Loose objects of a repository."""

LOOSE_OBJECT_BYTES = 64 << 20
"""One loose object, compressed: libgit2 reads it into memory whole."""

IGNORE_PATTERNS = 2_000
"""Lines of one `.gitignore`."""

ARCHIVE_BYTES = 2 << 30
"""All files of an archive, unpacked."""

ARCHIVE_RATIO = 200
"""Unpacked bytes for each byte of an archive; the first MiB counts whole, as text packs well."""

ARCHIVE_ENTRIES = 30_000
"""Files and folders in an archive."""

ARCHIVE_DEPTH = 40
"""Folders within each other in an archive."""

EXPORTED_BYTES = 16 << 20
"""One file of a commit that is written out for a rebuild."""

ARCHIVE_HEADER_BYTES = 1 << 16
"""What is read of an archive at once: a member's extended header is read whole."""

SUBMISSION_SECONDS = 8.0
"""Processor time to read and judge one submission; rebuilding, in its sandbox, has limits of its own."""

SUBMISSION_BYTES = 400 << 20
"""Memory that reading one submission may take, beside what its process has and the files that it maps."""

MESSAGE_LENGTH = 2_000
"""Characters of each line of a verdict: what a checker quotes may have no end."""
