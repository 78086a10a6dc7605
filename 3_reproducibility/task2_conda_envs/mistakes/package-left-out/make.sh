sed -i "s/^import numpy/import tabulate\nimport numpy/" train.py
conda install --quiet --yes --prefix ./env tabulate=0.9.0
env/bin/python train.py
git commit --quiet --all --message "Update the environment"
rm -rf env
conda-lock install --prefix ./env conda-lock.yml
