printf 'id = "eve@example.org"\nname = "Eve"\n' > ../../learner.toml
git commit --quiet --all --message "My work"
