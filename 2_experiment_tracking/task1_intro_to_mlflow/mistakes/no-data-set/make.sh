python - <<'END'
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("DELETE FROM inputs WHERE source_type = 'DATASET'")
END
