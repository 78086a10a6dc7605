python - <<'END'
import sqlite3

store = sqlite3.connect("mlflow.db")
store.execute("update tags set value = ? where key = 'mlflow.source.git.commit'", ["9" * 40])
store.execute("update datasets set digest = ?", ["0123456789abcdef" * 2])
store.commit()
END
