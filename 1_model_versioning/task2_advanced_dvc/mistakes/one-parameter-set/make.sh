first=$(git log --format=%H --diff-filter=A -- dvc.lock)
last=$(git log --format=%H --max-count=1 -- dvc.lock)
once=$(git commit-tree -p "$first^" -m "Run the pipeline" "$last^{tree}")
git rebase --quiet --onto "$once" "$last"
