python - <<'END'
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE runs SET start_time = start_time - 3600000")
END
