# What a learner types, in the task folder, after `mlsd start 1.1`.

# 1. Initialise DVC
dvc init --subdir
git commit -m "Initialise DVC"

# 2. Track the first month
dvc add data/rentals.csv
git add data/rentals.csv.dvc data/.gitignore append_month.py ../../learner.toml
git commit -m "Track month 1 of the rentals"

# 3. Add the second month
python append_month.py incoming/rentals-2025-02.csv
dvc add data/rentals.csv
git add data/rentals.csv.dvc
git commit -m "Add month 2 of the rentals"

# 4. Name the versions
git tag data-v1.0.0 HEAD~1
git tag data-v1.1.0 HEAD

# 5. Share the data
dvc remote add --default storage ../../.storage
git add .dvc/config
git commit -m "Add the storage as default remote"
dvc push
git restore --source data-v1.0.0 data/rentals.csv.dvc
dvc push
git restore data/rentals.csv.dvc
rm data/rentals.csv
rm -rf .dvc/cache

# 6. Restore every version
git restore --source data-v1.0.0 data/rentals.csv.dvc
dvc pull
git restore data/rentals.csv.dvc
dvc pull
