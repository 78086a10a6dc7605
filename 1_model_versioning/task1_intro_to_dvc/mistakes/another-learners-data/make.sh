printf 'id = "eve@example.org"\nname = "Eve"\n' > ../../learner.toml
git add ../../learner.toml
git commit --quiet --message "My work"
