python - <<'END'
import sqlite3

store = sqlite3.connect("mlflow.db")
for table in ("model_versions", "model_version_tags", "registered_model_aliases"):
    store.execute(f"delete from {table} where version = 2")
store.commit()
END
