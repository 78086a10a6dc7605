"""Times side by side, as ratios: commands, not tests."""
