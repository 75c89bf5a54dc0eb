abiscope target shwo
