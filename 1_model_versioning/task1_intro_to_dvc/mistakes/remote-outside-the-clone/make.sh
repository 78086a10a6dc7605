dvc remote modify storage url ../../../elsewhere
git add .dvc/config
git commit --quiet --message "Move the storage"
