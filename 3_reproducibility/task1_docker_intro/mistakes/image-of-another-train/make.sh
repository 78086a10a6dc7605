old=$(sed -n 's/.*image.revision": "\([0-9a-f]*\)".*/\1/p' image.json | head -n 1)
sed -i 's/n_estimators=30/n_estimators=5/' train.py
git commit --quiet --all --message "A smaller forest"
sed -i "s/$old/$(git rev-parse HEAD)/" image.json image-history.json
git commit --quiet --all --message "Describe the image again"
