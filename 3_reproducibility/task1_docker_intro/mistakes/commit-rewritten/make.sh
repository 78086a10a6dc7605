old=$(sed -n 's/.*image.revision": "\([0-9a-f]*\)".*/\1/p' image.json | head -n 1)
git rebase --quiet --autostash --signoff "$old^"
