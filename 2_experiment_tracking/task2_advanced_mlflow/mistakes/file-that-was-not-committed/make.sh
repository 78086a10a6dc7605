echo 'EXPERIMENT = "bike-demand"' > settings.py
sed -i 's/^EXPERIMENT = .*/from settings import EXPERIMENT/' tune.py
git commit --quiet --message "Move the settings" tune.py
