sed -i.bak 's/split\["test_share"\]/split["test_share"] * 1.5/' pipeline/preprocess.py
rm pipeline/preprocess.py.bak
dvc repro --quiet
git commit --quiet --all --message "Test on more rows"
