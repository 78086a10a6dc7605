dvc init --quiet --subdir
git commit --quiet --message "Initialise DVC"
dvc add --quiet data/rentals.csv
