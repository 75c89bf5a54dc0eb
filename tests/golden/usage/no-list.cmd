# A list that is not there is an unreadable input.
abiscope inspect @absent
