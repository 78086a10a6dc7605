sed -i "s/n_estimators=50/n_estimators=40/" train.py
git commit --quiet --all --message "Update the environment"
