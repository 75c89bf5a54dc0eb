abiscope completion ksh
