rm -rf ../../.storage
