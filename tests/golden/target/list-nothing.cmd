# Nothing is named like this.
abiscope target list 'beos:*'
