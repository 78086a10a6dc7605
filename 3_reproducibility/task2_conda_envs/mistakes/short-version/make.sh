sed -i -E "s/numpy=2\.3\.[0-9]+/numpy=2.3/" environment.yml
git commit --quiet --all --message "Update the environment"
