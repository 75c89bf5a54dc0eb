abiscope layout
