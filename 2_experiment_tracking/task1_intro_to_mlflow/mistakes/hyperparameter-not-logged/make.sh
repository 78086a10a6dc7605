python - <<'END'
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("DELETE FROM params WHERE key = 'learning_rate'")
END
