git rm --quiet --cached metrics.json
git commit --quiet --all --message "Update the environment"
