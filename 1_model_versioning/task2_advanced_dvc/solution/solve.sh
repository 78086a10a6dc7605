# What a learner types, in the task folder, after `mlsd start 1.2`.
finished=$(dirname "$0")

# 1. Describe the stages
dvc init --subdir
dvc add data/rentals.csv
cp "$finished"/pipeline/*.py pipeline/
sed 1d "$finished"/stages.yaml > dvc.yaml
git add dvc.yaml params.yaml pipeline data/rentals.csv.dvc data/.gitignore ../../learner.toml
git commit -m "Describe the pipeline"

# 3. Run and lock
dvc repro
git add dvc.lock metrics.json .gitignore data/.gitignore data/prepared/.gitignore model/.gitignore
git commit -m "Run the pipeline: a small forest"

# 6. Compare
dvc exp run --set-param train.max_depth=12 --set-param train.n_estimators=40
git add params.yaml dvc.lock metrics.json
git commit -m "Grow the forest"
