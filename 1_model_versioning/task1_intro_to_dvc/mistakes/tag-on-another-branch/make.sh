git commit --quiet --amend --allow-empty --message "Add the storage as default remote, amended"
git tag --force data-v1.1.0 "HEAD@{1}"
