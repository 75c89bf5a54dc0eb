# What is known, and from where.
abiscope target show debian:10/amd64
