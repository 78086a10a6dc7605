git add --force data/rentals.csv
git commit --quiet --message "Add the data"
git rm --quiet --cached data/rentals.csv
git commit --quiet --message "Remove the data again"
