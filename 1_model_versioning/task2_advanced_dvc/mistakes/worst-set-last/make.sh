dvc exp run --quiet --set-param train.max_depth=2
git commit --quiet --all --message "A simple model"
