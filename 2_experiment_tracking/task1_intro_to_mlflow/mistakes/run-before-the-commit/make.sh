first=$(git log --diff-filter=A --max-count=1 --format=%H -- track.py)
before=$(git rev-parse "$first^")
python - <<END
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE tags SET value = '$before' WHERE key = 'mlflow.source.git.commit'")
END
