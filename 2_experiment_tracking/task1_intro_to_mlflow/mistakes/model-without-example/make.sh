python - <<'END'
from pathlib import Path

import yaml

for file in Path("mlruns").glob("*/models/*/artifacts/MLmodel"):
    model = yaml.safe_load(file.read_text())
    del model["saved_input_example_info"]
    file.write_text(yaml.safe_dump(model))
END
