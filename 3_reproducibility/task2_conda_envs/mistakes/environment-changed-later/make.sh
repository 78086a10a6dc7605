sed -i "s/scikit-learn=.*/scikit-learn=1.6.1/" environment.yml
git commit --quiet --all --message "Update the environment"
