sed -i "s/^name: .*/name: my-env/" environment.yml
git commit --quiet --all --message "Update the environment"
