sed -i 's/"User": "learner"/"User": "ada"/' image.json
git commit --quiet --all --message "Mend the description"
