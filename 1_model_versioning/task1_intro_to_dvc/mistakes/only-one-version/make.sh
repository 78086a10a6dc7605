git rebase --quiet --onto data-v1.0.0 data-v1.1.0
git tag --delete data-v1.1.0
