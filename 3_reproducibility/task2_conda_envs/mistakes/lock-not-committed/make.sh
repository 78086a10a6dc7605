git rm --quiet --cached conda-lock.yml
git commit --quiet --all --message "Update the environment"
