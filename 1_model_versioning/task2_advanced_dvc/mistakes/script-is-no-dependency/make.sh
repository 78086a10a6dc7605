python - <<'END'
from pathlib import Path

file = Path("dvc.yaml")
file.write_text(file.read_text().replace("train.csv\n      - pipeline/train.py\n", "train.csv\n", 1))
END
git commit --quiet --all --message "Simplify"
