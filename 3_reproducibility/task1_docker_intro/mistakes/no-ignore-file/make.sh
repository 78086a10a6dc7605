git rm --quiet .dockerignore
git commit --quiet --message "Ignore nothing"
