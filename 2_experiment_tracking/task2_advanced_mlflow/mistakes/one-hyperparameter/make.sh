python - <<'END'
import sqlite3

store = sqlite3.connect("mlflow.db")
store.execute("update params set value = '1' where key = 'min_samples_leaf'")
store.commit()
END
