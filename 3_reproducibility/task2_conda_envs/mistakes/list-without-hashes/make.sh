git rm --quiet conda-lock.yml
conda list --prefix ./env --explicit > conda-linux-64.txt
git add conda-linux-64.txt
git commit --quiet --all --message "Update the environment"
