old=$(git rev-parse HEAD~1)
sed -i 's/^scikit-learn==.*/scikit-learn>=1.6/' requirements.txt
git commit --quiet --all --message "Allow newer versions"
sed -i "s/$old/$(git rev-parse HEAD)/" image.json image-history.json
git commit --quiet --all --message "Describe the image again"
