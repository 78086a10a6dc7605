# What a learner types, in the task folder, after `mlsd start 2.2`. The finished files lie beside this script.
here=$(dirname "$0")

# 1. Search a grid
cp "$here/tune.py" .
git add .gitignore tune.py ../../learner.toml
git commit -m "Search a grid of hyperparameters"
python tune.py

# 2. Keep the best run
git add best_run.json
git commit -m "Keep the best run of the grid"

# 3. Register two versions
cp "$here/register.py" .
python register.py
git add register.py
git commit -m "Register the two best models"

# 4. Name the champion
cp "$here/promote.py" .
python promote.py champion=1 challenger=2
git add promote.py
git commit -m "Name champion and challenger"

# 5. Make it a project
cp "$here/MLproject" .
{
  echo 'python: "3.11"'
  echo 'dependencies:'
  pip list --format freeze | grep -E '^(mlflow|pandas|scikit-learn|skops)==' | sed 's/^/  - /'
} > python_env.yaml
git add MLproject python_env.yaml
git commit -m "Make the search an MLflow project"

# 6. Serve the champion
cp "$here/ask.py" .
port=$(python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mlflow models serve -m models:/bike-demand@champion --env-manager local --port "$port" > serve.log 2>&1 &
server=$!
trap 'kill "$server" && wait "$server" || true' EXIT
python - "$port" <<'END'
import sys, time, urllib.error, urllib.request

for _ in range(600):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/ping", timeout=2)
        break
    except (urllib.error.URLError, OSError):
        time.sleep(0.5)
else:
    sys.exit(open("serve.log").read())
END
python ask.py "$port"
rm serve.log
git add ask.py prediction.json
git commit -m "Ask the served champion"
