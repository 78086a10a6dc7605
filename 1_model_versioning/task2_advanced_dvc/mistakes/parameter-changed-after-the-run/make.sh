sed -i.bak 's/max_depth: 12/max_depth: 13/' params.yaml
rm params.yaml.bak
git commit --quiet --all --message "Deeper trees"
