sed -i "s/numpy=.*/numpy>=2/" environment.yml
git commit --quiet --all --message "Update the environment"
