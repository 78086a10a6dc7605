sed -i "s/^  version: 2.3.5$/  version: 2.3.4/" conda-lock.yml
sed -i "s/numpy=2.3.5/numpy=2.3.4/" environment.yml
git commit --quiet --all --message "Update the environment"
