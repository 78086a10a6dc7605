git rm --quiet --cached dvc.lock
git commit --quiet --message "Keep the lock to myself"
