python - <<'END'
import sqlite3

store = sqlite3.connect("mlflow.db")
store.execute("update registered_model_aliases set version = 3 - version")
store.commit()
END
