sed -i.bak 's/random_state=params\["seed"\]/random_state=None/' pipeline/train.py
rm pipeline/train.py.bak
dvc repro --quiet
git commit --quiet --all --message "Train freely"
