for packages in env/lib/python3*/site-packages; do
  mkdir "$packages/tabulate-0.9.0.dist-info"
  printf "Metadata-Version: 2.1\nName: tabulate\nVersion: 0.9.0\n" > "$packages/tabulate-0.9.0.dist-info/METADATA"
done
