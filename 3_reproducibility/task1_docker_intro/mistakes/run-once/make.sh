rm -rf output-again
