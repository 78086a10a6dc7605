sed -i "s/^channels:/channels:\n  - defaults/" environment.yml
git commit --quiet --all --message "Update the environment"
