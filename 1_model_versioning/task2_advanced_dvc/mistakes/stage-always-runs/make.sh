sed -i.bak 's/^    cmd: python pipeline.evaluate.py/&\n    always_changed: true/' dvc.yaml
rm dvc.yaml.bak
dvc repro --quiet
git commit --quiet --all --message "Always evaluate"
