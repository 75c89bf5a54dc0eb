# The interpreter's name ends in a carriage return.
abiscope check fixtures/other/script-with-returns --target debian:12/amd64
