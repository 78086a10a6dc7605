git reset --quiet --soft "$(git log --format=%H --grep='Describe the pipeline')"
git commit --quiet --message "Run the pipeline"
