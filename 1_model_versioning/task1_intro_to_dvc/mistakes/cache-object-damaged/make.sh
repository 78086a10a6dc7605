object=$(find .dvc/cache/files/md5 -type f -size +40k | head -n 1)
chmod u+w "$object"
echo "2025-01-01T00:00,1.0,50,10.0,0,1,99999" >> "$object"
