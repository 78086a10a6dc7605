sed -i -E "s/python=3\.11\..*/python=3.11/" environment.yml
git commit --quiet --all --message "Update the environment"
