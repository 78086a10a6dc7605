git add --force data/rentals.csv
git commit --quiet --message "Add the data"
