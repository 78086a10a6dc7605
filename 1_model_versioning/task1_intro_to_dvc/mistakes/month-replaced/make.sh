git rebase --quiet --onto data-v1.0.0 data-v1.1.0
git tag --delete data-v1.1.0
cp incoming/rentals-2025-02.csv data/rentals.csv
dvc add --quiet data/rentals.csv
git add data/rentals.csv.dvc
git commit --quiet --message "Update the rentals"
