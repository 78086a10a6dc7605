dvc init --quiet --subdir
git commit --quiet --message "Initialise DVC"
python -c "
from pathlib import Path
data = Path('data/rentals.csv')
data.write_bytes(data.read_bytes().replace(b'\n', b'\r\n'))
"
dvc add --quiet data/rentals.csv
git add data/rentals.csv.dvc data/.gitignore ../../learner.toml
git commit --quiet --message "Track month 1 of the rentals"
