git rm --quiet .dvc/.gitignore
git commit --quiet --message "Remove a file that looked superfluous"
