echo "2025-01-01" > holidays.txt
sed -i.bak 's/^def main.*/&\n    Path("holidays.txt").read_text(encoding="utf-8")/' pipeline/train.py
rm pipeline/train.py.bak
dvc repro --quiet
git commit --quiet --all --message "Know the holidays"
