echo "prefix: /home/colleague/miniconda3/envs/reproducibility-env" >> environment.yml
git commit --quiet --all --message "Update the environment"
