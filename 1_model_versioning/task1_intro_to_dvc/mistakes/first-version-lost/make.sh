both=$(git commit-tree -p data-v1.0.0^ -m "Track the rentals" "data-v1.1.0^{tree}")
git rebase --quiet --onto "$both" data-v1.1.0
