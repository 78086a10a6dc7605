sed -i 's/^FROM .*/FROM python:slim/' Dockerfile
git commit --quiet --all --message "Change the Dockerfile"
