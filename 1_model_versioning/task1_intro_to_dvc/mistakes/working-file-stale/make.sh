git restore --source data-v1.0.0 data/rentals.csv.dvc
dvc checkout --quiet --force || dvc pull --quiet --force
git restore data/rentals.csv.dvc
