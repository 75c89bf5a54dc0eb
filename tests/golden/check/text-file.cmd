# A file that is no program.
cp fixtures/other/text text
chmod 755 text
abiscope check text --target debian:12/amd64
