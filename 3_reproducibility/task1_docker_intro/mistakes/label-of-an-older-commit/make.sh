old=$(sed -n 's/.*image.revision": "\([0-9a-f]*\)".*/\1/p' image.json | head -n 1)
sed -i "s/$old/$(git log -1 --format=%H -- .dockerignore)/" image.json image-history.json
git commit --quiet --all --message "Describe the image again"
