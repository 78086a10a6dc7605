commit=$(git rev-parse HEAD~1)
python - <<END
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE tags SET value = '$commit' WHERE key = 'mlflow.source.git.commit'")
END
