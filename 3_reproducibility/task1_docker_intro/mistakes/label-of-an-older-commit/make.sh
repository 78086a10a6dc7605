sed -i "s/$(git rev-parse HEAD~1)/$(git rev-parse HEAD~2)/" image.json image-history.json
git commit --quiet --all --message "Describe the image again"
