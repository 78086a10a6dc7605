sed -i.bak 's/type: float, default: 20/default: 20/' MLproject
rm MLproject.bak
git commit --quiet --all --message "Simpler"
