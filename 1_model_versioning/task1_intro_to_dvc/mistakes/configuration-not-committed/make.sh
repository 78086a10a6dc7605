git rm --quiet --cached .dvc/config
git commit --quiet --message "Clean up"
