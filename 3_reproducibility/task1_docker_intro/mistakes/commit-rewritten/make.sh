git reset --quiet --soft HEAD~1
git commit --quiet --amend --message "Leave nothing to chance, and describe the image"
