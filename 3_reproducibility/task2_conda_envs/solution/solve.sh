# What a learner types, in the task folder, after `mlsd start 3.2`.

# 1. Pin the environment: to the versions that fit together today, as `--dry-run` shows them
pins=$(conda env create --dry-run --file environment.yml | sed -n -E 's/.*::(python|numpy|scikit-learn)==([^=]+)=.*/  - \1=\2/p')
cat > environment.yml <<END
name: reproducibility-env
channels:
  - conda-forge
dependencies:
$pins
END
git add environment.yml
git commit -m "Pin the environment"

# 2. Lock every package
conda-lock lock --file environment.yml --platform linux-64 --platform osx-arm64
git add conda-lock.yml
git commit -m "Lock the environment"

# 3. Create the environment
conda-lock install --prefix ./env conda-lock.yml

# 4. Train in it
env/bin/python train.py
git add train.py metrics.json ../../learner.toml
git commit -m "Train in the locked environment"
