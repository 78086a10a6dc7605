git add --force .dvc/cache
git commit --quiet --message "Add everything"
