"""How much of a stranger's files we read. Every limit of the readers is here, by name.

A learner's honest work stays far below each of them. Sizes are in bytes.
"""

from __future__ import annotations

TEXT_BYTES = 1 << 20  # a configuration, pointer, lock or source file
HASHED_BYTES = 256 << 20  # a data file that is hashed. Months 1-24 of a learner's data are below 2 MB
PICTURE_BYTES = 16 << 20  # a picture that a run logged
PICTURE_PIXELS = 36_000_000  # pixels of a picture that is read: 6,000 x 6,000
PICTURE_CHUNKS = 20_000  # chunks of a PNG file. Most writers make one for every 8 KiB or more
PICTURES = 50  # pictures of one run that are looked at
LISTING_BYTES = 8 << 20  # the listing of a tracked folder (a `.dir` object)
LISTING_FILES = 20_000  # files in a tracked folder
FOLDER_ENTRIES = 20_000  # names in one folder that are looked at
OPEN_FOLDERS = 16  # folders of a submission that are held open while it is read
LINK_HOPS = 16  # symbolic links that are followed in one path, all of them inside the submission
YAML_DEPTH = 100  # nested collections in a YAML document: the C parser recurses and would end the process
YAML_NODES = 200_000  # nodes of a YAML document after its aliases were expanded
COMMITS = 20_000  # commits of a branch that are walked
TREE_ENTRIES = 20_000  # files of one commit that are listed
TAGS = 5_000  # tags of a repository that are looked at
COMMIT_BYTES = 64 << 10  # one commit: its message and the ids of its parents
LOOSE_OBJECTS = 200_000  # loose objects of a repository
LOOSE_OBJECT_BYTES = 64 << 20  # one loose object, compressed: libgit2 reads it into memory whole
IGNORE_PATTERNS = 2_000  # lines of one `.gitignore`
PROJECT_PACKAGES = 2_000  # packages in one environment file of an MLflow project
KEYED_ENTRIES = 100_000  # files and folders of a submission that are looked through for its cache key
SENT_BYTES = 256 << 20  # a submission that is sent to another machine
ARCHIVE_BYTES = 2 << 30  # all files of an archive, unpacked
# Padding behind the end of a tar: programs fill it up to blocks of 10 kB, or of a size that they were given.
ARCHIVE_PADDING_BYTES = 4 << 20
ARCHIVE_RATIO = 200  # unpacked bytes for each byte of an archive; the first MiB counts whole, as text packs well
ARCHIVE_ENTRIES = 30_000  # files and folders in an archive
ARCHIVE_DEPTH = 40  # folders within each other in an archive
EXPORTED_COMMIT_BYTES = 256 << 20  # all files of a commit that is written out for a rebuild
EXPORTED_BYTES = 16 << 20  # one file of a commit that is written out for a rebuild
ARCHIVE_HEADER_BYTES = 1 << 16  # bytes of an archive that are read at once: a member's extended header is read whole
ZSTD_WINDOW_LOG = 27  # how far a `.tar.zst` may look back, as a power of two: 128 MiB, the limit of `zstd` itself
# A Git bundle. Its pack is read into memory whole: the course with a learner's work takes 2 MB.
BUNDLE_BYTES = 128 << 20
BUNDLE_HEADER_BYTES = 2 << 20  # the header of a bundle: a line for each branch and tag
BUNDLE_LINE_BYTES = 4_200  # one of these lines
PACK_OBJECTS = 200_000  # objects in the pack of a bundle
PACK_BYTES = 256 << 20  # all objects in the pack of a bundle, unpacked
MANIFEST_BYTES = 8 << 20  # the manifest of an archive that `mlsd submit` made: 200 bytes for each file in it
DOCKERFILE_LINES = 2_000  # lines of a Dockerfile
IMAGE_ENTRIES = 1_000  # layers, labels, variables, names or history entries of an image
IMAGE_DOCUMENT_BYTES = 4 << 20  # a JSON document in an image's archive
IMAGE_ARCHIVE_BYTES = 2 << 30  # an image's archive, unpacked
IMAGE_ARCHIVE_MEMBERS = 5_000  # files in an image's archive: a few for each layer
REQUIREMENTS = 2_000  # requirements of one pip file and those that it includes
# Processor time to read and judge one submission. Honest work takes less than a hundredth of it: processor seconds
# are longer on a machine whose cores share their units with others' work, but never by so much.
SUBMISSION_SECONDS = 30.0
# The same where it is rebuilt: laying out clones, watching sandboxes and reading what they made is ours to do as
# well. What runs in a sandbox has limits of its own.
REBUILT_SUBMISSION_SECONDS = 120.0
# Time by the clock for one submission, after which its process is ended: for what waits and takes no processor time.
SUBMISSION_WALL_SECONDS = 240.0
# The same where it is rebuilt: a task may have several runs, each with limits of its own.
REBUILT_SUBMISSION_WALL_SECONDS = 4 * 3600.0
# Memory that reading one submission may take, beside what its process has and the files that it maps.
SUBMISSION_BYTES = 400 << 20
CONDA_TEXT = 2_000  # characters of one conda spec, one requirement, one address
CONDA_SPECS = 2_000  # dependencies in an environment file
CONDA_LOCK_BYTES = 4 << 20  # a lock file: 400 packages on five platforms take 1 MB
CONDA_PACKAGES = 10_000  # packages in a lock file, all platforms together
CONDA_RECORD_BYTES = 8 << 20  # one record in `conda-meta`: it lists every file of its package
CONDA_RECORDS = 1_500  # records in `conda-meta`
MLFLOW_STORE_BYTES = 64 << 20  # an MLflow store in SQLite, and its write-ahead log: 100,000 metric values take 12 MB
MLFLOW_ROWS = 250_000  # rows of one table of an MLflow store that are read, and values of all metrics of a file store
MLFLOW_TEXT = 1 << 20  # bytes of one value in an MLflow store
MLFLOW_STEPS = 40_000_000  # instructions of SQLite's machine for reading a store: about a second
MLFLOW_FILES = 50_000  # files of a file store that are opened
MLFLOW_DEPTH = 24  # folders within each other among the artifacts of a run
MLFLOW_ARTIFACTS = 20_000  # artifacts of one run or model that are listed
MLFLOW_COLUMNS = 10_000  # columns of a model's signature
MLFLOW_SERVER_SECONDS = 20.0  # time that a tracking server has for all its answers
MLFLOW_SERVER_BYTES = 64 << 20  # all answers of a tracking server together, without artifacts
MLFLOW_PAGES = 500  # pages of one list that a tracking server may send
MESSAGE_LENGTH = 2_000  # characters of each line of a verdict: a quoted text may have no end
STAGES = 2_000  # stages of a pipeline, `foreach` and `matrix` written out
STAGE_TEXT = 1 << 20  # characters of a pipeline after its templates were filled in
TABLE_ROWS = 200_000  # rows of a CSV file. Three months of a learner's data are about 2,200
TABLE_BYTES = 32 << 20  # a CSV file that is read row by row
# A gradebook or worksheet that an instructor exported: 10,000 learners with 100 grades take 6 MB.
GRADEBOOK_BYTES = 16 << 20
ROSTER_BYTES = 16 << 20  # a roster: 10,000 learners take about 1 MB
ROSTER_LEARNERS = 100_000  # learners in a roster
ROSTER_CELL = 1_000  # characters of one cell of a roster
FINDING_NAMES = 20  # other submissions that one finding names
FINGERPRINT_ITEMS = 40  # runs, commits, outputs or data files of one task that a fingerprint holds
FINGERPRINT_TEXT = 200  # characters of one path or id in a fingerprint
FINGERPRINT_COMMITS = 2_000  # commits of a learner's own that are looked at for a fingerprint
SCRIPTS = 30  # Python files of one task that are compared with those of others
SCRIPT_BYTES = 64 << 10  # one of them. Larger ones are left out: the largest of the course has 4 kB
