echo 50 > trees.txt
sed -i "s/n_estimators=50/n_estimators=int(Path('trees.txt').read_text())/" train.py
env/bin/python train.py
git commit --quiet --all --message "Update the environment"
