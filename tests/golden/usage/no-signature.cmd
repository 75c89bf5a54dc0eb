abiscope call
