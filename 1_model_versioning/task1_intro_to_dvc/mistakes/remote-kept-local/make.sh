dvc remote remove storage
git add .dvc/config
git commit --quiet --message "Keep the remote to myself"
dvc remote add --quiet --local --default storage ../../.storage
