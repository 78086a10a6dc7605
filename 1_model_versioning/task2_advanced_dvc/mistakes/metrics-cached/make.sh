git rm --quiet --cached metrics.json
sed -i.bak 's/metrics.json:/metrics.json/; /cache: false/d' dvc.yaml
rm dvc.yaml.bak
dvc repro --quiet --force
git add .gitignore
git commit --quiet --all --message "Keep the metrics with the data"
