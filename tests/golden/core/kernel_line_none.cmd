abiscope core --kernel-line 'hello'
