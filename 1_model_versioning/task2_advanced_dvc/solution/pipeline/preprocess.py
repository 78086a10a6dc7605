"""Stage `preprocess`: clean the rentals, and split them into training and test rows.

Reads   data/rentals.csv
Writes  data/prepared/cleaned.csv, data/prepared/train.csv, data/prepared/test.csv
"""

from pathlib import Path

import pandas as pd
import yaml
from sklearn.model_selection import train_test_split

DATA = Path("data/rentals.csv")
PREPARED = Path("data/prepared")


def main() -> None:
    split = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))["split"]
    rentals = pd.read_csv(DATA)
    cleaned = rentals.drop_duplicates()
    cleaned = cleaned.fillna({"humidity_pct": cleaned["humidity_pct"].median()})
    train, test = train_test_split(cleaned, test_size=split["test_share"], random_state=split["seed"])
    PREPARED.mkdir(parents=True, exist_ok=True)
    cleaned.to_csv(PREPARED / "cleaned.csv", index=False)
    train.to_csv(PREPARED / "train.csv", index=False)
    test.to_csv(PREPARED / "test.csv", index=False)


if __name__ == "__main__":
    main()
