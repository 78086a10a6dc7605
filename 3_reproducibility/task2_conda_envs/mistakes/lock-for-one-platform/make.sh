rm conda-lock.yml
conda-lock lock --file environment.yml --platform linux-64
git commit --quiet --all --message "Update the environment"
