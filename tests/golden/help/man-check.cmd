abiscope man check
