git commit --quiet --amend --message "Track the first forecast, with a better message"
