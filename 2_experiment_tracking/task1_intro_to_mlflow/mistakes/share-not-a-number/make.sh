python - <<'END'
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE params SET value = 'one fifth' WHERE key = 'test_share'")
END
