dvc remote add backup s3://bike-share/rentals
dvc remote modify backup access_key_id NOT-A-REAL-KEY
dvc remote modify backup secret_access_key not-a-real-secret
git add .dvc/config
git commit --quiet --message "Add a backup"
dvc remote remove backup
git add .dvc/config
git commit --quiet --message "Remove the backup, and its key with it"
