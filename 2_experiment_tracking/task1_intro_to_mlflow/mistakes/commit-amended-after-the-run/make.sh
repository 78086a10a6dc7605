# The commit as it was before somebody changed its message: no branch leads to it.
amended=$(git log --max-count=1 --format=%H -- track.py)
gone=$(git commit-tree -p "$amended^" -m "Track the forecast" "$amended^{tree}")
python - <<END
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE tags SET value = '$gone' WHERE key = 'mlflow.source.git.commit'")
END
