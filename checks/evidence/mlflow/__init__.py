"""MLflow's evidence, read without MLflow: its stores, a tracking server, logged models, projects."""
