rm -rf ../../.storage
dvc push --quiet
