abiscope man chekc
