git reset --quiet --hard data-v1.0.0
git tag --delete data-v1.1.0
