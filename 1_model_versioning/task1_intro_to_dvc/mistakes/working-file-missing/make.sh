rm data/rentals.csv
