sed -i 's/^FROM .*/FROM python/' Dockerfile
git commit --quiet --all --message "Change the Dockerfile"
