rm -rf .dvc/cache
