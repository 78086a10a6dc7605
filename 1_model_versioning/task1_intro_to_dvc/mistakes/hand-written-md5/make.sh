dvc init --quiet --subdir
git commit --quiet --message "Initialise DVC"
cat > data/rentals.csv.dvc <<'END'
outs:
- md5: 0123456789abcdef0123456789abcdef
  size: 29838
  hash: md5
  path: rentals.csv
END
echo /rentals.csv > data/.gitignore
git add data/rentals.csv.dvc data/.gitignore ../../learner.toml
git commit --quiet --message "Track month 1 of the rentals"
