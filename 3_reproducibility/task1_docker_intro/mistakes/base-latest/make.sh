sed -i 's/^FROM .*/FROM python:latest/' Dockerfile
git commit --quiet --all --message "Change the Dockerfile"
