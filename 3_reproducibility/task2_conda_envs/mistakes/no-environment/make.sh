rm -rf env
