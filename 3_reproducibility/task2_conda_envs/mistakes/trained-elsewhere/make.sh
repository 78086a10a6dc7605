python train.py
git commit --quiet --all --message "Update the environment"
