abiscope chekc program
