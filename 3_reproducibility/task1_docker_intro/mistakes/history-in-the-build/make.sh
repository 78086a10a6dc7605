printf '.venv\nvenv\n__pycache__\n.*cache\noutput*\nimage*\n' > .dockerignore
git commit --quiet --all --message "List what is kept out"
