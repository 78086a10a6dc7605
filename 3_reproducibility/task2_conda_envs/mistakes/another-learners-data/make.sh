python -c "
from pathlib import Path
from checks.core import data
Path('data/rentals.csv').write_bytes(data.months('eve@example.org', 3))
"
env/bin/python train.py
git commit --quiet --all --message "Update the environment"
