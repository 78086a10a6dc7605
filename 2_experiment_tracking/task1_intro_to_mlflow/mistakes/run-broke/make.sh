python - <<'END'
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE runs SET status = 'FAILED'")
END
