git rm --quiet --cached dvc.yaml
git commit --quiet --message "Clean up"
