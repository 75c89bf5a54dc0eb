# One family of the catalogue.
abiscope target list 'debian:*'
