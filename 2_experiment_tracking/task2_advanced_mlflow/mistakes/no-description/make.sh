python - <<'END'
import sqlite3

store = sqlite3.connect("mlflow.db")
store.execute("update model_versions set description = '' where version = 2")
store.commit()
END
