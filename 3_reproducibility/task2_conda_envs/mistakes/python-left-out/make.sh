sed -i "/python=/d" environment.yml
git commit --quiet --all --message "Update the environment"
