sed -i.bak 's/==/>=/' python_env.yaml
rm python_env.yaml.bak
git commit --quiet --all --message "Any version"
