python - <<'END'
import sqlite3

store = sqlite3.connect("mlflow.db")
store.execute("delete from model_version_tags where version = 2")
store.commit()
END
