old=$(sed -n 's/.*image.revision": "\([0-9a-f]*\)".*/\1/p' image.json | head -n 1)
sed -i 's/^pandas==.*/pandas==3.*/' requirements.txt
git commit --quiet --all --message "Allow newer versions"
sed -i "s/$old/$(git rev-parse HEAD)/" image.json image-history.json
git commit --quiet --all --message "Describe the image again"
